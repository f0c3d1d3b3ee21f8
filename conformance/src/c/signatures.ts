/**
 * System calls of C programs by what their arguments point to, a letter each: memory is taken out before the call, and
 * what the kernel filled in is laid back after it.
 */
import { ownValue } from '@lsmkit/abi'
import type { Actor } from './actor.ts'
import type { Builtin, CMachine } from './machine.ts'
import { PROCESS_KINDS } from './process-kinds.ts'
import type { Kind } from './process-kinds.ts'

const SIGNATURES: Readonly<Record<string, string>> = {
  signalfd4: 'ngnn',
  signalfd: 'ngn',
  timer_create: 'ner',
  timer_settime: 'nnii',
  timerfd_settime: 'nnii',
  getrandom: 'Bnn',
  syslog: 'nBn',
  gettimeofday: 'vz',
  settimeofday: 'vz',
  time: 'z',
  clock_gettime: 'nt',
  clock_settime: 'nt',
  clock_getres: 'nt',
  clock_nanosleep: 'nntz',
  nanosleep: 'tz',
  adjtimex: 'x',
  clock_adjtime: 'nx',
  init_module: 'Bns',
  finit_module: 'nsn',
  delete_module: 'sn',
  kexec_load: 'nnzn',
  kexec_file_load: 'nnnsn',
  uselib: 's',
  set_mempolicy: 'nzn',
  futex: 'wnnzzn',
  io_setup: 'nR',
  seccomp: 'nnf',
  landlock_create_ruleset: 'Bnn',
  reboot: 'nnnz',
  inotify_add_watch: 'nsn',
  fanotify_mark: 'nnnns',
  getdents: 'nBn',
  name_to_handle_at: 'nshrn',
  open_by_handle_at: 'nhn',
  rt_sigsuspend: 'gn',
  rt_sigtimedwait: 'gztn',
  poll: 'pnn',
  ppoll: 'pntzn',
  mq_open: 'snnz',
  mq_unlink: 's',
  mq_timedsend: 'nBnnz',
  mq_timedreceive: 'nBnzz',
  mq_notify: 'ne',
  mq_getsetattr: 'nzz',
  add_key: 'ssBnn',
  request_key: 'sssn',
  getcpu: 'zzz',
  execve: 'sXX',
  execveat: 'nsXXn',
  clone3: 'cn',
  wait4: 'nqnz',
  waitid: 'nnznz',
  rt_sigqueueinfo: 'nnI',
  rt_tgsigqueueinfo: 'nnnI',
  pidfd_send_signal: 'nnIn',
  rt_sigprocmask: 'ngGn',
  rt_sigpending: 'Gn',
  sigaltstack: 'zz',
  process_vm_readv: 'nLnVnn',
  process_vm_writev: 'nLnVnn',
  process_madvise: 'nVnnn',
  prlimit64: 'nnll',
  getrlimit: 'nl',
  setrlimit: 'nl',
  sched_setscheduler: 'nnP',
  sched_setparam: 'nP',
  sched_getparam: 'nP',
  sched_setattr: 'nAn',
  sched_getattr: 'nAnn',
  sched_setaffinity: 'nng',
  sched_getaffinity: 'nnG',
  sched_rr_get_interval: 'nt',
  capget: 'HD',
  capset: 'HD',
  getresuid: 'qqq',
  getresgid: 'qqq',
  lsm_get_self_attr: 'nMqn',
  lsm_set_self_attr: 'nBnn',
  lsm_list_modules: 'Mqn',
  sethostname: 'sn',
  setdomainname: 'sn',
  uname: 'z',
  mincore: 'nnM',
  get_mempolicy: 'qGnnn',
  mbind: 'nnngnn',
  migrate_pages: 'nngg',
  cachestat: 'nRzn',
  landlock_add_rule: 'nnMn',
  get_robust_list: 'nzz',
  set_tid_address: 'q',
  epoll_ctl: 'nnnE',
  epoll_wait: 'nznn',
  epoll_pwait: 'nznngn',
  epoll_pwait2: 'nzntgn',
  select: 'nGGGv',
  pselect6: 'nGGGtz',
  times: 'z',
  getrusage: 'nz',
  sysinfo: 'z',
  timer_gettime: 'nz',
  timerfd_gettime: 'nz',
  getitimer: 'nz',
  setitimer: 'nJz',
  io_submit: 'nnK',
  io_getevents: 'nnnzt',
  io_pgetevents: 'nnnztz',
  futimesat: 'nsz',
  sysfs: 'nnz',
}

/** `struct file_handle`. */
interface FileHandle {
  readonly handle_bytes: number
  readonly handle_type: number
  readonly f_handle: Uint8Array
}

const long = (m: CMachine, at: number): number => Number(m.view.getBigInt64(at, true))
const setLong = (m: CMachine, at: number, value: number): void =>
  m.view.setBigInt64(at, BigInt(Math.trunc(value)), true)
const timespec = (m: CMachine, at: number) => ({ tv_sec: long(m, at), tv_nsec: long(m, at + 8) })

