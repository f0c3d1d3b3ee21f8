/**
 * System calls as walls of a host have them: the one table that native programs and emitted profiles are made from. Each
 * line says what becomes of a call in a native program, and how a box answers it where it does not answer as a host.
 */

/**
 * The answer to a call in a native program. `refused`: EPERM. `absent`: ENOSYS, so that programs do without, or take
 * another way. `attributes`: it changes modes, owners, times or attributes of files, which is opened as one part.
 * `arguments`: its arguments decide.
 */
export type NativeAnswer = 'allowed' | 'refused' | 'absent' | 'attributes' | 'arguments'

/**
 * `capability`: refused for want of it. `namespace`: refused, because a box has no namespaces of its programs' own.
 * `absent`: a box answers ENOSYS. `shared`: a box lets a program use its own; on a host it would be the user's.
 */
export type BoxAnswer = 'capability' | 'namespace' | 'absent' | 'shared'

export interface HostCall {
  readonly native: NativeAnswer
  /** Null: as a host answers a program without a privilege. */
  readonly box: BoxAnswer | null
  /** The capability that the kernel asks for; null for none. */
  readonly capability: string | null
}

type Line = readonly [native: NativeAnswer, calls: string, box?: BoxAnswer, capability?: string]

const admin = (calls: string): Line => ['refused', calls, 'capability', 'CAP_SYS_ADMIN']

const lines: readonly Line[] = [
  ['allowed', `
    accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir clock_getres clock_gettime
    clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl
    epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group
    faccessat faccessat2 fadvise64 fallocate fchdir fcntl fdatasync fgetxattr flistxattr flock fork fstat fstatfs fsync
    ftruncate futex futex_requeue futex_wait futex_waitv futex_wake get_mempolicy get_robust_list get_thread_area getcpu
    getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid
    getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday
    getuid getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents
    io_pgetevents io_setup io_submit ioprio_get kill landlock_add_rule landlock_create_ruleset landlock_restrict_self
    lgetxattr link linkat listen listxattr llistxattr lseek lsm_get_self_attr lsm_list_modules lstat madvise
    map_shadow_stack mbind membarrier mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mprotect mremap
    mseal msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat open openat openat2 pause pidfd_open
    pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64 preadv preadv2 pselect6
    pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages rename
    renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
    rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity
    sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_yield select sendfile set_mempolicy
    set_mempolicy_home_node set_robust_list set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setitimer
    setpgid setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid shutdown sigaltstack signalfd
    signalfd4 splice stat statfs statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time
    timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime
    timerfd_settime times tkill truncate umask uname unlink unlinkat uretprobe vfork vmsplice wait4 waitid write writev
  `],
  ['arguments', `
    clone ioctl ioprio_set memfd_create personality prlimit64 sched_setaffinity sched_setattr sched_setparam
    sched_setscheduler seccomp sendmmsg sendmsg sendto setpriority socket socketpair
  `],
  ['attributes', `
    chmod chown fchmod fchmodat fchmodat2 fchown fchownat fremovexattr fsetxattr futimesat lchown lremovexattr lsetxattr
    removexattr setxattr utime utimensat utimes
  `],
  admin('mount umount2 pivot_root swapon swapoff sethostname setdomainname quotactl quotactl_fd fsopen fspick'),
  admin('fsmount move_mount mount_setattr'),
  ['refused', 'reboot kexec_load kexec_file_load', 'capability', 'CAP_SYS_BOOT'],
  ['refused', 'init_module finit_module delete_module', 'capability', 'CAP_SYS_MODULE'],
  ['refused', 'acct', 'capability', 'CAP_SYS_PACCT'],
  ['refused', 'settimeofday clock_settime', 'capability', 'CAP_SYS_TIME'],
  ['refused', 'iopl ioperm', 'capability', 'CAP_SYS_RAWIO'],
  ['refused', 'chroot', 'capability', 'CAP_SYS_CHROOT'],
  ['refused', 'open_by_handle_at', 'capability', 'CAP_DAC_READ_SEARCH'],
  ['refused', 'vhangup', 'capability', 'CAP_SYS_TTY_CONFIG'],
  ['refused', 'unshare setns', 'namespace'],
  ['refused', 'add_key request_key keyctl userfaultfd bpf perf_event_open', 'shared'],
  ['refused', `
    adjtimex clock_adjtime create_module fanotify_init fanotify_mark fsconfig kcmp listmount lookup_dcookie
    lsm_set_self_attr memfd_secret migrate_pages modify_ldt move_pages mq_getsetattr mq_notify mq_open mq_timedreceive
    mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd nfsservctl open_tree pidfd_getfd process_madvise process_mrelease
    process_vm_readv process_vm_writev ptrace semctl semget semop semtimedop shmat shmctl shmdt shmget statmount sysfs
    syslog uselib ustat
  `],
  ['absent', 'io_uring_setup', 'absent'],
  // filters cannot look into the struct of clone3
  ['absent', `
    clone3 io_uring_enter io_uring_register
    _sysctl afs_syscall get_kernel_syms getpmsg putpmsg query_module security tuxcall vserver
  `],
]

/** Each name of each line. */
export const namedCalls: readonly (readonly [name: string, call: HostCall])[] = lines.flatMap(
  ([native, calls, box = null, capability = null]) =>
    calls.trim().split(/\s+/).map((name) => [name, { native, box, capability }] as const))

/** By name, of x86-64 and arm64. A call that is in no line is refused as if the kernel did not have it (ENOSYS). */
export const hostCalls: ReadonlyMap<string, HostCall> = new Map(namedCalls)

/** The calls that a native program is answered so. */
export const callsAnswered = (native: NativeAnswer): readonly string[] =>
  [...hostCalls].flatMap(([name, call]) => (call.native === native ? [name] : []))
