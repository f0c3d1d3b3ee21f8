/**
 * The curated list of system calls: what a confined program may call, what it is refused by name (EPERM), and calls of
 * which the arguments decide. A call that is in no list is refused as if the kernel did not have it (ENOSYS), so that
 * programs do without.
 */
import {
  AF_INET, AF_INET6, AF_UNIX, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER,
  CLONE_NEWUTS, EACCES, ENOSYS, EPERM, IPPROTO_TCP, IPPROTO_UDP, MFD_NOEXEC_SEAL, MSG_FASTOPEN, SOCK_DGRAM,
  SOCK_SEQPACKET, SOCK_STREAM, TIOCLINUX, TIOCSTI,
} from '@lsmkit/abi'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export const allowedCalls = words(`
  accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir clock_getres clock_gettime
  clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl
  epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group
  faccessat faccessat2 fadvise64 fallocate fchdir fcntl fdatasync fgetxattr flistxattr flock fork fstat fstatfs fsync
  ftruncate futex futex_requeue futex_wait futex_waitv futex_wake get_mempolicy get_robust_list get_thread_area getcpu
  getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid
  getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid
  getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents
  io_setup io_submit ioprio_get kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lgetxattr link
  linkat listen listxattr llistxattr lseek lsm_get_self_attr lsm_list_modules lstat madvise map_shadow_stack mbind
  membarrier mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mprotect mremap mseal msync munlock
  munlockall munmap name_to_handle_at nanosleep newfstatat open openat openat2 pause pidfd_open pidfd_send_signal pipe
  pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64 preadv preadv2 pselect6 pwrite64 pwritev pwritev2
  read readahead readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages rename renameat renameat2
  restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
  rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr
  sched_getparam sched_getscheduler sched_rr_get_interval sched_yield select sendfile set_mempolicy
  set_mempolicy_home_node set_robust_list set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setitimer
  setpgid setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid shutdown sigaltstack signalfd
  signalfd4 splice stat statfs statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create
  timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill
  truncate umask uname unlink unlinkat uretprobe vfork vmsplice wait4 waitid write writev
`)

/** Refused with EPERM, whatever the policy says. */
export const refusedCalls = words(`
  acct add_key adjtimex bpf chroot clock_adjtime clock_settime create_module delete_module fanotify_init fanotify_mark
  finit_module fsconfig fsmount fsopen fspick init_module ioperm iopl kcmp kexec_file_load kexec_load keyctl
  listmount lookup_dcookie lsm_set_self_attr memfd_secret migrate_pages modify_ldt mount mount_setattr move_mount
  move_pages mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd
  nfsservctl open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root process_madvise process_mrelease
  process_vm_readv process_vm_writev ptrace quotactl quotactl_fd reboot request_key semctl semget semop semtimedop
  setdomainname sethostname setns settimeofday shmat shmctl shmdt shmget statmount swapoff swapon sysfs syslog umount2
  unshare uselib userfaultfd ustat vhangup
`)

/** Refused with ENOSYS: programs do without them, or have another way. Filters cannot look into clone3's struct. */
export const absentCalls = words(`
  clone3 io_uring_enter io_uring_register io_uring_setup
  _sysctl afs_syscall get_kernel_syms getpmsg putpmsg query_module security tuxcall vserver
`)

/** Calls that change modes, owners, times and attributes of files: neither Landlock nor seccomp knows their paths. */
export const attributeCalls = words(`
  chmod chown fchmod fchmodat fchmodat2 fchown fchownat fremovexattr fsetxattr futimesat lchown lremovexattr lsetxattr
  removexattr setxattr utime utimensat utimes
`)

/** One comparison of an argument: its low 32 bits under a mask, or both words of a pointer with null. */
export type ArgumentTest =
  | { readonly arg: number; readonly mask?: number; readonly is: number }
  | { readonly arg: number; readonly isNull: true }

/** All tests of one list hold. */
export type Alternative = readonly ArgumentTest[]

export interface ArgumentRule {
  readonly call: string
  /** Allowed where one of these holds; else refused. With `refuse`, the other way round. */
  readonly allow?: readonly Alternative[]
  readonly refuse?: readonly Alternative[]
  /** errno of a refusal. */
  readonly errno: number
}

const NAMESPACES =
  CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET

