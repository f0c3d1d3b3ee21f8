/**
 * What each system call takes, a letter an argument, and random arguments of each kind: for calls that nobody should
 * make. Numbers are always numbers; what is a pointer may be null.
 */
import { QCMD } from '@lsmkit/abi'
import * as fc from 'fast-check'
import { Kstat, Kstatfs } from '../state/vfs/kstat.ts'

const NUMBERS = [
  0, 1, 2, 3, 4, 7, 8, 9, 15, 64, 65, 255, 4095, 4096, 0x7fffffff, 0xffffffff, 2 ** 40, 2 ** 53, -1, -2, -100,
  -(2 ** 31), -(2 ** 53),
]
const n = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NUMBERS) }, { weight: 1, arbitrary: fc.integer() })
/** Small numbers: descriptors, commands, flags that mean something. */
const few = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 12 }) }, { weight: 1, arbitrary: n })
const text = fc.constantFrom(
  '', 'x', '/', '/nothing', '/prog', 'y'.repeat(100), '\0', '/tmp/../prog', '/tmp', '/tmp/f', '/tmp/d', '/proc/self/fd',
  '/dev/null', 'user.a', 'security.x', 'z'.repeat(300),
)
const bytes = fc.uint8Array({ maxLength: 64 })
const time = fc.record({ tv_sec: n, tv_nsec: n })
const header = fc.record({
  msg_name: fc.oneof(bytes, fc.constant(null)),
  msg_iov: fc.array(bytes, { maxLength: 3 }),
  msg_control: fc.oneof(
    fc.constant(null),
    fc.array(fc.record({ cmsg_level: few, cmsg_type: few, data: fc.array(few, { maxLength: 4 }) }), { maxLength: 2 }),
  ),
  msg_flags: n,
})
/** Made anew each time: calls fill it in. */
const fresh = (make: () => unknown) => fc.constant(null).map(make)

export const KINDS = {
  n,
  f: few,
  z: text,
  /** What the arguments of keyctl may be. */
  y: fc.oneof(fc.integer({ min: -9, max: 12 }), text, bytes, fc.constantFrom('user', 'keyring')),
  B: fc.constantFrom(0n, 1n, 1n << 63n, (1n << 64n) - 1n),
  r: fresh(() => ({ value: 0 })),
  b: fresh(() => ({ value: 0n })),
  u: bytes,
  l: fc.array(n, { maxLength: 5 }),
  Z: fc.array(text, { maxLength: 3 }),
  h: fc.record({ version: fc.constantFrom(0, 0x19980330, 0x20071026, 0x20080522), pid: n }),
  s: fc.record({ si_signo: n, si_errno: n, si_code: n, si_pid: n, si_uid: n }),
  a: fc.record({
    handler: fc.constantFrom('default' as const, 'ignore' as const), flags: n, mask: fc.constantFrom(0n, 1n << 8n),
  }),
  o: fresh(() => ({})),
  R: fc.record({
    rlim_cur: fc.oneof(n, fc.constantFrom(Infinity, NaN)), rlim_max: fc.oneof(n, fc.constantFrom(Infinity, NaN)),
  }),
  S: fc.record({ sched_priority: n }),
  A: fc.record({
    size: n, sched_policy: n, sched_flags: n, sched_nice: n, sched_priority: n, sched_runtime: n, sched_deadline: n,
    sched_period: n,
  }),
  c: fc.record({ flags: n, exit_signal: n, stack: n, stack_size: n, set_tid: fc.array(n, { maxLength: 3 }) }),
  L: fc.array(bytes, { maxLength: 3 }),
  V: fc.array(fc.record({ iov_base: n, iov_len: n }), { maxLength: 3 }),
  k: fresh(() => new Kstat()),
  K: fresh(() => new Kstatfs()),
  t: time,
  T: fc.array(time, { minLength: 2, maxLength: 2 }),
  v: fc.record({ tv_sec: n, tv_usec: n }),
  i: fc.record({ it_interval: time, it_value: time }),
  w: fc.record({ flags: n, mode: n, resolve: n }),
  p: fc.array(fc.record({ fd: few, events: n, revents: fc.constant(0) }), { maxLength: 3 }),
  e: fc.record({ events: n, data: n }),
  m: header,
  M: fc.array(fc.record({ msg_hdr: header, msg_len: fc.constant(0) }), { maxLength: 3 }),
  O: fc.array(fc.record({ sem_num: few, sem_op: n, sem_flg: n }), { maxLength: 3 }),
  g: fc.record({ mtype: n, mtext: bytes }),
  H: fc.record({ handle_bytes: n, handle_type: few, f_handle: bytes }),
  U: fc.record({
    flags: n, cq_entries: n, sq_thread_cpu: n, sq_thread_idle: n, wq_fd: few, resv: fc.array(few, { maxLength: 3 }),
  }),
  q: fc.record({ len: few, filter: fc.array(fc.record({ code: n, jt: few, jf: few, k: n }), { maxLength: 3 }) }),
  E: fc.record({ sigev_notify: few, sigev_signo: few }),
  x: fc.record({ modes: n, time: fc.record({ tv_sec: n, tv_usec: n }), tick: n }),
  I: fc.record({ uid: n, gid: n, mode: n, msg_qbytes: n }),
  W: fc.array(
    fc.record({ val: few, uaddr: fc.constant(null).map(() => ({ value: 0 })), flags: few }), { maxLength: 3 },
  ),
  d: fc.record({ entry_number: n, base_addr: n, limit: n, contents: few, seg_32bit: few, useable: few }),
  Q: fc.tuple(fc.integer({ min: 0x800001, max: 0x800009 }), few).map(([cmd, type]) => QCMD(cmd, type)),
  D: fc.oneof(
    fc.record({
      dqb_bhardlimit: n, dqb_bsoftlimit: n, dqb_curspace: n, dqb_ihardlimit: n, dqb_isoftlimit: n, dqb_curinodes: n,
      dqb_btime: n, dqb_itime: n, dqb_valid: few,
    }),
    fc.record({ dqi_bgrace: n, dqi_igrace: n, dqi_flags: few, dqi_valid: few }),
    fc.constant(null).map(() => ({ value: 0 })),
  ),
} as const

