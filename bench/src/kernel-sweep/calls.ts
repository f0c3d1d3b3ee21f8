/** How each system call is made on a crowd: a letter an argument, several ways for calls that do several things. */
import { ownValue } from '@lsmkit/abi'
import type { syscallTable } from '@lsmkit/kernel'
import { Kstat, Kstatfs, Statmount } from '@lsmkit/kernel'
import type { Handles } from './stage.ts'

type Table = typeof syscallTable
export type PresentCall = { [N in keyof Table]: Table[N]['level'] extends 'absent' ? never : N }[keyof Table]

/** Of each kind of handle the nth, going round. */
export type Pick = (kind: keyof Handles, n: number) => number | string

const time = () => ({ tv_sec: 0, tv_nsec: 0 })
const header = () => ({ msg_name: null, msg_iov: [new Uint8Array(64)], msg_control: [], msg_flags: 0 })

/** What a letter stands for; digits are themselves, as are numbers between brackets. */
const LETTERS: Readonly<Record<string, (pick: Pick, n: number) => unknown>> = {
  f: (pick, n) => pick('fds', n),
  F: (pick, n) => pick('fds', n + 1),
  p: (pick, n) => pick('paths', n),
  q: (pick, n) => pick('paths', n + 1),
  d: (pick, n) => pick('pids', n),
  i: (pick, n) => pick('ids', n),
  j: (pick, n) => pick('ids', n + 1),
  a: (pick, n) => pick('addresses', n),
  A: () => -100,
  N: () => -1,
  '-': () => null,
  u: () => new Uint8Array(64),
  U: () => new Uint8Array(65_536),
  l: () => [0, 0, 0, 0],
  r: () => ({ value: 0 }),
  b: () => ({ value: 0n }),
  B: () => 0n,
  o: () => ({}),
  k: () => new Kstat(),
  K: () => new Kstatfs(),
  s: () => new Statmount(),
  t: time,
  T: () => [time(), time()],
  I: () => ({ it_interval: time(), it_value: { tv_sec: 1e6, tv_nsec: 0 } }),
  v: () => ({ tv_sec: 0, tv_usec: 0 }),
  L: () => [new Uint8Array(64)],
  V: (pick, n) => [{ iov_base: pick('addresses', n), iov_len: 64 }],
  h: header,
  H: () => [{ msg_hdr: header(), msg_len: 0 }],
  P: (pick, n) => [{ fd: pick('fds', n), events: 1, revents: 0 }],
  e: () => ({ events: 1, data: 0 }),
  g: () => ({ mtype: 1, mtext: new Uint8Array(1) }),
  O: () => [{ sem_num: 1, sem_op: 1, sem_flg: 0 }],
  R: () => ({ rlim_cur: Infinity, rlim_max: Infinity }),
  c: () => ({ flags: 0, exit_signal: 17, stack: 0, stack_size: 0 }),
  S: () => ({ si_signo: 40, si_errno: 0, si_code: -1, si_pid: 1, si_uid: 0 }),
  C: () => ({ version: 0x20080522, pid: 0 }),
  w: () => ({ flags: 0, mode: 0, resolve: 0 }),
  m: () => ({ attr_set: 0, attr_clr: 0, propagation: 1 << 20, userns_fd: 0 }),
  M: () => ({ mnt_id: 2 ** 32 - 1, param: 0 }),
  y: () => 'user',
  Y: () => ['x'],
  x: () => 'trusted.5',
  G: () => ({ handle_bytes: 64, handle_type: 0, f_handle: new Uint8Array(64) }),
  E: () => ({ sigev_notify: 1 }),
  n: () => 'tmpfs',
  z: (_pick, n) => `/c/new${n}`,
  Z: (_pick, n) => `/c/new${n + 1}`,
}

const SHAPE = /\[(-?\d+)\]|(.)/g
/** The arguments of one way to make a call. */
export const argumentsOf = (shape: string, pick: Pick, n: number): unknown[] =>
  [...shape.matchAll(SHAPE)].map(([, number, letter]) =>
    number !== undefined ? Number(number)
      : /\d/.test(letter!) ? Number(letter)
        : ownValue(LETTERS, letter!)!(pick, n))

