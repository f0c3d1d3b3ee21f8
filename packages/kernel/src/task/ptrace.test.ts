/** Tracing: who may look into whom, attaching, stops, and pidfds of others. */
import {
  CLONE_PIDFD, EBADF, EFAULT, EINVAL, EIO, EPERM, errnoName, ESRCH, MADV_COLD, O_RDONLY, PR_SET_DUMPABLE, PTRACE_ATTACH,
  PTRACE_CONT, PTRACE_DETACH, PTRACE_GETSIGINFO, PTRACE_INTERRUPT, PTRACE_KILL, PTRACE_MODE_ATTACH_REALCREDS,
  PTRACE_MODE_READ_FSCREDS, PTRACE_O_EXITKILL, PTRACE_PEEKDATA, PTRACE_POKEDATA, PTRACE_SEIZE, PTRACE_SETOPTIONS,
  PTRACE_TRACEME, SIGKILL, SIGSTOP, SIGTERM, SIGUSR1, WNOHANG, WUNTRACED,
} from '@lsmkit/abi'
import { capAssign, CAP_FULL_SET } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { KernelSiginfo, Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { spaceOf } from '../state/mm/address-space.ts'
import type { Memory } from '../state/mm/address-space.ts'
import { bootForTest } from '../testing/boot.ts'
import { Kstat } from '../state/vfs/kstat.ts'
import { threadOf } from '../state/task/thread.ts'

const kernel = bootForTest()
const { sys, machine, fork, init } = kernel

describe('who may look', () => {
  /** uids of the target; whether it is dumpable; capabilities of the looker; the answer. */
  const rows: Record<
    string,
    readonly [looker: number, target: number[], dumpable: number, caps: boolean, ok: boolean]
  > = {
    'the same user': [1000, [1000, 1000, 1000], 1, false, true],
    'another user': [1001, [1000, 1000, 1000], 1, false, false],
    'a program that was set-id': [1000, [1000, 0, 0], 1, false, false],
    'a saved id that differs': [1000, [1000, 1000, 0], 1, false, false],
    'one that is not dumpable': [1000, [1000, 1000, 1000], 0, false, false],
    'one that only root may dump': [1000, [1000, 1000, 1000], 2, false, false],
    'root without the capability': [0, [1000, 1000, 1000], 1, false, false],
    'anybody with the capability': [1001, [1000, 0, 0], 0, true, true],
  }
  test.each(Object.entries(rows))('%s', (_, [uid, ids, dumpable, caps, ok]) => {
    const looker = fork(init, 4000)
    const target = fork(init, 4000)
    looker.cred.uid = looker.cred.euid = looker.cred.suid = looker.cred.fsuid = uid
    target.cred.uid = ids[0]!
    target.cred.euid = ids[1]!
    target.cred.suid = ids[2]!
    target.mm!.dumpable = dumpable
    if (caps) capAssign(looker.cred.cap_effective, CAP_FULL_SET)
    machine.current.task = looker
    for (const mode of [PTRACE_MODE_ATTACH_REALCREDS, PTRACE_MODE_READ_FSCREDS])
      expect(machine.ptrace.access(target, mode)).toBe(ok ? 0 : -EPERM)
  })

  test('by which ids: the real ones for calls, those of files for procfs', () => {
    const looker = fork(init, 4000)
    const target = fork(init, 1000)
    looker.cred.fsuid = looker.cred.fsgid = 1000
    machine.current.task = looker
    expect(machine.ptrace.access(target, PTRACE_MODE_READ_FSCREDS)).toBe(0)
    expect(machine.ptrace.access(target, PTRACE_MODE_ATTACH_REALCREDS)).toBe(-EPERM)
    expect(machine.ptrace.access(target, 1)).toBe(-EPERM)
  })

  test('threads of one process always', () => {
    const task = fork(init, 1000)
    task.mm!.dumpable = 0
    machine.current.task = task
    expect(machine.ptrace.access(task, PTRACE_MODE_ATTACH_REALCREDS)).toBe(0)
  })
})

const traced = () => {
  const tracer = fork()
  const tracee = fork(tracer)
  expect(sys.ptrace(tracer, PTRACE_ATTACH, tracee.pid, 0, 0)).toBe(0)
  return { tracer, tracee }
}

test('attach stops, the tracer is told, and detach lets go', () => {
  const { tracer, tracee } = traced()
  const stat = { value: 0 }
  expect([sys.wait4(tracer, tracee.pid, stat, 0, null), stat.value]).toEqual([tracee.pid, 0x137f])
  expect(kernel.cat(init, `/proc/${tracee.pid}/status`)).toContain(`TracerPid:\t${tracer.pid}`)
  expect(sys.ptrace(tracer, PTRACE_DETACH, tracee.pid, 0, 0)).toBe(0)
  expect([tracee.ptrace, threadOf(tracee).state, tracee.ptracer_cred]).toEqual([0, 'running', null])
})

test('signals go by the tracer, which may change or drop them', () => {
  const { tracer, tracee } = traced()
  sys.wait4(tracer, tracee.pid, null, 0, null)
  sys.ptrace(tracer, PTRACE_CONT, tracee.pid, 0, 0)
  const stat = { value: 0 }
  sys.kill(init, tracee.pid, SIGTERM)
  expect([sys.wait4(tracer, tracee.pid, stat, 0, null), stat.value]).toEqual([tracee.pid, 0x0f7f])
  const info = { value: null as unknown as KernelSiginfo }
  expect([
    sys.ptrace(tracer, PTRACE_GETSIGINFO, tracee.pid, 0, info),
    info.value.si_signo,
    info.value.si_pid,
  ]).toEqual([0, SIGTERM, 1])
  sys.ptrace(tracer, PTRACE_CONT, tracee.pid, 0, 0)
  expect(threadOf(tracee).state).toBe('running')
  sys.kill(init, tracee.pid, SIGUSR1)
  sys.ptrace(tracer, PTRACE_CONT, tracee.pid, 0, SIGKILL)
  expect([sys.wait4(tracer, tracee.pid, stat, 0, null), stat.value]).toEqual([tracee.pid, SIGKILL])
})

test('memory of a stopped tracee, through what its runner offers', () => {
  const { tracer, tracee } = traced()
  sys.wait4(tracer, tracee.pid, null, 0, null)
  const bytes = new Uint8Array(16)
  const memory: Memory = {
    read: (addr, len) => bytes.slice(addr, addr + len),
    write: (addr, data) => (bytes.set(data, addr), data.length),
  }
  const word = { value: 0n }
  expect(errnoName(sys.ptrace(tracer, PTRACE_PEEKDATA, tracee.pid, 0, word))).toBe('EIO')
  spaceOf(tracee.mm!).memory = memory
  expect(sys.ptrace(tracer, PTRACE_POKEDATA, tracee.pid, 8, 0x1234)).toBe(0)
  expect([sys.ptrace(tracer, PTRACE_PEEKDATA, tracee.pid, 8, word), word.value]).toEqual([0, 0x1234n])
  expect(errnoName(sys.ptrace(tracer, PTRACE_PEEKDATA, tracee.pid, 12, word))).toBe('EIO')
})

test('seize does not stop; interrupt does', () => {
  const tracer = fork()
  const tracee = fork(tracer)
  expect(sys.ptrace(tracer, PTRACE_SEIZE, tracee.pid, 0, PTRACE_O_EXITKILL)).toBe(0)
  expect(sys.wait4(tracer, tracee.pid, null, WNOHANG, null)).toBe(0)
  expect(sys.ptrace(tracer, PTRACE_INTERRUPT, tracee.pid, 0, 0)).toBe(0)
  expect(sys.wait4(tracer, tracee.pid, null, WNOHANG, null)).toBe(tracee.pid)
  sys.exit_group(tracer, 0)
  expect(tracee.exit_state).not.toBe(0)
})

describe('refused', () => {
  const tracer = fork()
  const child = fork(tracer)
  test.each([
    ['itself', () => sys.ptrace(tracer, PTRACE_ATTACH, tracer.pid, 0, 0), -EPERM],
    ['nobody', () => sys.ptrace(tracer, PTRACE_ATTACH, 30000, 0, 0), -ESRCH],
    ['a request to one it does not trace', () => sys.ptrace(tracer, PTRACE_CONT, child.pid, 0, 0), -ESRCH],
    ['seize with an address', () => sys.ptrace(tracer, PTRACE_SEIZE, child.pid, 1, 0), -EIO],
    ['seize with unknown options', () => sys.ptrace(tracer, PTRACE_SEIZE, child.pid, 0, 0x40000000), -EIO],
  ])('%s', (_, call, rc) => expect(call()).toBe(rc))
  test('a request while it runs, a signal out of range, unknown options', () => {
    const own = traced()
    sys.wait4(own.tracer, own.tracee.pid, null, 0, null)
    const ask = (what: number, data: number) => errnoName(sys.ptrace(own.tracer, what, own.tracee.pid, 0, data))
    expect([ask(PTRACE_CONT, 65), ask(PTRACE_SETOPTIONS, 0x40000000)]).toEqual(['EIO', 'EINVAL'])
    sys.ptrace(own.tracer, PTRACE_CONT, own.tracee.pid, 0, 0)
    expect(ask(PTRACE_CONT, 0)).toBe('ESRCH')
    expect([sys.ptrace(own.tracer, PTRACE_ATTACH, own.tracee.pid, 0, 0)]).toEqual([-EPERM])
  })
  test('an LSM is asked for both ways', () => {
    const wary = defineLsm({
      name: 'wary',
      abi: '1.0',
      id: 200,
      hooks: { ptrace_access_check: () => -EPERM, ptrace_traceme: () => -EPERM },
    })
    const own = bootForTest({ lsms: [wary] })
    const task = own.fork()
    expect([
      own.sys.ptrace(own.init, PTRACE_ATTACH, task.pid, 0, 0),
      own.sys.ptrace(task, PTRACE_TRACEME, 0, 0, 0),
    ]).toEqual([-EPERM, -EPERM])
    expect([task.ptrace, task.ptracer_cred]).toEqual([0, null])
  })
})

test('traceme: the parent is the tracer; the end of the tracer ends the tracing', () => {
  const tracer = fork()
  const tracee = fork(tracer)
  expect([sys.ptrace(tracee, PTRACE_TRACEME, 0, 0, 0), sys.ptrace(tracee, PTRACE_TRACEME, 0, 0, 0)]).toEqual([
    0,
    -EPERM,
  ])
  sys.exit_group(tracer, 0)
  expect([tracee.ptrace, tracee.ptracer_cred]).toEqual([0, null])
  expect(sys.ptrace(fork(tracee), PTRACE_KILL, tracee.pid, 0, 0)).toBe(-ESRCH)
})

describe('pidfds', () => {
  const openFile = (task: Task) => sys.openat(task, -100, '/', O_RDONLY, 0)
  test('of a process that has ended say so, and the number is nobody else’s', () => {
    const parent = fork()
    const child = fork(parent)
    const fd = sys.pidfd_open(parent, child.pid, 0)
    expect(kernel.cat(parent, `/proc/self/fdinfo/${fd}`)).toContain(`Pid:\t${child.pid}`)
    sys.exit_group(child, 0)
    sys.wait4(parent, child.pid, null, 0, null)
    expect(sys.pidfd_send_signal(parent, fd, 0, null, 0)).toBe(-ESRCH)
    expect(sys.pidfd_open(parent, child.pid, 0)).toBe(-ESRCH)
  })
  test('of a number that only a group is called by any more there are none', () => {
    const leader = fork()
    sys.setpgid(leader, 0, 0)
    fork(leader)
    sys.exit_group(leader, 0)
    sys.wait4(init, leader.pid, null, 0, null)
    expect(sys.pidfd_open(init, leader.pid, 0)).toBe(-EINVAL)
  })
  test('a descriptor of another process is the same open file', () => {
    const parent = fork()
    const child = fork(parent)
    kernel.file('/tmp/shared', 'abcdef')
    const theirs = sys.openat(child, -100, '/tmp/shared', O_RDONLY, 0)
    const fd = sys.pidfd_open(parent, child.pid, 0)
    const mine = sys.pidfd_getfd(parent, fd, theirs, 0)
    const buf = new Uint8Array(3)
    expect([sys.read(child, theirs, buf), sys.read(parent, mine, buf), new TextDecoder().decode(buf)]).toEqual([
      3,
      3,
      'def',
    ])
  })
  test.each([
    ['a thread number', (t: Task) => sys.pidfd_open(t, 0, 0), -EINVAL],
    ['unknown flags', (t: Task) => sys.pidfd_open(t, t.pid, 1), -EINVAL],
    ['a file that is no pidfd', (t: Task) => sys.pidfd_getfd(t, openFile(t), 0, 0), -EBADF],
    ['flags of getfd', (t: Task) => sys.pidfd_getfd(t, 0, 0, 1), -EINVAL],
    ['a signal of a file that is no pidfd', (t: Task) => sys.pidfd_send_signal(t, openFile(t), 0, null, 0), -EBADF],
    ['a descriptor that is not open there', (t: Task) => sys.pidfd_getfd(t, sys.pidfd_open(t, 1, 0), 77, 0), -EBADF],
  ])('%s', (_, call, rc) => expect(call(fork())).toBe(rc))
})

test('kcmp: a process that has exited has no open files', () => {
  const child = fork()
  sys.exit_group(child, 0)
  const [KCMP_FILE, KCMP_EPOLL_TFD] = [0, 7]
  expect(sys.kcmp(init, child.pid, child.pid, KCMP_FILE, 0, 0)).toBe(-EBADF)
  expect(sys.kcmp(init, child.pid, child.pid, KCMP_EPOLL_TFD, 0, { efd: 0, tfd: 0, toff: 0 })).toBe(-EBADF)
})

test('dumpable: what prctl sets decides', () => {
  const task = fork(init, 1000)
  const looker = fork(init, 1000)
  sys.prctl(task, PR_SET_DUMPABLE, 0, 0, 0, 0)
  expect(sys.ptrace(looker, PTRACE_ATTACH, task.pid, 0, 0)).toBe(-EPERM)
  sys.prctl(task, PR_SET_DUMPABLE, 1, 0, 0, 0)
  expect(sys.ptrace(looker, PTRACE_ATTACH, task.pid, 0, 0)).toBe(0)
  expect([
    sys.wait4(looker, task.pid, null, WUNTRACED | WNOHANG, null),
    threadOf(task).last_siginfo?.si_signo,
  ]).toEqual([task.pid, SIGSTOP])
})

describe('the file of a process', () => {
  const stat = new Kstat()
  test('has a mode without a type, a name of its kind, and does not change', () => {
    const fd = sys.pidfd_open(init, fork().pid, 0)
    sys.fstat(init, fd, stat)
    const buf = new Uint8Array(50)
    const n = sys.readlink(init, `/proc/self/fd/${fd}`, buf)
    expect([stat.mode, new TextDecoder().decode(buf.subarray(0, n))]).toEqual([0o700, 'anon_inode:[pidfd]'])
    expect([sys.fchmod(init, fd, 0o600), sys.fchown(init, fd, 1, 1)]).toEqual([-EPERM, -EPERM])
  })
  test('no memory is released of a process that has none left, and no advice is none', () => {
    const child = fork()
    const fd = sys.pidfd_open(init, child.pid, 0)
    expect(sys.process_madvise(init, fd, null, 0, MADV_COLD, 0)).toBe(0)
    expect(sys.process_madvise(init, fd, null, 1, MADV_COLD, 0)).toBe(-EFAULT)
    sys.exit_group(child, 0)
    expect(sys.process_mrelease(init, fd, 0)).toBe(-ESRCH)
  })
  test('is asked for with a place to put it', () => {
    expect(sys.clone(init, CLONE_PIDFD, 0, null, null, 0)).toBe(-EFAULT)
  })
})