const FILES = {
  read: 'fu', write: 'fu', open: 'znn', close: 'f', stat: 'zk', fstat: 'fk', lstat: 'zk', lseek: 'fnn', ioctl: 'fno',
  pread64: 'fun', pwrite64: 'fun', readv: 'fL', writev: 'fL', preadv: 'fLn', pwritev: 'fLn', preadv2: 'fLnn',
  pwritev2: 'fLnn', access: 'zn', pipe: 'l', pipe2: 'ln', dup: 'f', dup2: 'ff', dup3: 'ffn', sendfile: 'ffrn',
  fcntl: 'fno',
  flock: 'fn', fsync: 'f', fdatasync: 'f', truncate: 'zn', ftruncate: 'fn', getdents: 'fu', getdents64: 'fu',
  getcwd: 'u',
  chdir: 'z', fchdir: 'f', rename: 'zz', mkdir: 'zn', rmdir: 'z', creat: 'zn', link: 'zz', unlink: 'z', symlink: 'zz',
  readlink: 'zu', chmod: 'zn', fchmod: 'fn', chown: 'znn', fchown: 'fnn', lchown: 'znn', utime: 'zo', mknod: 'znn',
  ustat: 'nK', statfs: 'zK', fstatfs: 'fK', sysfs: 'fzu', chroot: 'z', sync: '', syncfs: 'f', readahead: 'fnn',
  setxattr: 'zzun', lsetxattr: 'zzun', fsetxattr: 'fzun', getxattr: 'zzu', lgetxattr: 'zzu', fgetxattr: 'fzu',
  listxattr: 'zu', llistxattr: 'zu', flistxattr: 'fu', removexattr: 'zz', lremovexattr: 'zz', fremovexattr: 'fz',
  fadvise64: 'fnnn', utimes: 'zT', openat: 'fznn', mkdirat: 'fzn', mknodat: 'fznn', fchownat: 'fznnn', futimesat: 'fzT',
  newfstatat: 'fzkn', unlinkat: 'fzn', renameat: 'fzfz', renameat2: 'fzfzn', linkat: 'fzfzn', symlinkat: 'zfz',
  readlinkat: 'fzu', fchmodat: 'fzn', fchmodat2: 'fznn', faccessat: 'fzn', faccessat2: 'fznn', splice: 'frfrnn',
  tee: 'ffnn', vmsplice: 'fLnn', sync_file_range: 'fnnn', utimensat: 'fzTn', fallocate: 'fnnn',
  copy_file_range: 'frfrnn',
  statx: 'fznnk', close_range: 'nnn', openat2: 'fzw', name_to_handle_at: 'fzHrn', open_by_handle_at: 'fHn',
  inotify_init: '', inotify_init1: 'n', inotify_add_watch: 'fzn', inotify_rm_watch: 'ff', fanotify_init: 'nn',
  fanotify_mark: 'fnnfz', memfd_create: 'zn', cachestat: 'foon',
} as const

