/** Process system calls with arguments nobody should pass: an answer each time, and a kernel that goes on. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { processHandlers } from './process-handlers.ts'

const NUMBERS = [
  0,
  1,
  2,
  3,
  4,
  7,
  8,
  9,
  15,
  64,
  65,
  255,
  4095,
  4096,
  0x7fffffff,
  0xffffffff,
  2 ** 40,
  2 ** 53,
  -1,
  -2,
  -100,
  -(2 ** 31),
  -(2 ** 53),
]
const n = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NUMBERS) }, { weight: 1, arbitrary: fc.integer() })
const text = fc.constantFrom('', 'x', '/', '/nothing', '/prog', 'y'.repeat(100), '\0', '/tmp/../prog')

/** Kinds of arguments by letter: pointers may be null; what is filled in is made anew each time. */
const KINDS = {
  n,
  z: text,
  B: fc.constantFrom(0n, 1n, 1n << 63n, (1n << 64n) - 1n),
  r: fc.constant(null).map(() => ({ value: 0 })),
  b: fc.constant(null).map(() => ({ value: 0n })),
  u: fc.uint8Array({ maxLength: 64 }),
  l: fc.array(n, { maxLength: 5 }),
  Z: fc.array(text, { maxLength: 3 }),
  h: fc.record({ version: fc.constantFrom(0, 0x19980330, 0x20071026, 0x20080522), pid: n }),
  s: fc.record({ si_signo: n, si_errno: n, si_code: n, si_pid: n, si_uid: n }),
  a: fc.record({
    handler: fc.constantFrom('default' as const, 'ignore' as const),
    flags: n,
    mask: fc.constantFrom(0n, 1n << 8n),
  }),
  o: fc.constant(null).map(() => ({})),
  R: fc.record({
    rlim_cur: fc.oneof(n, fc.constantFrom(Infinity, NaN)),
    rlim_max: fc.oneof(n, fc.constantFrom(Infinity, NaN)),
  }),
  S: fc.record({ sched_priority: n }),
  A: fc.record({
    size: n,
    sched_policy: n,
    sched_flags: n,
    sched_nice: n,
    sched_priority: n,
    sched_runtime: n,
    sched_deadline: n,
    sched_period: n,
  }),
  c: fc.record({ flags: n, exit_signal: n, stack: n, stack_size: n, set_tid: fc.array(n, { maxLength: 3 }) }),
  L: fc.array(fc.uint8Array({ maxLength: 16 }), { maxLength: 3 }),
  V: fc.array(fc.record({ iov_base: n, iov_len: n }), { maxLength: 3 }),
} as const

