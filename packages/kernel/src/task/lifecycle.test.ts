/** fork, exit and wait. */
import {
  CLONE_FILES, CLONE_FS, CLONE_NEWPID, CLONE_PIDFD, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, EAGAIN, EBADF, ECHILD,
  EEXIST, EINVAL, ENOENT, EPERM, ESRCH, PR_GET_TIMERSLACK, PR_SET_CHILD_SUBREAPER, P_ALL, P_PGID, P_PID, P_PIDFD,
  RLIMIT_NPROC, SCHED_DEADLINE, SIGCHLD, SIGCONT, SIGKILL, SIGSTOP, WCONTINUED, WEXITED, WNOHANG, WNOWAIT, WUNTRACED,
  __WCLONE, errnoName,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

const ERESTARTSYS = -512
const THREAD = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FS | CLONE_FILES

const kernel = bootForTest()
const { sys, machine, fork, init } = kernel
const taskOf = (pid: number) => machine.tasks.find(pid)!

test('an exit signal that is none is refused, or not sent', () => {
  const parent = fork()
  for (const exit_signal of [65, 255, 2 ** 40, -1])
    expect(sys.clone3(parent, { flags: 0, exit_signal }, 88)).toBe(-EINVAL)
  const child = taskOf(sys.clone(parent, 255, 0, null, null, 0))
  sys.exit_group(child, 0)
  expect(sys.wait4(parent, child.pid, null, __WCLONE, null)).toBe(child.pid)
})

test('handlers are the process\'s own again when the task that shared them is gone, or was never made', () => {
  const parent = fork()
  const sharer = taskOf(sys.clone(parent, CLONE_VM | CLONE_SIGHAND | SIGCHLD, 0, null, null, 0))
  expect(sys.unshare(parent, CLONE_SIGHAND)).toBe(-EINVAL)
  sys.exit_group(sharer, 0)
  sys.wait4(parent, sharer.pid, null, 0, null)
  expect(sys.clone3(parent, { flags: CLONE_VM | CLONE_SIGHAND, set_tid: [init.pid] }, 80)).toBe(-EEXIST)
  expect(sys.unshare(parent, CLONE_SIGHAND)).toBe(0)
})

test('a zombie that nobody waits for any more is gone with its parent', () => {
  const reaper = fork()
  sys.prctl(reaper, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
  sys.rt_sigaction(reaper, SIGCHLD, { handler: 'ignore', flags: 0, mask: 0n }, null, 8)
  const parent = fork(reaper)
  sys.rt_sigaction(parent, SIGCHLD, { handler: 'default', flags: 0, mask: 0n }, null, 8)
  const child = fork(parent)
  sys.exit_group(child, 0)
  expect(taskOf(child.pid)).toBe(child)
  const { cred } = child
  const before = cred.usage
  sys.exit_group(parent, 0)
  expect([machine.tasks.find(child.pid), machine.tasks.find(parent.pid)]).toEqual([null, null])
  sys.getpid(init)
  expect(before - cred.usage).toBe(2)
})

test('a namespace ends with the last thread of its init, whichever that is', () => {
  const parent = fork()
  const child = taskOf(sys.clone(parent, CLONE_NEWPID | SIGCHLD, 0, null, null, 0))
  const other = taskOf(sys.clone(child, THREAD, 0, null, null, 0) + child.pid - 1)
  const [inner, orphan] = [fork(child), fork(fork(child))]
  sys.exit(child, 0)
  sys.exit_group(orphan.real_parent!, 0)
  expect([inner.exit_state, orphan.real_parent]).toEqual([0, other])
  sys.exit(other, 0)
  expect([inner, orphan].map(({ pid }) => machine.tasks.find(pid))).toEqual([null, null])
  expect(sys.wait4(parent, child.pid, null, 0, null)).toBe(child.pid)
})

test('who asks for stops alone is told that a child that has ended has none', () => {
  const parent = fork()
  const child = fork(parent)
  const ask = (options: number) => sys.waitid(parent, P_ALL, 0, null, options | WNOHANG, null)
  expect(ask(WUNTRACED)).toBe(0)
  sys.exit_group(child, 0)
  expect([ask(WUNTRACED), ask(WCONTINUED), ask(WEXITED)]).toEqual([-ECHILD, -ECHILD, 0])
})

describe('what wait tells', () => {
  test.each([
    ['an exit status', 'exit_group', 7, 0x700],
    ['an exit status is a byte', 'exit_group', 0x1ff, 0xff00],
    ['death by SIGKILL', 'kill', SIGKILL, 9],
    ['a core dumped by SIGSEGV', 'kill', 11, 11 | 0x80],
    ['a stop', 'kill', SIGSTOP, 0x137f],
  ])('%s', (_, how, arg, status) => {
    const parent = fork()
    const child = fork(parent)
    if (how === 'kill') sys.kill(parent, child.pid, arg)
    else sys.exit_group(child, arg)
    const stat = { value: 0 }
    expect([sys.wait4(parent, child.pid, stat, WUNTRACED, null), stat.value]).toEqual([child.pid, status])
  })

  test('a stopped child goes on', () => {
    const parent = fork()
    const child = fork(parent)
    const stat = { value: 0 }
    sys.kill(parent, child.pid, SIGSTOP)
    expect(sys.wait4(parent, -1, stat, WUNTRACED, null)).toBe(child.pid)
    sys.kill(parent, child.pid, SIGCONT)
    expect([sys.wait4(parent, -1, stat, WCONTINUED, null), stat.value]).toEqual([child.pid, 0xffff])
    expect(sys.wait4(parent, -1, stat, WUNTRACED | WCONTINUED | WNOHANG, null)).toBe(0)
  })

  test('WNOWAIT leaves the child to be waited for', () => {
    const parent = fork()
    const child = fork(parent)
    sys.exit_group(child, 3)
    const info = { si_signo: 0, si_errno: 0, si_code: 0, si_pid: 0, si_uid: 0, si_status: 0 }
    for (const flags of [WEXITED | WNOWAIT, WEXITED]) {
      expect(sys.waitid(parent, P_ALL, 0, info, flags, null)).toBe(0)
      expect(info).toEqual({ si_signo: SIGCHLD, si_errno: 0, si_code: 1, si_pid: child.pid, si_uid: 0, si_status: 3 })
    }
    expect(sys.waitid(parent, P_ALL, 0, info, WEXITED, null)).toBe(-ECHILD)
  })
})

describe('wait without an answer', () => {
  const parent = fork()
  const child = fork(parent)
  const file = sys.openat(parent, -100, '/', 0, 0)
  test.each([
    ['nothing yet', () => sys.wait4(parent, -1, null, WNOHANG, null), 0],
    ['asleep', () => sys.wait4(parent, -1, null, 0, null), ERESTARTSYS],
    ['no such child', () => sys.wait4(parent, 30000, null, 0, null), -ECHILD],
    ['not a child', () => sys.wait4(parent, 1, null, 0, null), -ECHILD],
    ['the lowest number', () => sys.wait4(parent, -0x80000000, null, 0, null), -ESRCH],
    ['an unknown option', () => sys.wait4(parent, -1, null, 0x100, null), -EINVAL],
    ['waitid for nothing', () => sys.waitid(parent, P_ALL, 0, null, WNOHANG, null), -EINVAL],
    ['waitid for pid 0', () => sys.waitid(parent, P_PID, 0, null, WEXITED, null), -EINVAL],
    ['waitid for a negative group', () => sys.waitid(parent, P_PGID, -1, null, WEXITED, null), -EINVAL],
    ['waitid for a file that is no pidfd', () => sys.waitid(parent, P_PIDFD, file, null, WEXITED, null), -EBADF],
    ['waitid for an unknown kind', () => sys.waitid(parent, 9, 0, null, WEXITED, null), -EINVAL],
    ['the child of another', () => sys.wait4(child, -1, null, 0, null), -ECHILD],
  ])('%s', (_, call, rc) => expect(call()).toBe(rc))
})

test('orphans go to process 1, which reaps them', () => {
  const parent = fork()
  const grandchild = fork(fork(parent))
  sys.exit_group(grandchild.real_parent!, 0)
  expect(sys.getppid(grandchild)).toBe(1)
  sys.exit_group(grandchild, 5)
  const stat = { value: 0 }
  expect([sys.wait4(init, grandchild.pid, stat, 0, null), stat.value]).toEqual([grandchild.pid, 0x500])
})

test('a parent that ignores SIGCHLD has no zombies', () => {
  const parent = fork()
  sys.rt_sigaction(parent, SIGCHLD, { handler: 'ignore', flags: 0, mask: 0n }, null, 8)
  const child = fork(parent)
  sys.exit_group(child, 0)
  expect([taskOf(child.pid), sys.wait4(parent, -1, null, 0, null)]).toEqual([null, -ECHILD])
})

describe('threads', () => {
  test('share the process, and end with it', () => {
    const leader = fork()
    const tid = sys.clone(leader, THREAD, 0, null, null, 0)
    const thread = taskOf(tid)
    expect([sys.getpid(thread), sys.gettid(thread), sys.getppid(thread)]).toEqual([leader.pid, tid, 1])
    sys.exit_group(thread, 4)
    const stat = { value: 0 }
    expect([sys.wait4(init, leader.pid, stat, 0, null), stat.value, taskOf(tid)]).toEqual([leader.pid, 0x400, null])
  })
  test('a leader that ends first is waited for when the last thread has ended', () => {
    const leader = fork()
    const thread = taskOf(sys.clone(leader, THREAD, 0, null, null, 0))
    sys.exit(leader, 1)
    expect(sys.wait4(init, leader.pid, null, WNOHANG, null)).toBe(0)
    sys.exit(thread, 2)
    expect(sys.wait4(init, leader.pid, null, WNOHANG, null)).toBe(leader.pid)
  })
})

describe('flags of clone', () => {
  test.each([
    ['a thread without the handlers', CLONE_THREAD | CLONE_VM, EINVAL],
    ['handlers without the memory', CLONE_SIGHAND, EINVAL],
    ['a new pid namespace for a thread', THREAD | CLONE_NEWPID, EINVAL],
  ])('%s', (_, flags, errno) => expect(sys.clone(fork(), flags, 0, { value: 0 }, null, 0)).toBe(-errno))

  test('clone3: reserved bits, sizes and exit signals', () => {
    const task = fork()
    expect(sys.clone3(task, null, 88)).toBe(-14)
    expect(sys.clone3(task, { flags: 0, exit_signal: SIGCHLD }, 63)).toBe(-EINVAL)
    expect(sys.clone3(task, { flags: 0xff, exit_signal: 0 }, 88)).toBe(-EINVAL)
    expect(sys.clone3(task, { flags: 0, exit_signal: 0x1ff }, 88)).toBe(-EINVAL)
    expect(sys.clone3(task, { flags: 2 ** 40, exit_signal: SIGCHLD }, 88)).toBe(-EINVAL)
    expect(sys.clone3(task, { flags: 0, exit_signal: SIGCHLD, stack: 4096 }, 88)).toBe(-EINVAL)
  })

  test('set_tid chooses the number', () => {
    const task = fork()
    expect(sys.clone3(task, { flags: 0, exit_signal: SIGCHLD, set_tid: [12345] }, 88)).toBe(12345)
    expect(errnoName(sys.clone3(task, { flags: 0, exit_signal: SIGCHLD, set_tid: [12345] }, 88))).toBe('EEXIST')
  })

  test('the pidfd of a child', () => {
    const task = fork()
    const pidfd = { value: -1 }
    const pid = sys.clone(task, CLONE_PIDFD | SIGCHLD, 0, pidfd, null, 0)
    sys.exit_group(taskOf(pid), 0)
    expect(sys.waitid(task, P_PIDFD, pidfd.value, null, WEXITED, null)).toBe(0)
  })
})

test('in a pid namespace the first is 1, and when it ends all end', () => {
  const outer = fork()
  const first = taskOf(sys.clone(outer, CLONE_NEWPID | SIGCHLD, 0, null, null, 0))
  const second = fork(first)
  expect([sys.getpid(first), sys.getpid(second), sys.getppid(first)]).toEqual([1, 2, 0])
  expect(sys.kill(second, 1, SIGKILL)).toBe(0)
  expect(sys.kill(first, 1, SIGKILL)).toBe(0)
  expect(sys.getpid(first)).toBe(1)
  sys.kill(outer, first.pid, SIGKILL)
  expect([sys.wait4(outer, first.pid, null, WNOHANG, null), taskOf(second.pid)]).toEqual([first.pid, null])
})

test('RLIMIT_NPROC holds for those without capabilities', () => {
  const task = fork(init, 4000)
  expect(sys.setrlimit(task, RLIMIT_NPROC, { rlim_cur: 2, rlim_max: 2 })).toBe(0)
  expect([sys.fork(task) > 0, sys.fork(task)]).toEqual([true, -EAGAIN])
})

test('who becomes a user with as many processes as allowed may still execute a program', () => {
  fork(init, 4100)
  for (const [limit, errno] of [[1, 'OK'], [0, 'EAGAIN']] as const) {
    const task = fork()
    sys.setrlimit(task, RLIMIT_NPROC, { rlim_cur: limit, rlim_max: 100 })
    sys.setresuid(task, 4100, 4100, 4100)
    const rc = sys.execve(task, '/none', [], [])
    expect(rc === -ENOENT ? 'OK' : errnoName(rc)).toBe(errno)
    sys.exit_group(task, 0)
    sys.wait4(init, task.pid, null, 0, null)
  }
})

test('a share of the processor\'s time is not inherited', () => {
  const task = fork()
  const attr = { size: 48, sched_policy: SCHED_DEADLINE, sched_nice: 0, sched_priority: 0 }
  const times = { sched_runtime: 10_000_000, sched_deadline: 30_000_000, sched_period: 30_000_000 }
  expect(sys.sched_setattr(task, 0, { ...attr, ...times, sched_flags: 0 }, 0)).toBe(0)
  expect([sys.fork(task), sys.prctl(task, PR_GET_TIMERSLACK, 0, 0, 0, 0)]).toEqual([-EAGAIN, 0])
  sys.sched_setattr(task, 0, { ...attr, ...times, sched_flags: 1 }, 0)
  const child = taskOf(sys.fork(task))
  expect(child.policy).toBe(0)
})

test('what an LSM refuses leaves no task behind', () => {
  let allow = true
  const refuser = defineLsm({
    name: 'refuser',
    abi: '1.0', id: 200,
    hooks: { task_alloc: () => (allow ? 0 : -EPERM) },
  })
  const own = bootForTest({ lsms: [refuser] })
  const task = own.fork()
  allow = false
  const before = [...own.machine.tasks.threads()].length
  const held = task.cred.usage
  expect(own.sys.fork(task)).toBe(-EPERM)
  expect([[...own.machine.tasks.threads()].length, task.cred.usage]).toEqual([before, held])
})

test('a file kept open by two processes is released once, by the last', () => {
  const released: string[] = []
  const watcher = defineLsm({
    name: 'watcher',
    abi: '1.0',
    id: 200,
    hooks: { file_release: (file) => void released.push(file.f_path.dentry.d_name.name) },
  })
  const own = bootForTest({ lsms: [watcher] })
  own.file('/tmp/f', 'x')
  const parent = own.fork()
  own.sys.openat(parent, -100, '/tmp/f', 0, 0)
  const child = own.fork(parent)
  released.length = 0
  own.sys.exit_group(parent, 0)
  expect(released).toEqual([])
  own.sys.exit_group(child, 0)
  expect(released).toEqual(['f'])
})
