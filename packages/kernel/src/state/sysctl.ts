/** Settings under /proc/sys that change what system calls answer. */

export interface Sysctl {
  // fs
  /** Debian's 6.12 turns the first two on. */
  protected_hardlinks: number
  protected_symlinks: number
  protected_regular: number
  protected_fifos: number
  /** 0 no core of set-id programs, 1 yes, 2 root only. */
  suid_dumpable: number
  /** Highest value of RLIMIT_NOFILE. */
  nr_open: number
  /** Open files of unprivileged tasks. */
  file_max: number
  pipe_max_size: number
  mount_max: number
  /** Items in the epoll files of one user. */
  max_user_watches: number
  // kernel
  pid_max: number
  ngroups_max: number
  overflowuid: number
  overflowgid: number
  dmesg_restrict: number
  kptr_restrict: number
  /** Seconds between messages of one kind, and how many may come at once. */
  printk_ratelimit: number
  printk_ratelimit_burst: number
  /** Debian's: whether CLONE_NEWUSER is free for all. */
  unprivileged_userns_clone: number
  /** -1 allows everything, 0 forbids raw tracepoints, 1 also processors, 2 also the kernel, 3 everything (Debian's). */
  perf_event_paranoid: number
  /**
   * 0: all users may load simple programs. 1: only with CAP_BPF, and this is final. 2: the same, but it can be changed.
   */
  unprivileged_bpf_disabled: number
  // dev/tty
  /** Whether all may pretend to type at their own terminal (TIOCSTI), or the administrator alone. */
  legacy_tiocsti: number
  // kernel/keys: keys and bytes of a user and of root, seconds until dead keys are swept away and persistent rings end
  keys_maxkeys: number
  keys_maxbytes: number
  keys_root_maxkeys: number
  keys_root_maxbytes: number
  keys_gc_delay: number
  persistent_keyring_expiry: number
  // vm
  overcommit_memory: number
  unprivileged_userfaultfd: number
  // kernel: who may use io_uring (0 all, 1 the group and CAP_SYS_ADMIN, 2 nobody)
  io_uring_disabled: number
  io_uring_group: number
  mmap_min_addr: number
}

/** The settings of a kernel that has just booted; `bootKernel({ sysctl })` takes others. */
export const defaultSysctl = (): Sysctl => ({
  protected_hardlinks: 1,
  protected_symlinks: 1,
  protected_regular: 0,
  protected_fifos: 0,
  suid_dumpable: 0,
  nr_open: 1048576,
  file_max: 1048576,
  pipe_max_size: 1048576,
  mount_max: 100000,
  max_user_watches: 1789567,
  pid_max: 4194304,
  ngroups_max: 65536,
  overflowuid: 65534,
  overflowgid: 65534,
  dmesg_restrict: 1,
  kptr_restrict: 0,
  printk_ratelimit: 5,
  printk_ratelimit_burst: 10,
  unprivileged_userns_clone: 1,
  perf_event_paranoid: 3,
  unprivileged_bpf_disabled: 2,
  legacy_tiocsti: 0,
  keys_maxkeys: 200,
  keys_maxbytes: 20000,
  keys_root_maxkeys: 1000000,
  keys_root_maxbytes: 25000000,
  keys_gc_delay: 300,
  persistent_keyring_expiry: 259200,
  overcommit_memory: 0,
  unprivileged_userfaultfd: 0,
  io_uring_disabled: 0,
  io_uring_group: -1,
  mmap_min_addr: 65536,
})
