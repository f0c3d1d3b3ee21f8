/** Signals: who may send which to whom, what becomes of them, and what is pending. */
import {
  CLONE_NEWUSER, EAGAIN, EFAULT, EINVAL, EPERM, errnoName, ESRCH, RLIMIT_SIGPENDING, SI_QUEUE, SI_TKILL, SIG_BLOCK,
  SIG_SETMASK, SIG_UNBLOCK, SIGCHLD, SIGCONT, SIGKILL, SIGSTOP, SIGTERM, SIGUSR1, WNOHANG, WUNTRACED,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { killTask } from '../boot/kill-task.ts'
import type { SigHandler } from '../state/task/sigset.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

const kernel = bootForTest()
const { sys, machine, fork, init } = kernel
const ERESTARTSYS = -512

const handle = (task: Task, sig: number, handler: SigHandler, flags = 0, mask = 0n) =>
  sys.rt_sigaction(task, sig, { handler, flags, mask }, null, 8)
const bit = (sig: number) => 1n << BigInt(sig - 1)
const alive = (task: Task) =>
  machine.tasks.find(task.pid) === task && task.exit_state === 0

describe('who may signal whom', () => {
  const rows: Record<string, readonly [sender: number, target: number, sig: number, rc: string]> = {
    'root anybody': [0, 1000, SIGTERM, 'OK'],
    'a user himself': [1000, 1000, SIGTERM, 'OK'],
    'a user another': [1000, 1001, SIGTERM, 'EPERM'],
    'a user another, only asking': [1000, 1001, 0, 'EPERM'],
    'a user himself, only asking': [1000, 1000, 0, 'OK'],
    'a user root': [1000, 0, SIGCONT, 'EPERM'],
    'no signal at all': [0, 1000, 65, 'EINVAL'],
    'a negative signal': [0, 1000, -1, 'EINVAL'],
  }
  test.each(Object.entries(rows))('%s', (_, [from, to, sig, rc]) => {
    const sender = fork(init, from)
    const target = fork(init, to)
    sys.setsid(target)
    const got = sys.kill(sender, target.pid, sig)
    expect(got < 0 ? errnoName(got) : 'OK').toBe(rc)
    expect(alive(target)).toBe(!(rc === 'OK' && sig === SIGTERM))
  })

  test('SIGCONT anywhere in the session', () => {
    const sender = fork(init, 1000)
    expect([
      sys.kill(sender, fork(init, 1001).pid, SIGCONT),
      sys.kill(sender, fork(init, 1001).pid, SIGTERM),
    ]).toEqual([0, -EPERM])
  })

  test('an LSM may refuse what the ids allow', () => {
    const deaf = defineLsm({
      name: 'deaf',
      abi: '1.0',
      id: 200,
      hooks: { task_kill: (_target, _info, sig) => (sig === SIGTERM ? -EPERM : 0) },
    })
    const own = bootForTest({ lsms: [deaf] })
    const target = own.fork()
    expect([own.sys.kill(own.init, target.pid, SIGTERM), own.sys.kill(own.init, target.pid, 0)]).toEqual([-EPERM, 0])
  })

  test('no LSM keeps a task from the kernel itself', () => {
    const immortal = defineLsm({ name: 'immortal', abi: '1.0', id: 200, hooks: { task_kill: () => -EPERM } })
    const own = bootForTest({ lsms: [immortal] })
    const target = own.fork()
    expect([own.sys.kill(own.init, target.pid, SIGKILL), target.exit_state]).toEqual([-EPERM, 0])
    killTask(own, target, SIGKILL)
    expect(own.machine.tasks.find(target.pid)?.exit_state).not.toBe(0)
  })
})

describe('to many', () => {
  test('a group gets it, others do not', () => {
    const leader = fork()
    sys.setpgid(leader, 0, 0)
    const [member, outsider] = [fork(leader), fork()]
    expect(sys.kill(outsider, -leader.pid, SIGTERM)).toBe(0)
    expect([leader, member, outsider].map(alive)).toEqual([false, false, true])
  })
  test('some refusals do not matter when one was reached', () => {
    const leader = fork()
    sys.setpgid(leader, 0, 0)
    const mine = fork(leader, 1000)
    expect(sys.kill(fork(init, 1000), -leader.pid, SIGTERM)).toBe(0)
    expect([leader, mine].map(alive)).toEqual([true, false])
  })
  test.each([
    ['no such process', (t: Task) => sys.kill(t, 30000, 0), -ESRCH],
    ['no such group', (t: Task) => sys.kill(t, -30000, 0), -ESRCH],
    ['the lowest number', (t: Task) => sys.kill(t, -0x80000000, 0), -ESRCH],
    ['tgkill of a thread of another process', (t: Task) => sys.tgkill(t, 1, t.pid, 0), -ESRCH],
    ['tgkill of nothing', (t: Task) => sys.tgkill(t, 0, t.pid, 0), -EINVAL],
    ['tkill of nothing', (t: Task) => sys.tkill(t, -1, 0), -EINVAL],
  ])('%s', (_, call, rc) => expect(call(fork())).toBe(rc))
})

test('kill(-1) spares process 1 and the sender', () => {
  const own = bootForTest()
  const sender = own.fork()
  const others = [own.fork(), own.fork()]
  expect(own.sys.kill(sender, -1, SIGKILL)).toBe(0)
  expect([own.init, sender, ...others].map(({ exit_state }) => exit_state === 0)).toEqual([true, true, false, false])
})

describe('what becomes of it', () => {
  test('blocked signals wait, and two of the same are one', () => {
    const task = fork()
    handle(task, SIGUSR1, () => {})
    sys.rt_sigprocmask(task, SIG_BLOCK, bit(SIGUSR1), null, 8)
    for (let i = 0; i < 3; i++) sys.kill(init, task.pid, SIGUSR1)
    const set = { value: 0n }
    sys.rt_sigpending(task, set, 8)
    expect(set.value).toBe(bit(SIGUSR1))
    sys.rt_sigprocmask(task, SIG_UNBLOCK, bit(SIGUSR1), null, 8)
    const taken = machine.delivery.dequeue(task)
    expect([taken?.info.si_signo, taken?.info.si_pid, machine.delivery.dequeue(task)]).toEqual([SIGUSR1, 1, null])
  })
  test('real-time signals queue, up to the limit', () => {
    const task = fork(init, 5003)
    handle(task, 34, () => {})
    sys.setrlimit(task, RLIMIT_SIGPENDING, { rlim_cur: 2, rlim_max: 2 })
    sys.rt_sigprocmask(task, SIG_BLOCK, bit(34), null, 8)
    const info = { si_signo: 34, si_errno: 0, si_code: SI_QUEUE, si_pid: 9, si_uid: 0 }
    expect([1, 2, 3].map(() => sys.rt_sigqueueinfo(task, task.pid, 34, info))).toEqual([0, 0, -EAGAIN])
  })
  test('of kill(2) no more stays than that the signal came, past the limit', () => {
    const task = fork(init, 5002)
    const sig = 40
    sys.rt_sigprocmask(task, SIG_BLOCK, bit(sig) | bit(sig + 1), null, 8)
    sys.prlimit64(task, 0, RLIMIT_SIGPENDING, { rlim_cur: 2, rlim_max: 2 }, null)
    for (let i = 0; i < 5; i++) expect(sys.kill(init, task.pid, sig)).toBe(0)
    expect(sys.kill(init, task.pid, sig + 1)).toBe(0)
    const { details, set } = signalOf(task).shared_pending
    expect([details.map(({ si_signo }) => si_signo), set]).toEqual([[sig, sig], bit(sig) | bit(sig + 1)])
  })
  test('the limit is one of the user\'s, for all of his tasks', () => {
    const [one, two, other] = [fork(init, 5000), fork(init, 5000), fork(init, 5001)]
    const info = { si_signo: 40, si_errno: 0, si_code: SI_QUEUE, si_pid: 9, si_uid: 0 }
    for (const task of [one, two, other]) {
      sys.rt_sigprocmask(task, SIG_BLOCK, bit(40) | bit(SIGUSR1), null, 8)
      sys.setrlimit(task, RLIMIT_SIGPENDING, { rlim_cur: 1, rlim_max: 1 })
    }
    expect([one, two, other].map(({ pid }) => sys.rt_sigqueueinfo(init, pid, 40, info))).toEqual([0, -EAGAIN, 0])
    expect([sys.tkill(init, two.pid, SIGUSR1), signalOf(two).shared_pending.details]).toEqual([0, []])
    expect(threadOf(two).pending).toMatchObject({ set: bit(SIGUSR1), details: [] })
  })
  test('the sender\'s user is told as the receiver counts users', () => {
    const target = fork(init, 1000)
    sys.unshare(target, CLONE_NEWUSER)
    sys.rt_sigprocmask(target, SIG_BLOCK, bit(SIGUSR1), null, 8)
    sys.kill(init, target.pid, SIGUSR1)
    expect(signalOf(target).shared_pending.details).toMatchObject([{ si_uid: 65534 }])
  })

  test('the handler runs with its own signal and its mask blocked', () => {
    const task = fork()
    handle(task, SIGUSR1, () => {}, 0, bit(SIGTERM))
    sys.kill(init, task.pid, SIGUSR1)
    machine.delivery.dequeue(task)
    expect(threadOf(task).blocked).toBe(bit(SIGUSR1) | bit(SIGTERM))
  })
  test('SIGKILL and SIGSTOP are neither blocked nor handled', () => {
    const task = fork()
    expect([handle(task, SIGKILL, 'ignore'), handle(task, SIGSTOP, 'ignore')]).toEqual([-EINVAL, -EINVAL])
    sys.rt_sigprocmask(task, SIG_SETMASK, (1n << 64n) - 1n, null, 8)
    expect(threadOf(task).blocked & (bit(SIGKILL) | bit(SIGSTOP))).toBe(0n)
    sys.kill(init, task.pid, SIGKILL)
    expect(alive(task)).toBe(false)
  })
  test('SIGCONT takes a pending SIGSTOP back, and the other way round', () => {
    const task = fork()
    sys.kill(init, task.pid, SIGSTOP)
    expect(threadOf(task).state).toBe('stopped')
    sys.kill(init, task.pid, SIGTERM)
    expect(alive(task)).toBe(true)
    sys.kill(init, task.pid, SIGCONT)
    expect(alive(task)).toBe(false)
  })
  test('process 1 takes only what it handles', () => {
    const own = bootForTest()
    const task = own.fork()
    expect([own.sys.kill(task, 1, SIGKILL), own.sys.kill(task, 1, SIGTERM), own.init.exit_state]).toEqual([0, 0, 0])
  })
  test('pause sleeps until there is one', () => {
    const task = fork()
    handle(task, SIGUSR1, () => {})
    expect(sys.pause(task)).toBe(ERESTARTSYS)
    sys.kill(init, task.pid, SIGUSR1)
    expect(errnoName(sys.pause(task))).toBe('EINTR')
  })
  test('the end of a parent, where it was asked for', () => {
    const parent = fork()
    const child = fork(parent)
    sys.prctl(child, 1, SIGTERM, 0, 0, 0)
    sys.exit_group(parent, 0)
    expect(alive(child)).toBe(false)
  })
})

describe('siginfo of the caller', () => {
  const forged = { si_signo: SIGUSR1, si_errno: 0, si_code: 0, si_pid: 1, si_uid: 0 }
  test.each([
    ['as if by kill, to another', () => forged, -EPERM],
    ['as if by tkill, to another', () => ({ ...forged, si_code: SI_TKILL }), -EPERM],
    ['none', () => null, -EFAULT],
  ])('%s', (_, info, rc) => expect(sys.rt_sigqueueinfo(fork(), 1, SIGUSR1, info())).toBe(rc))
  test('of the kernel, to itself: nobody is asked', () => {
    let asked = 0
    const hooks = { task_kill: () => (asked++, 0) }
    const own = bootForTest({ lsms: [defineLsm({ name: 'counts', abi: '1.0', id: 200, hooks })] })
    const task = own.fork()
    own.sys.rt_sigaction(task, SIGUSR1, { handler: 'ignore', flags: 0, mask: 0n }, null, 8)
    const codes = [128, 1, 0, SI_QUEUE]
    for (const si_code of codes) own.sys.rt_sigqueueinfo(task, task.pid, SIGUSR1, { ...forged, si_code })
    expect(asked).toBe(2)
  })
  test('anything, to itself', () => {
    const task = fork()
    handle(task, SIGUSR1, 'ignore')
    expect(sys.rt_sigqueueinfo(task, task.pid, SIGUSR1, forged)).toBe(0)
  })
})

test.each([
  ['a set of another size', (t: Task) => sys.rt_sigprocmask(t, SIG_BLOCK, 0n, null, 4), -EINVAL],
  ['an unknown way', (t: Task) => sys.rt_sigprocmask(t, 9, 0n, null, 8), -EINVAL],
  ['an action of another size', (t: Task) => sys.rt_sigaction(t, SIGTERM, null, null, 4), -EINVAL],
  ['signal 0', (t: Task) => sys.rt_sigaction(t, 0, null, null, 8), -EINVAL],
  ['signal 65', (t: Task) => sys.rt_sigaction(t, 65, null, null, 8), -EINVAL],
])('bad arguments: %s', (_, call, rc) => expect(call(fork())).toBe(rc))

test('SIGCHLD tells who has ended, and how', () => {
  const parent = fork()
  handle(parent, SIGCHLD, () => {})
  const child = fork(parent, 1000)
  sys.exit_group(child, 3)
  expect(machine.delivery.dequeue(parent)?.info).toMatchObject({
    si_signo: SIGCHLD,
    si_code: 1,
    si_pid: child.pid,
    si_uid: 1000,
  })
  expect(sys.wait4(parent, -1, null, WNOHANG | WUNTRACED, null)).toBe(child.pid)
})