const FILES = {
  read: ['fU', 'fu'], write: 'fu', open: ['p00', 'p[65]0'], close: 'f', stat: 'pk', fstat: 'fk', lstat: 'pk',
  lseek: ['f00', 'f[1000]0', 'f[1]3', 'f[1]4', 'f02'], ioctl: ['f[21531]r', 'f[21505]o', 'f[21507]r'],
  pread64: 'fU0', pwrite64: 'fu0', readv: 'fL', writev: 'fL', preadv: 'fL0', pwritev: 'fL0', preadv2: 'fL00',
  pwritev2: 'fL00', access: 'p4', pipe: 'l', pipe2: 'l0', dup: 'f', dup2: 'fF', dup3: 'fF0', sendfile: 'fF-[64]',
  fcntl: ['f00', 'f1', 'f3', 'f5o', 'f6o', 'f[1024]0', 'f[1025]', 'f[1031][65536]', 'f[1032]', 'f[1026][2]'],
  flock: ['f1', 'f8'], fsync: 'f', fdatasync: 'f', truncate: 'p[10]', ftruncate: ['f[10]', 'f[99999999]'],
  getdents: 'fu', getdents64: ['fu', 'fU'], getcwd: 'U', chdir: 'p', fchdir: 'f', rename: ['pz', 'zp'],
  mkdir: 'z[493]', rmdir: 'z', creat: 'z[420]', link: 'pZ', unlink: 'Z', symlink: 'pz', readlink: 'pu',
  chmod: 'p[511]', fchmod: 'f[511]', chown: 'p00', fchown: 'f00', lchown: 'p00', utime: 'p-', mknod: 'z[4516]0',
  ustat: '1K', statfs: 'pK', fstatfs: 'fK', sysfs: '3--', chroot: 'p', sync: '', syncfs: 'f', readahead: 'f00',
  setxattr: 'pxu0', lsetxattr: 'pxu0', fsetxattr: 'fxu0', getxattr: 'pxu', lgetxattr: 'pxu', fgetxattr: 'fxu',
  listxattr: 'pU', llistxattr: 'pU', flistxattr: 'fU', removexattr: 'px', lremovexattr: 'px', fremovexattr: 'fx',
  fadvise64: 'f000', utimes: 'p-', openat: ['Ap00', 'fp00', 'Ap[4259840]0'], mkdirat: 'fz[493]',
  mknodat: 'fz[4516]0', fchownat: 'Ap000', futimesat: 'Ap-', newfstatat: 'Apk0', unlinkat: 'Az0', renameat: 'ApAz',
  renameat2: ['ApAz0', 'ApAq2'], linkat: 'ApAZ0', symlinkat: 'pfz', readlinkat: 'Apu', fchmodat: 'Ap[511]',
  fchmodat2: 'Ap[511]0', faccessat: 'Ap4', faccessat2: 'Ap40', splice: 'f-F-[64]2', tee: 'fF[64]2', vmsplice: 'fL0',
  sync_file_range: 'f000', utimensat: 'Ap-0', fallocate: ['f0[4096][4096]', 'f3[4096][4096]', 'f[1]0[999999999]'],
  copy_file_range: 'f-F-[64]0', statx: 'Ap0[4095]k', close_range: ['[900000][900001]0', '3[900000]4', '9[900000]0'],
  openat2: 'Apw', name_to_handle_at: 'ApGr0', open_by_handle_at: 'fG0', inotify_init: '', inotify_init1: '0',
  inotify_add_watch: ['fp[4095]', 'fp2'], inotify_rm_watch: 'fi', fanotify_init: '00',
  fanotify_mark: ['f1[32]Ap', 'f2[32]Ap', 'f[128]0A-'], memfd_create: 'p0', cachestat: 'foo0',
} as const

const MOUNTS = {
  mount: [
    'npn0-', 'npn0-', 'pq-[4096]-', 'pq-[20480]-', '-p-[1048576]-', '-p-[1064960]-', '-p-[278528]-', '-p-[4129]-',
  ],
  umount2: ['p0', 'p4', 'p2'], pivot_root: 'pq', open_tree: ['Ap1', 'Ap[32769]', 'Ap0'], move_mount: 'ApAq0',
  fsopen: 'n0', fsconfig: 'f6--0', fsmount: 'f00', fspick: 'Ap0', mount_setattr: ['Ap0m', 'Ap[32768]m'],
  statmount: 'Ms00', listmount: ['Ml40', 'Ml41'], quotactl: '0p00', quotactl_fd: 'f000',
} as const