/** A mask of which some bit is set: one alternative a bit. */
const someBit = (arg: number, mask: number): Alternative[] =>
  Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0).filter((bit) => (mask & bit) !== 0)
    .map((bit) => [{ arg, mask: bit, is: bit }])

const SOCK_TYPE = 0xf
const CURRENT_PERSONALITY = 0xffff_ffff
const IOPRIO_WHO_PROCESS = 1
/** Flags of files, as `chattr` sets them: FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR. */
const SET_FILE_FLAGS = [0x4008_6602, 0x401c_5820]

/** The parts of a policy that change the filter. */
export interface CallChoice {
  readonly tcp: boolean
  readonly unix: boolean
  readonly udp: boolean
  /** `listen` has entries: without any, no socket may listen. */
  readonly listens: boolean
  /** Modes, owners, times and attributes of files may be changed. */
  readonly attributes: boolean
  /** A filter with a listener is put on: programs may not put one of their own before it. */
  readonly listener: boolean
}

const socketRule = ({ tcp, unix, udp }: CallChoice): ArgumentRule => {
  const internet = (type: number, protocol: number): Alternative[] =>
    [AF_INET, AF_INET6].flatMap((family) => [0, protocol].map((proto) =>
      [{ arg: 0, is: family }, { arg: 1, mask: SOCK_TYPE, is: type }, { arg: 2, is: proto }]))
  return {
    call: 'socket', errno: EACCES,
    allow: [
      ...(unix ? [[{ arg: 0, is: AF_UNIX }]] : []),
      // Landlock knows no port of MPTCP, SCTP and the like
      ...(tcp ? internet(SOCK_STREAM, IPPROTO_TCP) : []),
      ...(udp ? internet(SOCK_DGRAM, IPPROTO_UDP) : []),
    ],
  }
}

/** A pair of streams leads nowhere. One of datagrams sends to any UNIX socket whose address a message names. */
const pairRule = ({ unix }: CallChoice): ArgumentRule => ({
  call: 'socketpair', errno: EACCES,
  allow: unix ? [[{ arg: 0, is: AF_UNIX }]]
    : [SOCK_STREAM, SOCK_SEQPACKET].map((type) => [{ arg: 0, is: AF_UNIX }, { arg: 1, mask: SOCK_TYPE, is: type }]),
})

/** The calls of which the arguments decide. */
export const argumentRules = (choice: CallChoice): readonly ArgumentRule[] => [
  { call: 'clone', errno: EPERM, refuse: someBit(0, NAMESPACES) },
  socketRule(choice),
  pairRule(choice),
  // TCP Fast Open connects without Landlock being asked
  { call: 'sendto', errno: EACCES, refuse: someBit(3, MSG_FASTOPEN) },
  { call: 'sendmsg', errno: EACCES, refuse: someBit(2, MSG_FASTOPEN) },
  { call: 'sendmmsg', errno: EACCES, refuse: someBit(3, MSG_FASTOPEN) },
  {
    call: 'ioctl', errno: EPERM,
    refuse: [TIOCSTI, TIOCLINUX, ...(choice.attributes ? [] : SET_FILE_FLAGS)].map((is) => [{ arg: 1, is }]),
  },
  // of other processes nothing but their state
  { call: 'prlimit64', errno: EPERM, allow: [[{ arg: 0, is: 0 }], [{ arg: 2, isNull: true }]] },
  ...['sched_setaffinity', 'sched_setattr', 'sched_setparam', 'sched_setscheduler'].map((call) =>
    ({ call, errno: EPERM, allow: [[{ arg: 0, is: 0 }]] })),
  { call: 'setpriority', errno: EPERM, allow: [[{ arg: 0, is: 0 }, { arg: 1, is: 0 }]] },
  { call: 'ioprio_set', errno: EPERM, allow: [[{ arg: 0, is: IOPRIO_WHO_PROCESS }, { arg: 1, is: 0 }]] },
  { call: 'personality', errno: EPERM, allow: [[{ arg: 0, is: 0 }], [{ arg: 0, is: CURRENT_PERSONALITY }]] },
  // a file without a name is beyond all rules of Landlock, so nothing in it may be executed
  { call: 'memfd_create', errno: ENOSYS, allow: [[{ arg: 1, mask: MFD_NOEXEC_SEAL, is: MFD_NOEXEC_SEAL }]] },
  { call: 'seccomp', errno: EPERM, ...(choice.listener ? { allow: [] } : { refuse: [] }) },
]