const SHAPES: Readonly<Record<string, string>> = {
  getuid: '',
  geteuid: '',
  getgid: '',
  getegid: '',
  getresuid: 'rrr',
  getresgid: 'rrr',
  setuid: 'n',
  setgid: 'n',
  setreuid: 'nn',
  setregid: 'nn',
  setresuid: 'nnn',
  setresgid: 'nnn',
  setfsuid: 'n',
  setfsgid: 'n',
  setgroups: 'nl',
  getgroups: 'nl',
  capget: 'hu',
  capset: 'hu',
  setpgid: 'nn',
  getpgid: 'n',
  getpgrp: '',
  getsid: 'n',
  setsid: '',
  getpid: '',
  gettid: '',
  getppid: '',
  kill: 'nn',
  tkill: 'nn',
  tgkill: 'nnn',
  rt_sigqueueinfo: 'nns',
  rt_tgsigqueueinfo: 'nnns',
  pidfd_send_signal: 'nnsn',
  rt_sigaction: 'naan',
  rt_sigprocmask: 'nBbn',
  rt_sigpending: 'bn',
  pause: '',
  fork: '',
  vfork: '',
  clone: 'nnrrn',
  clone3: 'cn',
  execve: 'zZZ',
  execveat: 'nzZZn',
  wait4: 'nrno',
  waitid: 'nnono',
  set_tid_address: 'r',
  prctl: 'nnnnn',
  personality: 'n',
  umask: 'n',
  setpriority: 'nnn',
  getpriority: 'nn',
  ioprio_set: 'nnn',
  ioprio_get: 'nn',
  sched_setattr: 'nAn',
  sched_getattr: 'nAnn',
  sched_setaffinity: 'nnB',
  sched_getaffinity: 'nnb',
  sched_setscheduler: 'nnS',
  sched_getscheduler: 'n',
  sched_setparam: 'nS',
  sched_getparam: 'nS',
  sched_rr_get_interval: 'no',
  sched_get_priority_max: 'n',
  sched_get_priority_min: 'n',
  sched_yield: '',
  getrlimit: 'nR',
  setrlimit: 'nR',
  prlimit64: 'nnRR',
  ptrace: 'nnnn',
  process_vm_readv: 'nLnVnn',
  process_vm_writev: 'nLnVnn',
  process_madvise: 'nVnnn',
  kcmp: 'nnnnn',
  pidfd_open: 'nn',
  pidfd_getfd: 'nnn',
  unshare: 'n',
  setns: 'nn',
  uname: 'o',
  sethostname: 'zn',
  setdomainname: 'zn',
  mmap: 'nnnnnn',
  munmap: 'nn',
  mprotect: 'nnn',
  pkey_mprotect: 'nnnn',
  brk: 'n',
  mremap: 'nnnnn',
  remap_file_pages: 'nnnnn',
  msync: 'nnn',
  mincore: 'nnu',
  madvise: 'nnn',
  mlock: 'nn',
  mlock2: 'nnn',
  munlock: 'nn',
  mlockall: 'n',
  munlockall: '',
  move_pages: 'nnllln',
  migrate_pages: 'nnBB',
  lsm_get_self_attr: 'nurn',
  lsm_set_self_attr: 'nunn',
  lsm_list_modules: 'urn',
}

/** Calls that end the caller have their own tests. */
const LEFT_OUT = ['exit', 'exit_group']

const argsOf = (shape: string) =>
  fc.tuple(...[...shape].map((kind) => {
    const arbitrary = KINDS[kind as keyof typeof KINDS] as fc.Arbitrary<unknown>
    return kind === 'n' || kind === 'B'
      ? arbitrary
      : fc.oneof({ weight: 5, arbitrary }, { weight: 1, arbitrary: fc.constant(null) })
  }))

const call = fc.constantFrom(...Object.keys(SHAPES)).chain((name) =>
  fc.record({ name: fc.constant(name), args: argsOf(SHAPES[name]!), uid: fc.constantFrom(0, 1000) }))

test('every call is tried', () => {
  const { machine } = bootForTest()
  const names = Object.keys(processHandlers(machine.lsm, machine)).filter((name) => !LEFT_OUT.includes(name))
  expect(names.sort()).toEqual(Object.keys(SHAPES).sort())
})

test('numbers of all sizes, and null for what is a pointer', () => {
  const panics: string[] = []
  const kernel = bootForTest({ onPanic: (name, error) => void panics.push(`${name}: ${String(error)}`) })
  kernel.file('/prog', Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00), 0o755)
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 25 }), (calls) => {
      const tasks = new Map([0, 1000].map((uid) => [uid, kernel.fork(kernel.init, uid)]))
      for (const { name, args, uid } of calls) {
        const task = tasks.get(uid)!
        if (task.exit_state !== 0) continue
        const rc = kernel.syscall(task, name, ...args)
        if (typeof rc !== 'number' || Number.isNaN(rc)) throw new Error(`${name}: ${String(rc)}`)
      }
      for (const task of kernel.machine.tasks.threads())
        if (task !== kernel.init && task.exit_state === 0) kernel.sys.exit_group(task, 0)
      while (kernel.sys.wait4(kernel.init, -1, null, 1, null) > 0);
      return kernel.sys.getpid(kernel.init) === 1 && !kernel.machine.inRcu
    }),
    { numRuns: 800 },
  )
  expect([...new Set(panics)]).toEqual([])
})
