/** LSM hooks by what a program may do on them. */
import { ownValue } from '@lsmkit/abi'
import type { KernelProfile } from '../../kernels/profile.ts'
import type { Span } from '../../kernels/releases.ts'
import { between, from, isWithin, until } from '../../kernels/releases.ts'

/** Hooks that may sleep: `lsm.s/` programs attach to these alone. */
const sleepableHooks: ReadonlySet<string> = new Set([
  'capget', 'capset', 'syslog', 'settime', 'bprm_creds_for_exec', 'bprm_creds_from_file', 'bprm_check_security',
  'bprm_committing_creds', 'bprm_committed_creds', 'sb_alloc_security', 'sb_eat_lsm_opts', 'sb_remount',
  'sb_kern_mount', 'sb_show_options', 'sb_statfs', 'sb_mount', 'sb_umount', 'sb_set_mnt_opts', 'path_unlink',
  'path_mkdir', 'path_rmdir', 'path_truncate', 'path_symlink', 'path_link', 'path_rename', 'path_chmod', 'path_chown',
  'path_notify', 'inode_free_security', 'inode_create', 'inode_unlink', 'inode_symlink', 'inode_rmdir', 'inode_mknod',
  'inode_rename', 'inode_readlink', 'inode_setattr', 'inode_getattr', 'inode_setxattr', 'inode_post_setxattr',
  'inode_getxattr', 'inode_need_killpriv', 'kernfs_init_security', 'file_ioctl', 'mmap_file', 'file_lock',
  'file_receive', 'file_open', 'file_post_open', 'task_alloc', 'cred_prepare', 'kernel_module_request',
  'kernel_read_file', 'current_getsecid_subj', 'task_getsecid_obj', 'task_setscheduler', 'task_prctl', 'userns_create',
  'netlink_send', 'release_secctx', 'socket_create', 'socket_post_create', 'socket_socketpair', 'socket_bind',
  'socket_connect', 'socket_listen', 'socket_accept', 'socket_sendmsg', 'socket_recvmsg', 'socket_getsockname',
  'socket_getpeername', 'socket_getsockopt', 'socket_shutdown', 'socket_getpeersec_dgram', 'bpf', 'bpf_map', 'bpf_prog',
  'bpf_map_create', 'bpf_map_free', 'bpf_prog_load', 'bpf_token_create', 'bpf_token_free', 'bpf_token_cmd',
  'bpf_token_capable',
])

/** Hooks that no program may attach to, if there is no line for them below. */
const disabledHooks: ReadonlySet<string> = new Set([
  'vm_enough_memory', 'inode_need_killpriv', 'inode_getsecurity', 'inode_listsecurity', 'inode_copy_up_xattr',
  'getselfattr', 'getprocattr', 'setprocattr', 'key_getsecurity', 'audit_rule_match', 'ismaclabel',
])

const disabledOnce: Readonly<Record<string, readonly Span[]>> = {
  file_alloc_security: [from('7.3')], xfrm_decode_session: [between('6.12', '6.18'), from('7.3')],
}

/** Whether no program may attach to the hook in that release. */
export const isDisabledHook = ({ release, features }: KernelProfile, hook: string): boolean => {
  if (!features.disabledHooks) return false
  const once = ownValue(disabledOnce, hook)
  return once === undefined ? disabledHooks.has(hook) : once.some((span) => isWithin(span, release))
}

/** Hooks whose arguments are not to be trusted: objects that are being built or torn down. */
const untrustedHooks: ReadonlySet<string> = new Set([
  'bpf_map_free', 'bpf_prog_free', 'file_alloc_security', 'file_free_security', 'sk_alloc_security', 'sk_free_security',
  'task_free',
])

export const hasUntrustedArguments = ({ features }: KernelProfile, hook: string): boolean =>
  untrustedHooks.has(hook) || (features.untrustedDevices && /^bdev_(alloc|free)_security$/.test(hook))

/** Hooks that answer 0 or 1. */
export const booleanHooks: ReadonlySet<string> =
  new Set(['xfrm_state_pol_flow_match', 'audit_rule_known', 'inode_xattr_skipcap'])

/** Cgroup programs may use the socket option helpers here: with the socket locked, or before anyone else sees it. */
export const lockedSocketHooks: ReadonlySet<string> = new Set(['sock_graft', 'inet_csk_clone', 'inet_conn_established'])
export const earlySocketHooks: ReadonlySet<string> = new Set(['socket_post_create', 'socket_socketpair'])

/** The kernel has other functions whose names begin with `bpf_lsm_`: no program attaches to them. */
export const notHooks: ReadonlySet<string> = new Set([
  'find_cgroup_shim', 'func_proto', 'get_retval_range', 'has_d_inode_locked', 'hook_returns_errno', 'init',
  'is_sleepable_hook', 'is_trusted', 'verify_prog',
])

/** Hooks where programs of earlier releases may not sleep yet, and those of earlier releases alone. */
const sleepableOnce: Readonly<Record<string, Span>> = {
  ...Object.fromEntries([
    'bpf_map_create', 'bpf_map_free', 'bpf_prog_load', 'bpf_token_capable', 'bpf_token_cmd', 'bpf_token_create',
    'bpf_token_free', 'file_post_open',
  ].map((hook) => [hook, from('6.12')])),
  ...Object.fromEntries([
    'path_chmod', 'path_chown', 'path_link', 'path_mkdir', 'path_rename', 'path_rmdir', 'path_symlink', 'path_truncate',
    'path_unlink',
  ].map((hook) => [hook, from('6.6')])),
  bpf_map_alloc_security: until('6.12'), bpf_map_free_security: until('6.12'), key_free: until('6.12'),
  inode_removexattr: from('6.18'), inode_post_removexattr: from('6.18'),
  bdev_alloc_security: from('7.3'), bdev_setintegrity: from('7.3'),
  bpf_prog_free: between('6.18', '7.3'), task_to_inode: between('6.18', '7.3'),
}

/** In both the oldest and one of the newest releases. */
const sleepableTwice: Readonly<Record<string, readonly Span[]>> = {
  inet_conn_established: [until('6.12'), between('6.18', '7.3')],
}

/** Whether programs may sleep on the hook in that release. */
export const maySleepOn = ({ release, features }: KernelProfile, hook: string): boolean => {
  if (!features.sleepableHooks) return hook === 'bprm_committed_creds'
  const twice = ownValue(sleepableTwice, hook)
  if (twice !== undefined) return twice.some((span) => isWithin(span, release))
  const once = ownValue(sleepableOnce, hook)
  return once === undefined ? sleepableHooks.has(hook) : isWithin(once, release)
}
