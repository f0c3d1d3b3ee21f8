/** prctl by table: options, their bad arguments, and LSMs that answer first. */
import {
  EBADF, EFAULT, EINVAL, ENODEV, ENXIO, EPERM, ERANGE, PR_GET_AUXV, PR_GET_CHILD_SUBREAPER, PR_GET_DUMPABLE,
  PR_GET_IO_FLUSHER, PR_GET_MDWE, PR_GET_MEMORY_MERGE, PR_GET_NAME, PR_GET_NO_NEW_PRIVS, PR_GET_PDEATHSIG,
  PR_GET_SPECULATION_CTRL, PR_GET_TIMERSLACK, PR_GET_TIMING, PR_GET_TSC, PR_MCE_KILL,
  PR_MCE_KILL_EARLY, PR_MCE_KILL_GET, PR_MCE_KILL_SET, PR_MDWE_NO_INHERIT, PR_MDWE_REFUSE_EXEC_GAIN, PR_SCHED_CORE,
  PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE, PR_SET_IO_FLUSHER, PR_SET_MDWE, PR_SET_MEMORY_MERGE, PR_SET_MM,
  PR_SET_MM_AUXV, PR_SET_MM_MAP, PR_SET_MM_MAP_SIZE, PR_SET_NAME, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG,
  PR_SET_SECCOMP, PR_SET_SPECULATION_CTRL, PR_SET_SYSCALL_USER_DISPATCH, PR_SET_TAGGED_ADDR_CTRL, PR_SET_TIMERSLACK,
  PR_SET_TIMING, PR_SET_TSC, PR_SET_UNALIGN, PR_SET_VMA, RLIMIT_DATA, SIGTERM,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import type { PrctlArg, PrctlMmMap } from './prctl-option.ts'

const { sys, fork, init, cat } = bootForTest()
type Args = readonly [option: number, arg2?: PrctlArg, arg3?: PrctlArg, arg4?: PrctlArg, arg5?: PrctlArg]
const prctl = (task: Task, [option, a = 0, b = 0, c = 0, d = 0]: Args) => sys.prctl(task, option, a, b, c, d)

test.each<readonly [what: string, set: Args, get: Args, value: number]>([
  ['dumpable', [PR_SET_DUMPABLE, 0], [PR_GET_DUMPABLE], 0],
  ['no_new_privs', [PR_SET_NO_NEW_PRIVS, 1], [PR_GET_NO_NEW_PRIVS], 1],
  ['the timer slack', [PR_SET_TIMERSLACK, 123], [PR_GET_TIMERSLACK], 123],
  ['the default timer slack', [PR_SET_TIMERSLACK, 0], [PR_GET_TIMERSLACK], 50000],
  ['machine checks', [PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY], [PR_MCE_KILL_GET], PR_MCE_KILL_EARLY],
  [
    'memory that denies write and exec',
    [PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN],
    [PR_GET_MDWE],
    PR_MDWE_REFUSE_EXEC_GAIN,
  ],
  ['timing', [PR_SET_TIMING, 0], [PR_GET_TIMING], 0],
  ['merging of pages', [PR_SET_MEMORY_MERGE, 1], [PR_GET_MEMORY_MERGE], 1],
  ['that it writes back', [PR_SET_IO_FLUSHER, 1], [PR_GET_IO_FLUSHER], 1],
])('%s is set and told', (_, set, get, value) => {
  const task = fork()
  expect([prctl(task, set), prctl(task, get)]).toEqual([0, value])
})

test.each<readonly [what: string, set: Args, get: number, value: number | string]>([
  ['the signal at the end of the parent', [PR_SET_PDEATHSIG, SIGTERM], PR_GET_PDEATHSIG, SIGTERM],
  ['a subreaper', [PR_SET_CHILD_SUBREAPER, 5], PR_GET_CHILD_SUBREAPER, 1],
  ['the processor\'s clock', [PR_SET_TSC, 2], PR_GET_TSC, 2],
  ['a name', [PR_SET_NAME, 'worker'], PR_GET_NAME, 'worker'],
  ['a name that is too long', [PR_SET_NAME, '0123456789abcdefgh'], PR_GET_NAME, '0123456789abcde'],
  ['a name that is cut inside a character', [PR_SET_NAME, 'äöüäöüäöü'], PR_GET_NAME, 'äöüäöüä'],
])('%s is set and put where it is asked for', (_, set, get, value) => {
  const task = fork()
  const answer = { value: 0 as number | string }
  expect([prctl(task, set), prctl(task, [get, answer as { value: number }]), answer.value]).toEqual([0, 0, value])
})

test.each<readonly [what: string, args: Args, rc: number]>([
  ['an unknown option', [0x7fffffff], -EINVAL],
  ['a name of no option of ours', [-1], -EINVAL],
  ['dumpable by suid alone is not to be had', [PR_SET_DUMPABLE, 2], -EINVAL],
  ['no_new_privs off', [PR_SET_NO_NEW_PRIVS, 0], -EINVAL],
  ['no_new_privs with more', [PR_SET_NO_NEW_PRIVS, 1, 1], -EINVAL],
  ['asking with more', [PR_GET_NO_NEW_PRIVS, 0, 0, 0, 1], -EINVAL],
  ['a signal that is none', [PR_SET_PDEATHSIG, 65], -EINVAL],
  ['a name that is no text', [PR_SET_NAME, 5], -EFAULT],
  ['nowhere to put the name', [PR_GET_NAME, null], -EFAULT],
  ['nowhere to put a number', [PR_GET_PDEATHSIG, 0], -EFAULT],
  ['timing by the clock', [PR_SET_TIMING, 1], -EINVAL],
  ['one half of memory-deny-write-exec', [PR_SET_MDWE, PR_MDWE_NO_INHERIT], -EINVAL],
  ['an auxv with more', [PR_GET_AUXV, { value: new Uint8Array(0) }, 16, 1], -EINVAL],
  ['a seccomp mode that is none', [PR_SET_SECCOMP, 3], -EINVAL],
  ['a filter that is none', [PR_SET_SECCOMP, 2, null], -EFAULT],
  ['the clock in another way', [PR_SET_TSC, 3], -EINVAL],
  ['tagged addresses', [PR_SET_TAGGED_ADDR_CTRL, 1], -EINVAL],
  ['unaligned access', [PR_SET_UNALIGN, 1], -EINVAL],
  ['names of mappings, which Debian leaves out', [PR_SET_VMA, 0, 0x10000, 4096], -EINVAL],
  ['cores shared, likewise', [PR_SCHED_CORE, 0, 0, 0, 0], -EINVAL],
  ['stores bypassed: nothing to set', [PR_SET_SPECULATION_CTRL, 0, 2], -ENXIO],
  ['branches speculated on: already so', [PR_SET_SPECULATION_CTRL, 1, 2], 0],
  ['branches not speculated on', [PR_SET_SPECULATION_CTRL, 1, 4], -EPERM],
  ['branches in no known way', [PR_SET_SPECULATION_CTRL, 1, 3], -ERANGE],
  ['the first cache flushed', [PR_SET_SPECULATION_CTRL, 2, 2], -EPERM],
  ['a kind of speculation that is none', [PR_SET_SPECULATION_CTRL, 9, 2], -ENODEV],
  ['asking about one that is none', [PR_GET_SPECULATION_CTRL, 9], -ENODEV],
  ['asking about stores', [PR_GET_SPECULATION_CTRL, 0], 2],
  ['asking about the first cache', [PR_GET_SPECULATION_CTRL, 2], 8],
  ['memory merged, with more', [PR_SET_MEMORY_MERGE, 1, 1], -EINVAL],
  ['calls dispatched nowhere', [PR_SET_SYSCALL_USER_DISPATCH, 0, 1], -EINVAL],
  ['calls dispatched from a range that wraps', [PR_SET_SYSCALL_USER_DISPATCH, 1, 4096, 0], -EINVAL],
  ['the size of a map with nowhere to put it', [PR_SET_MM, PR_SET_MM_MAP_SIZE, 0], -EFAULT],
  ['a map of another size', [PR_SET_MM, PR_SET_MM_MAP, null, 96], -EINVAL],
  ['no map', [PR_SET_MM, PR_SET_MM_MAP, null, 104], -EFAULT],
  ['an auxv that is too long', [PR_SET_MM, PR_SET_MM_AUXV, new Uint8Array(424), 424], -EINVAL],
  ['a part of mm that is none', [PR_SET_MM, 99, 0, 0, 0], -EINVAL],
])('%s', (_, args, rc) => expect(prctl(fork(), args)).toBe(rc))

test('what needs a capability', () => {
  const task = fork(init, 1000)
  expect([prctl(task, [PR_SET_MM, 7]), prctl(task, [PR_GET_IO_FLUSHER])]).toEqual([-EPERM, -EPERM])
})

test('no_new_privs and the subreaper flag of ancestors go to children, the end-of-parent signal does not', () => {
  const parent = fork()
  for (const set of [
    [PR_SET_NO_NEW_PRIVS, 1],
    [PR_SET_PDEATHSIG, SIGTERM],
    [PR_SET_CHILD_SUBREAPER, 1],
  ] as const)
    prctl(parent, set)
  const child = fork(parent)
  const signal = { value: -1 }
  prctl(child, [PR_GET_PDEATHSIG, signal])
  expect([prctl(child, [PR_GET_NO_NEW_PRIVS]), signal.value]).toEqual([1, 0])
  const orphan = fork(child)
  sys.exit_group(child, 0)
  expect(sys.getppid(orphan)).toBe(parent.pid)
})

test('memory-deny-write-exec is for good, and holds', () => {
  const task = fork()
  prctl(task, [PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN])
  expect(prctl(task, [PR_SET_MDWE, 0])).toBe(-EPERM)
  const p = sys.mmap(task, 0, 4096, 3, 0x22, -1, 0)
  expect([sys.mprotect(task, p, 4096, 4), sys.mmap(task, 0, 4096, 7, 0x22, -1, 0)].map((rc) => rc < 0)).toEqual([
    true,
    true,
  ])
})

test('a map of the program\'s parts, and its auxiliary vector', () => {
  const task = fork()
  const size = { value: 0 }
  expect([prctl(task, [PR_SET_MM, PR_SET_MM_MAP_SIZE, size]), size.value]).toEqual([0, 104])
  const at = 0x20000
  const map: PrctlMmMap = {
    start_code: at, end_code: at + 1, start_data: at, end_data: at, start_stack: at, start_brk: at, brk: at + 4096,
    arg_start: at, arg_end: at, env_start: at, env_end: at, auxv: new Uint8Array([6, 0, 0, 0, 0, 0, 0, 0, 7]),
    exe_fd: 0xffffffff,
  }
  const set = (own: Partial<PrctlMmMap>, by: Task = task) =>
    prctl(by, [PR_SET_MM, PR_SET_MM_MAP, { ...map, ...own }, 104])
  expect([set({}), sys.brk(task, 0)]).toEqual([0, at + 4096])
  const auxv = { value: new Uint8Array(0) }
  expect([prctl(task, [PR_GET_AUXV, auxv, 24]), [...auxv.value.subarray(0, 16)].join('')]).toEqual([
    416, '6000000070000000',
  ])
  const bad: readonly (readonly [Partial<PrctlMmMap>, number])[] = [
    [{ end_code: at }, -EINVAL], [{ brk: 1 }, -EINVAL], [{ env_end: at - 1 }, -EINVAL], [{ exe_fd: 99 }, -EBADF],
    [{ auxv: new Uint8Array(500) }, -EINVAL],
  ]
  for (const [own, rc] of bad) expect([own, set(own)]).toEqual([own, rc])
  // Nobody needs a capability, but for another file.
  const user = fork(init, 1000)
  expect([set({}, user), set({ exe_fd: 0 }, user)]).toEqual([0, -EPERM])
  sys.setrlimit(user, RLIMIT_DATA, { rlim_cur: 100, rlim_max: 100 })
  expect(set({}, user)).toBe(-EINVAL)
})

test('a new program keeps what forks keep, but for denial that is not to be inherited', () => {
  for (const [bits, kept] of [[1, 1], [3, 0]] as const) {
    const parent = fork()
    prctl(parent, [PR_SET_MDWE, bits])
    prctl(parent, [PR_SET_MEMORY_MERGE, 1])
    const child = fork(parent)
    expect([prctl(child, [PR_GET_MDWE]), prctl(child, [PR_GET_MEMORY_MERGE])]).toEqual([kept, 1])
  }
})

describe('LSMs', () => {
  const own = bootForTest({
    lsms: [
      defineLsm({
        name: 'answers',
        abi: '1.0',
        id: 200,
        hooks: { task_prctl: (option) => (option === PR_SET_NAME ? 42 : option === PR_GET_TIMING ? -EPERM : -38) },
      }),
    ],
  })
  test('may answer in place of the kernel', () => {
    const task = own.fork()
    const { comm } = task
    expect([own.sys.prctl(task, PR_SET_NAME, 'x', 0, 0, 0), task.comm]).toEqual([42, comm])
    expect([
      own.sys.prctl(task, PR_GET_TIMING, 0, 0, 0, 0),
      own.sys.prctl(task, PR_GET_DUMPABLE, 0, 0, 0, 0),
    ]).toEqual([-EPERM, 1])
  })
})

test('a new name is seen in procfs', () => {
  const task = fork()
  prctl(task, [PR_SET_NAME, 'new\nname'])
  expect([cat(task, '/proc/self/comm'), String(cat(task, '/proc/self/status')).split('\n')[0]]).toEqual([
    'new\nname\n',
    'Name:\tnew\\nname',
  ])
})