const WAITS = {
  poll: 'P10', ppoll: 'P1tB8', select: '0---v', pselect6: '0---t-', epoll_create: '1', epoll_create1: '0',
  epoll_ctl: ['f1Fe', 'f3Fe', 'f2F-', '[3]1fe'], epoll_wait: ['fl10', 'fl[1000]0'], epoll_pwait: 'fl40-8',
  epoll_pwait2: 'fl4t-8', signalfd: 'NB8', signalfd4: 'NB80', eventfd: '0', eventfd2: '00', timerfd_create: '10',
  timerfd_settime: 'f0I-', timerfd_gettime: 'fo', rt_sigtimedwait: 'B-t8', rt_sigsuspend: 'B8', sigaltstack: '-o',
  nanosleep: 't-', clock_nanosleep: '10t-', getitimer: '0o', setitimer: '0Io', alarm: '0', timer_create: '1Er',
  timer_settime: 'i0I-', timer_gettime: 'io', timer_getoverrun: 'i', timer_delete: 'i', futex: 'r11-r0',
  futex_wake: 'r[4294967295]12', futex_wait: 'r0[4294967295]2t1', futex_waitv: '-00t1', futex_requeue: '-011',
  restart_syscall: '', modify_ldt: '0u[64]', io_setup: '1r', io_destroy: 'i', io_submit: 'i0l',
  io_getevents: 'i00lt', io_pgetevents: 'i00lt-', io_cancel: '',
} as const

const IPC = {
  shmget: ['[77][4096][384]', 'i[4096]0', '0[4096][896]'], shmat: 'i00', shmctl: ['i2o', '0[14]o', 'i[13]o', 'i0-'],
  shmdt: 'a', semget: ['[77]1[384]', '01[896]'], semop: ['iO1', 'iO1'], semtimedop: 'iO1t',
  semctl: ['i0[12]0', 'i0[16][5]', 'i0[13]l', '00[19]o', 'i00-'], msgget: ['[77]0', '0[896]'], msgsnd: 'ig1[2048]',
  msgrcv: ['ig1[0][2048]', 'ig1[-9999999][2048]', 'ig1[9999998][2048]', 'ig1[1][10240]', 'ig1[9999][18432]'],
  msgctl: ['i2o', '0[12]o', 'i0-'], mq_open: ['p[66][384]-', 'p2[384]-'], mq_unlink: 'p', mq_timedsend: 'fu10t',
  mq_timedreceive: 'fu[64]rt', mq_notify: 'fE', mq_getsetattr: 'f-o',
} as const

const KEYS = {
  add_key: ['ypu1i', 'yyu1i'], request_key: ['yp-i', 'yx-i'],
  keyctl: [
    '0i1', '6iU[65536]', '[11]iU[65536]', '[10]iyp0', '[10]iyx0', '8[-3]i', '9i[-3]', '3i', '7i', 'i1', '[14]i[0]',
    '[15]i', '[30]i[-3]', '[21]i', '5i[4294967]',
  ],
} as const

const SOCKETS = {
  socket: ['110', '220', '210'], socketpair: '110l', bind: ['fu2', 'fu[64]'], connect: 'fu[64]', listen: 'f5',
  accept: 'f--', accept4: 'f--0', getsockname: 'fur', getpeername: 'fur', shutdown: 'f0', setsockopt: 'f1214',
  getsockopt: 'f12rr', sendto: ['fu1[64]-0', 'fu1[64]u[64]'], recvfrom: ['fu[64][64]--', 'fu[64][66]--'],
  sendmsg: 'fh[64]', recvmsg: 'fh[64]', sendmmsg: 'fH1[64]', recvmmsg: 'fH1[64]t',
} as const

const MACHINE = {
  gettimeofday: 'oo', settimeofday: '--', time: 'r', clock_gettime: '1o', clock_settime: '1t', clock_getres: '1o',
  adjtimex: 'o', clock_adjtime: '0o', getrusage: '0o', sysinfo: 'o', times: 'o', getcpu: 'rr', syslog: '3U[65536]',
  vhangup: '', uselib: 'p', arch_prctl: '0r', acct: '-', swapon: 'p0', swapoff: 'p', reboot: '000-', iopl: '0',
  ioperm: '000', init_module: 'u1p', finit_module: 'fp0', delete_module: 'p0', kexec_load: '00-0',
  kexec_file_load: 'fF0p0', mbind: 'a[4096]0B00', set_mempolicy: '0B0', get_mempolicy: 'rb000',
  set_mempolicy_home_node: 'a[4096]00', seccomp: '100', getrandom: 'u10', userfaultfd: '0',
  membarrier: ['000', '[1]00', '[8]00'], pkey_alloc: '00', pkey_free: '0', rseq: '0000', set_robust_list: '0[24]',
  get_robust_list: 'drr', landlock_create_ruleset: 'o00', landlock_add_rule: 'f0o0', landlock_restrict_self: 'f0',
  bpf: '0o0', io_uring_setup: '0o', io_uring_enter: 'f00000', io_uring_register: 'f0o0',
  perf_event_open: '-0NN0', memfd_secret: '0', process_mrelease: 'f0',
  mseal: ['a[4096]0', 'a[274877906944]0'],
} as const