const MOUNTS = {
  mount: 'zzznz', umount2: 'zn', pivot_root: 'zz', open_tree: 'fzn', move_mount: 'fzfzn', fsopen: 'zn',
  fsconfig: 'ffzzn',
  fsmount: 'fnn', fspick: 'fzn', mount_setattr: 'fznon', statmount: 'oonn', listmount: 'olnn', quotactl: 'nzno',
  quotactl_fd: 'fQnD',
} as const

const WAITS = {
  poll: 'pfn', ppoll: 'pftBn', select: 'fbbbv', pselect6: 'fbbbto', epoll_create: 'n', epoll_create1: 'n',
  epoll_ctl: 'fffe', epoll_wait: 'flnf', epoll_pwait: 'flnfBn', epoll_pwait2: 'flntBn', signalfd: 'nBn',
  signalfd4: 'nBnn', eventfd: 'n', eventfd2: 'nn', timerfd_create: 'fn', timerfd_settime: 'fnii', timerfd_gettime: 'fo',
  rt_sigtimedwait: 'Bstn', rt_sigsuspend: 'Bn', sigaltstack: 'oo', nanosleep: 'to', clock_nanosleep: 'fnto',
  getitimer: 'fo', setitimer: 'fio', alarm: 'n', timer_create: 'fEr', timer_settime: 'fnii', timer_gettime: 'fo',
  timer_getoverrun: 'f', timer_delete: 'f', futex: 'rnntrn', futex_wake: 'rnnf', futex_wait: 'rnnftf',
  futex_waitv: 'Wfftf', futex_requeue: 'Wfff', restart_syscall: '',
  modify_ldt: 'fdn', io_setup: 'nr', io_destroy: 'n', io_submit: 'nnl',
  io_getevents: 'nnnlt', io_pgetevents: 'nnnlto', io_cancel: '',
} as const

const IPC = {
  shmget: 'nnn', shmat: 'fnn', shmctl: 'ffI', shmdt: 'n', semget: 'nnn', semop: 'fOf', semtimedop: 'fOft',
  semctl: 'fffl', msgget: 'nn', msgsnd: 'fgfn', msgrcv: 'fgfnn', msgctl: 'ffI', mq_open: 'znno', mq_unlink: 'z',
  mq_timedsend: 'fufnt', mq_timedreceive: 'fufrt', mq_notify: 'fE', mq_getsetattr: 'foo',
} as const

const KEYS = { add_key: 'zzuff', request_key: 'zzzf', keyctl: 'fyyyf' } as const

const SOCKETS = {
  socket: 'fff', socketpair: 'fffl', bind: 'fuf', connect: 'fuf', listen: 'fn', accept: 'fur', accept4: 'furn',
  getsockname: 'fur', getpeername: 'fur', shutdown: 'ff', setsockopt: 'fffnn', getsockopt: 'fffor', sendto: 'fufnuf',
  recvfrom: 'fufnur', sendmsg: 'fmn', recvmsg: 'fmn', sendmmsg: 'fMfn', recvmmsg: 'fMfnt',
} as const

const MACHINE = {
  gettimeofday: 'oo', settimeofday: 'vo', time: 'r', clock_gettime: 'fo', clock_settime: 'ft', clock_getres: 'fo',
  adjtimex: 'x', clock_adjtime: 'fx', getrusage: 'fo', sysinfo: 'o', times: 'o', getcpu: 'rr', syslog: 'fuf',
  vhangup: '', uselib: 'z', arch_prctl: 'nr', acct: 'z', swapon: 'zn', swapoff: 'z', reboot: 'nnno', iopl: 'n',
  ioperm: 'nnn', init_module: 'unz', finit_module: 'fzn', delete_module: 'zn', kexec_load: 'nnon',
  kexec_file_load: 'ffnzn',
  mbind: 'nnnBnn', set_mempolicy: 'nBn', get_mempolicy: 'rbnnn', set_mempolicy_home_node: 'nnnn', seccomp: 'fnq',
  getrandom: 'unn', userfaultfd: 'n', membarrier: 'nnn', pkey_alloc: 'nn', pkey_free: 'n', rseq: 'nnnn',
  set_robust_list: 'nn', get_robust_list: 'nrr', landlock_create_ruleset: 'onn', landlock_add_rule: 'fnon',
  landlock_restrict_self: 'fn', bpf: 'non', perf_event_open: 'onnfn', memfd_secret: 'n', process_mrelease: 'fn',
  mseal: 'nnn', io_uring_setup: 'nU', io_uring_enter: 'fnnnon', io_uring_register: 'fnon',
} as const

