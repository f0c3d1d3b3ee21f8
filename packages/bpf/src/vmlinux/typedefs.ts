/** Names of the kernel for scalar types, each as a declaration of what it is. */

export const typedefs: Readonly<Record<string, string>> = {
  bool: '_Bool b',
  u8: '__u8 v', s8: '__s8 v', u16: '__u16 v', s16: '__s16 v', u32: '__u32 v', s32: '__s32 v', u64: '__u64 v',
  s64: '__s64 v',
  __u8: 'unsigned char v', __s8: 'signed char v', __u16: 'unsigned short v', __s16: 'short v',
  __u32: 'unsigned int v', __s32: 'int v', __u64: 'unsigned long long v', __s64: 'long long v',
  __be16: '__u16 v', __be32: '__u32 v', __wsum: '__u32 v', __sum16: '__u16 v',
  size_t: 'unsigned long v', ssize_t: 'long v', loff_t: 'long long v', umode_t: 'unsigned short v',
  dev_t: '__u32 v', fmode_t: 'unsigned int v', gfp_t: 'unsigned int v', pid_t: 'int v', uid_t: 'unsigned int v',
  gid_t: 'unsigned int v', key_serial_t: '__s32 v', key_perm_t: '__u32 v', blkcnt_t: 'u64 v', time64_t: '__s64 v',
  sector_t: 'u64 v',
  vm_flags_t: 'unsigned long v', kuid_t: 'struct anon_kuid_t v', kgid_t: 'struct anon_kgid_t v',
  kernel_cap_t: 'struct anon_kernel_cap_t v', sockptr_t: 'struct anon_sockptr_t v',
  key_ref_t: 'struct __key_reference_with_attributes *v',
  possible_net_t: 'struct anon_possible_net_t v',
  sa_family_t: 'unsigned short v', bpf_callback_t: 'u64 (*v)(u64, u64, u64, u64, u64)',
  refcount_t: 'struct refcount_struct v',
  atomic_t: 'struct anon_atomic_t v', atomic64_t: 'struct anon_atomic64_t v', atomic_long_t: 'atomic64_t v',
  sigset_t: 'struct anon_sigset_t v',
  kernel_siginfo_t: 'struct kernel_siginfo v', cpumask_t: 'struct cpumask v', __kernel_pid_t: 'int v',
  __kernel_uid32_t: 'unsigned int v',
}