/** A variable is one futex word, however often it is named. */
const words = new WeakMap<CMachine, Map<number, { value: number }>>()
const wordAt = (m: CMachine, at: number): { value: number } => {
  const known = words.get(m) ?? new Map<number, { value: number }>()
  words.set(m, known)
  const word = known.get(at) ?? { value: 0 }
  known.set(at, word)
  word.value = m.view.getInt32(at, true)
  return word
}

const KINDS: Readonly<Record<string, Kind>> = {
  n: { take: (_m, value) => value },
  s: { take: (m, at) => m.text(at) },
  /** Bytes; the next argument counts them. */
  B: { take: (m, at, size) => (at === 0 ? null : m.slice(at, size)) },
  /** Nothing that matters: null, or an empty object to fill in. */
  z: { take: (_m, at) => (at === 0 ? null : {}) },
  g: { take: (m, at) => (at === 0 ? null : m.view.getBigUint64(at, true)) },
  r: {
    take: (m, at) => ({ value: m.view.getInt32(at, true) }),
    give: (m, at, { value }: { value: number }) => m.view.setInt32(at, value, true),
  },
  q: {
    take: (m, at) => (at === 0 ? null : { value: m.view.getInt32(at, true) }),
    give: (m, at, { value }: { value: number }) => m.view.setInt32(at, value, true),
  },
  G: {
    take: (m, at) => (at === 0 ? null : { value: m.view.getBigUint64(at, true) }),
    give: (m, at, { value }: { value: bigint }) => m.view.setBigUint64(at, value, true),
  },
  /** Memory to the end: the kernel writes into it, and is told the room elsewhere. */
  M: { take: (m, at) => (at === 0 ? null : m.bytes.subarray(at, at + 4096)) },
  R: {
    take: (m, at) => ({ value: long(m, at) }),
    give: (m, at, { value }: { value: number }) => setLong(m, at, value),
  },
  t: {
    take: (m, at) => (at === 0 ? null : timespec(m, at)),
    give: (m, at, { tv_sec, tv_nsec }: { tv_sec: number; tv_nsec: number }) => {
      setLong(m, at, tv_sec)
      setLong(m, at + 8, tv_nsec)
    },
  },
  v: {
    take: (m, at) => (at === 0 ? null : { tv_sec: long(m, at), tv_usec: long(m, at + 8) }),
    give: (m, at, { tv_sec, tv_usec }: { tv_sec: number; tv_usec: number }) => {
      setLong(m, at, tv_sec)
      setLong(m, at + 8, tv_usec)
    },
  },
  i: { take: (m, at) => (at === 0 ? null : { it_interval: timespec(m, at), it_value: timespec(m, at + 16) }) },
  e: {
    take: (m, at) =>
      at === 0 ? null : {
        sigev_signo: m.get(at, 'sigevent', 'sigev_signo'), sigev_notify: m.get(at, 'sigevent', 'sigev_notify'),
      },
  },
  x: { take: (m, at) => (at === 0 ? null : { modes: m.get(at, 'timex', 'modes'), time: { tv_sec: 0, tv_usec: 0 } }) },
  h: {
    take: (m, at) => ({
      handle_bytes: m.view.getUint32(at, true), handle_type: m.view.getInt32(at + 4, true),
      f_handle: m.slice(at + 8, 128),
    }),
    give(m, at, { handle_bytes, handle_type, f_handle }: FileHandle) {
      m.view.setUint32(at, handle_bytes, true)
      m.view.setInt32(at + 4, handle_type, true)
      m.bytes.set(f_handle, at + 8)
    },
  },
  w: { take: (m, at) => (at === 0 ? null : wordAt(m, at)) },
  f: {
    take(m, at) {
      if (at === 0) return null
      const len = m.get(at, 'sock_fprog', 'len')
      const from = m.get(at, 'sock_fprog', 'filter')
      const field = (i: number, name: string) => m.get(from + 8 * i, 'sock_filter', name)
      const filter = Array.from({ length: len }, (_, i) =>
        ({ code: field(i, 'code'), jt: field(i, 'jt'), jf: field(i, 'jf'), k: field(i, 'k') }))
      return { len, filter }
    },
  },
  ...PROCESS_KINDS,
  E: { take: (m, at) => (at === 0 ? null : { events: m.view.getUint32(at, true), data: null }) },
  p: {
    take: (m, at, count) =>
      at === 0 ? null : Array.from({ length: count }, (_, i) => ({
        fd: m.get(at + 8 * i, 'pollfd', 'fd'), events: m.get(at + 8 * i, 'pollfd', 'events'), revents: 0,
      })),
  },
}

const bind = (m: CMachine, call: Builtin, shape: string): Builtin => (...given) => {
  const kinds = [...shape].map((letter) => ownValue(KINDS, letter)!)
  const args = kinds.map(({ take }, i) => take(m, given[i] ?? 0, given[i + 1] ?? 0))
  const rc = call(...(args as number[]))
  kinds.forEach(({ give }, i) => {
    if (give !== undefined && args[i] !== null) give(m, given[i]!, args[i] as never)
  })
  return rc
}

export const signatureCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> =>
  Object.fromEntries(
    Object.entries(SIGNATURES).flatMap(([name, shape]) => {
      const call = (sys as unknown as Record<string, Builtin | undefined>)[name]
      return call === undefined ? [] : [[name, bind(m, call, shape)]]
    }),
  )