const PROCESSES = {
  getuid: '', geteuid: '', getgid: '', getegid: '', getresuid: 'rrr', getresgid: 'rrr', setuid: 'n', setgid: 'n',
  setreuid: 'nn', setregid: 'nn', setresuid: 'nnn', setresgid: 'nnn', setfsuid: 'n', setfsgid: 'n', setgroups: 'nl',
  getgroups: 'nl', capget: 'hu', capset: 'hu', setpgid: 'nn', getpgid: 'n', getpgrp: '', getsid: 'n', setsid: '',
  getpid: '', gettid: '', getppid: '', kill: 'nn', tkill: 'nn', tgkill: 'nnn', rt_sigqueueinfo: 'nns',
  rt_tgsigqueueinfo: 'nnns', pidfd_send_signal: 'fnsn', rt_sigaction: 'naan', rt_sigprocmask: 'nBbn',
  rt_sigpending: 'bn', pause: '', fork: '', vfork: '', clone: 'nnrrn', clone3: 'cn', execve: 'zZZ', execveat: 'fzZZn',
  wait4: 'nrno', waitid: 'nnono', set_tid_address: 'r', prctl: 'nnnnn', personality: 'n', umask: 'n',
  setpriority: 'nnn', getpriority: 'nn', ioprio_set: 'nnn', ioprio_get: 'nn', sched_setattr: 'nAn',
  sched_getattr: 'nAnn', sched_setaffinity: 'nnB', sched_getaffinity: 'nnb', sched_setscheduler: 'nnS',
  sched_getscheduler: 'n', sched_setparam: 'nS', sched_getparam: 'nS', sched_rr_get_interval: 'no',
  sched_get_priority_max: 'n', sched_get_priority_min: 'n', sched_yield: '', getrlimit: 'nR', setrlimit: 'nR',
  prlimit64: 'nnRR', ptrace: 'nnnn', process_vm_readv: 'nLnVnn', process_vm_writev: 'nLnVnn',
  process_madvise: 'fVnnn', kcmp: 'nnnnn', pidfd_open: 'nn', pidfd_getfd: 'fnn', unshare: 'n', setns: 'fn', uname: 'o',
  sethostname: 'zn', setdomainname: 'zn', mmap: 'nnnnfn', munmap: 'nn', mprotect: 'nnn', pkey_mprotect: 'nnnn',
  brk: 'n', mremap: 'nnnnn', remap_file_pages: 'nnnnn', msync: 'nnn', mincore: 'nnu', madvise: 'nnn', mlock: 'nn',
  mlock2: 'nnn', munlock: 'nn', mlockall: 'n', munlockall: '', move_pages: 'nnllln', migrate_pages: 'nnBB',
  lsm_get_self_attr: 'nurn', lsm_set_self_attr: 'nunn', lsm_list_modules: 'urn',
} as const

/** Every call but those that end the caller. */
export const CALL_SHAPES: Readonly<Record<string, string>> = {
  ...FILES, ...MOUNTS, ...WAITS, ...IPC, ...KEYS, ...SOCKETS, ...MACHINE, ...PROCESSES,
}
export const ENDING_CALLS = ['exit', 'exit_group']

/** Values, where the kind has them: never null. */
const PLAIN = new Set(['n', 'f', 'B', 'Q'])

export const argumentsOf = (shape: string) =>
  fc.tuple(...[...shape].map((kind) => {
    const arbitrary = KINDS[kind as keyof typeof KINDS] as fc.Arbitrary<unknown>
    return PLAIN.has(kind)
      ? arbitrary
      : fc.oneof({ weight: 5, arbitrary }, { weight: 1, arbitrary: fc.constant(null) })
  }))