const PROCESSES = {
  getuid: '', geteuid: '', getgid: '', getegid: '', getresuid: 'rrr', getresgid: 'rrr', setuid: '0', setgid: '0',
  setreuid: ['00', '[7]0'], setregid: '00', setresuid: ['000', '[5]00'], setresgid: '000', setfsuid: '0',
  setfsgid: ['0', '[999]'], setgroups: '0l', getgroups: '[65536]l', capget: 'Cu', capset: 'Cu',
  setpgid: ['00', 'di', 'dd'], getpgid: 'd', getpgrp: '', getsid: 'd', setsid: '', getpid: '', gettid: '',
  getppid: '', kill: ['d0', 'd[18]', 'd[10]', '[-1]0'], tkill: 'd0', tgkill: 'dd0', rt_sigqueueinfo: 'd[40]S',
  rt_tgsigqueueinfo: 'dd[40]S', pidfd_send_signal: 'f0-0', rt_sigaction: '[10]-o8', rt_sigprocmask: '0-b8',
  rt_sigpending: 'b8', pause: '', fork: '', vfork: '', clone: '[17]0--0', clone3: 'c[64]', execve: 'pYY',
  execveat: 'ApYY0', wait4: ['[-1]r1-', 'dr1-', '[-1]r[3]-', '0r1-'],
  waitid: ['00o5-', '1do5-', '2do5-', '00o[15]-'], set_tid_address: 'r',
  prctl: ['[36]1000', '[36]0000', '[22]0000', '[38]1000', '[15]0000'], personality: '0', umask: '0',
  setpriority: ['0d5', '1d5', '205'], getpriority: ['0d', '1d', '20'], ioprio_set: ['1d0', '2d0', '300'],
  ioprio_get: ['1d', '2d', '30'], sched_setattr: 'do0', sched_getattr: 'do[48]0', sched_setaffinity: 'd8B',
  sched_getaffinity: 'd8b', sched_setscheduler: 'd0o', sched_getscheduler: 'd', sched_setparam: 'do',
  sched_getparam: 'do', sched_rr_get_interval: 'do', sched_get_priority_max: '0', sched_get_priority_min: '0',
  sched_yield: '', getrlimit: '0R', setrlimit: '0R', prlimit64: 'd0-R', ptrace: ['[16]d00', '[17]d00', '7d00'],
  process_vm_readv: 'dL1V10', process_vm_writev: 'dL1V10', process_madvise: 'fV140', kcmp: 'dd00N',
  pidfd_open: 'd0', pidfd_getfd: 'ff0', unshare: ['[131072]', '[1024]', '[512]', '[67108864]', '[134217728]'],
  setns: 'f0', uname: 'o', sethostname: 'p2', setdomainname: 'p2',
  mmap: ['0[4096]3[34]N0', '0[4096]3[1]f0', 'a[4096]1[50]N0', 'a[274877906944]1[50]N0'],
  munmap: ['a[4096]', 'a[274877906944]'],
  mprotect: ['a[4096]1', 'a[4096]3', 'a[274877906944]1', 'a[274877906944]3'], pkey_mprotect: 'a[4096]1N',
  brk: '[99999999]', mremap: ['a[4096][8192]10', 'a[4096][4096]00'], remap_file_pages: 'a[4096]000',
  msync: ['a[4096]4', 'a[274877906944]4'], mincore: 'a[4096]u',
  madvise: ['a[4096]4', 'a[274877906944]4', 'a[274877906944][10]'], mlock: ['a[4096]', 'a[274877906944]'],
  mlock2: 'a[4096]0', munlock: ['a[4096]', 'a[274877906944]'], mlockall: ['1', '3'], munlockall: '',
  move_pages: '00---0', migrate_pages: '00BB', lsm_get_self_attr: '[100]ur0', lsm_set_self_attr: '[100]u00',
  lsm_list_modules: 'ur0', exit: '0', exit_group: '0',
} as const

const one = (shapes: string | readonly string[]): readonly string[] => (typeof shapes === 'string' ? [shapes] : shapes)

/** Every call that is there, and how it is made. */
export const CALLS: ReadonlyMap<PresentCall, readonly string[]> = new Map(
  Object.entries({
    ...FILES, ...MOUNTS, ...WAITS, ...IPC, ...KEYS, ...SOCKETS, ...MACHINE, ...PROCESSES,
  } satisfies Record<PresentCall, string | readonly string[]>).map(([name, shapes]) =>
    [name as PresentCall, one(shapes)]))
