/** Job control: what a stop and its end tell the parent, orphaned groups, threads, and how tracers see it. */
import {
  CLD_CONTINUED, CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, EIO, EINVAL, ESRCH, PTRACE_ATTACH,
  PTRACE_CONT, PTRACE_DETACH, PTRACE_EVENT_STOP, PTRACE_GETSIGINFO, PTRACE_INTERRUPT, PTRACE_LISTEN,
  PTRACE_O_TRACEFORK, PTRACE_SEIZE, SA_NOCLDSTOP, SIG_BLOCK, SIGCHLD, SIGCONT, SIGHUP, SIGKILL, SIGSTOP, SIGTERM,
  SIGTRAP, SIGTSTP, SIGUSR1, WNOHANG, WUNTRACED, __WCLONE,
} from '@lsmkit/abi'
import type { KernelSiginfo, Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

const { sys, machine, fork, init } = bootForTest()
const THREAD = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FS | CLONE_FILES
const bit = (sig: number) => 1n << BigInt(sig - 1)
const stateOf = (task: Task) => (task.exit_state === 0 ? threadOf(task).state : 'dead')
const block = (task: Task, set: bigint) => sys.rt_sigprocmask(task, SIG_BLOCK, set, null, 8)
const thread = (task: Task) => machine.tasks.find(sys.clone(task, THREAD, 0, null, null, 0))!
const wait = (task: Task, options = WNOHANG): readonly [pid: number, status: number] => {
  const stat = { value: 0 }
  return [sys.wait4(task, -1, stat, options, null), stat.value]
}

describe('the parent', () => {
  test('hears of a stop and of its end', () => {
    const parent = fork()
    block(parent, bit(SIGCHLD))
    const child = fork(parent)
    sys.kill(init, child.pid, SIGSTOP)
    signalOf(parent).shared_pending.clear()
    sys.kill(init, child.pid, SIGCONT)
    expect(signalOf(parent).shared_pending.details).toMatchObject([{ si_code: CLD_CONTINUED, si_pid: child.pid }])
  })
  test.each([
    ['that ignores it', { handler: 'ignore', flags: 0, mask: 0n }],
    ['that does not want stops', { handler: 'default', flags: SA_NOCLDSTOP, mask: 0n }],
  ] as const)('%s is not told, though it blocks the signal', (_, action) => {
    const parent = fork()
    block(parent, bit(SIGCHLD))
    sys.rt_sigaction(parent, SIGCHLD, action, null, 8)
    const child = fork(parent)
    for (const sig of [SIGSTOP, SIGCONT]) sys.kill(init, child.pid, sig)
    expect(signalOf(parent).shared_pending.set).toBe(0n)
  })
})

describe('orphaned groups', () => {
  /** A session with a shell, and a job in a group of its own. */
  const session = () => {
    const shell = fork()
    sys.setsid(shell)
    const job = fork(shell)
    sys.setpgid(job, 0, 0)
    return { shell, job, member: fork(job) }
  }
  test('a terminal stops no group that nobody could let go on, SIGSTOP does', () => {
    const { shell, job, member } = session()
    sys.kill(init, member.pid, SIGTSTP)
    expect(stateOf(member)).toBe('stopped')
    sys.kill(init, member.pid, SIGCONT)
    sys.exit_group(shell, 0)
    for (const task of [job, member]) sys.kill(init, task.pid, SIGTSTP)
    expect([job, member].map(stateOf)).toEqual(['running', 'running'])
    sys.kill(init, member.pid, SIGSTOP)
    expect(stateOf(member)).toBe('stopped')
  })
  test('what is stopped when the shell ends is hung up, with all of its group', () => {
    const { shell, job, member } = session()
    block(job, bit(SIGHUP))
    sys.kill(init, member.pid, SIGSTOP)
    sys.exit_group(shell, 0)
    expect([stateOf(job), stateOf(member), signalOf(job).shared_pending.set]).toEqual(['running', 'dead', bit(SIGHUP)])
  })
  test('nothing happens to one that runs, nor while another of the session cares', () => {
    const { shell, job, member } = session()
    const sister = machine.tasks.find(sys.fork(shell))!
    sys.setpgid(shell, sister.pid, job.pid)
    sys.kill(init, member.pid, SIGSTOP)
    sys.exit_group(job, 0)
    expect([sister, member].map(stateOf)).toEqual(['running', 'stopped'])
  })
})

describe('threads', () => {
  test('a signal that the leader blocks is for another', () => {
    const task = fork()
    const other = thread(task)
    block(task, bit(SIGTERM))
    sys.kill(init, task.pid, SIGTERM)
    expect([task, other].map(stateOf)).toEqual(['dead', 'dead'])
  })
  test('a process without its leader can be killed', () => {
    const parent = fork()
    const task = fork(parent)
    const other = thread(task)
    sys.exit(task, 0)
    expect([stateOf(other), sys.kill(parent, task.pid, SIGTERM), stateOf(other)]).toEqual(['running', 0, 'dead'])
    expect(wait(parent)).toEqual([task.pid, SIGTERM])
  })
  test('the end of a parent is told to each thread that asked', () => {
    const parent = fork()
    const task = fork(parent)
    const other = thread(task)
    for (const one of [task, other]) block(one, bit(SIGUSR1))
    sys.prctl(other, 1, SIGUSR1, 0, 0, 0)
    sys.exit_group(parent, 0)
    expect(signalOf(task).shared_pending.set | threadOf(other).pending.set).toBe(bit(SIGUSR1))
  })
  test('the own queue comes first, whatever the numbers', () => {
    const task = fork()
    block(task, bit(SIGUSR1) | bit(40))
    sys.kill(init, task.pid, SIGUSR1)
    sys.tkill(init, task.pid, 40)
    const take = () => sys.rt_sigtimedwait(task, bit(SIGUSR1) | bit(40), null, { tv_sec: 0, tv_nsec: 0 }, 8)
    expect([take(), take()]).toEqual([40, SIGUSR1])
  })
})

describe('tracers', () => {
  const seized = (options = 0) => {
    const tracer = fork()
    const tracee = fork(tracer)
    expect(sys.ptrace(tracer, PTRACE_SEIZE, tracee.pid, 0, options)).toBe(0)
    const ask = (what: number, data = 0) => sys.ptrace(tracer, what, tracee.pid, 0, data)
    return { tracer, tracee, ask }
  }
  const infoOf = (tracer: Task, pid: number): KernelSiginfo | number => {
    const info = { value: null as unknown as KernelSiginfo }
    const rc = sys.ptrace(tracer, PTRACE_GETSIGINFO, pid, 0, info)
    return rc === 0 ? info.value : rc
  }
  const stopped = (sig: number, event = 0) => (event << 16) | (sig << 8) | 0x7f

  test('a group stop is told to who seized as an event with its signal, to who attached without siginfo', () => {
    const { tracer, tracee, ask } = seized()
    sys.kill(init, tracee.pid, SIGSTOP)
    expect(wait(tracer)).toEqual([tracee.pid, stopped(SIGSTOP)])
    expect(ask(PTRACE_CONT, SIGSTOP)).toBe(0)
    expect(wait(tracer)).toEqual([tracee.pid, stopped(SIGSTOP, PTRACE_EVENT_STOP)])
    expect(infoOf(tracer, tracee.pid)).toMatchObject({
      si_signo: SIGSTOP, si_code: SIGSTOP | (PTRACE_EVENT_STOP << 8), si_pid: tracee.pid,
    })
    const old = fork()
    const oldTracee = fork(old)
    sys.kill(init, oldTracee.pid, SIGSTOP)
    sys.ptrace(old, PTRACE_ATTACH, oldTracee.pid, 0, 0)
    expect([wait(old), infoOf(old, oldTracee.pid)]).toEqual([[oldTracee.pid, stopped(SIGSTOP)], -EINVAL])
  })
  test('who listens hears of SIGCONT, and is answered nothing else', () => {
    const { tracer, tracee, ask } = seized()
    expect(ask(PTRACE_INTERRUPT)).toBe(0)
    expect([ask(PTRACE_LISTEN), ask(PTRACE_CONT), wait(tracer)]).toEqual([0, -ESRCH, [0, 0]])
    sys.kill(init, tracee.pid, SIGCONT)
    expect(wait(tracer)).toEqual([tracee.pid, stopped(SIGTRAP, PTRACE_EVENT_STOP)])
    expect(ask(PTRACE_CONT)).toBe(0)
    expect([wait(tracer), ask(PTRACE_LISTEN)]).toEqual([[tracee.pid, stopped(SIGCONT)], -EIO])
  })
  test('an interrupt during a stop makes another', () => {
    const { tracer, tracee, ask } = seized()
    sys.kill(init, tracee.pid, SIGUSR1)
    expect([ask(PTRACE_INTERRUPT), wait(tracer)]).toEqual([0, [tracee.pid, stopped(SIGUSR1)]])
    expect([ask(PTRACE_CONT), wait(tracer)]).toEqual([0, [tracee.pid, stopped(SIGTRAP, PTRACE_EVENT_STOP)]])
  })
  test('a signal given to a stop that is none of a signal is of no account', () => {
    const { tracer, tracee, ask } = seized()
    ask(PTRACE_INTERRUPT)
    expect([ask(PTRACE_CONT, SIGKILL), stateOf(tracee), wait(tracer)]).toEqual([0, 'running', [0, 0]])
  })
  test('a signal of the tracer\'s own comes from the tracer', () => {
    const { tracer, tracee, ask } = seized()
    sys.rt_sigaction(tracee, SIGUSR1, { handler: () => {}, flags: 0, mask: 0n }, null, 8)
    sys.kill(init, tracee.pid, SIGTERM)
    ask(PTRACE_CONT, SIGUSR1)
    expect(machine.delivery.dequeue(tracee)?.info).toMatchObject({ si_signo: SIGUSR1, si_code: 0, si_pid: tracer.pid })
  })
  test('children of a tracee start with the stop that the tracer knows', () => {
    const { tracer, tracee, ask } = seized(PTRACE_O_TRACEFORK)
    const child = sys.fork(tracee)
    const seen = [wait(tracer), wait(tracer)]
    expect(seen).toContainEqual([child, stopped(SIGTRAP, PTRACE_EVENT_STOP)])
    expect(ask(PTRACE_CONT)).toBe(0)
  })
  test('detached from a group stop it stays stopped', () => {
    const { tracer, tracee, ask } = seized()
    sys.kill(init, tracee.pid, SIGSTOP)
    ask(PTRACE_CONT, SIGSTOP)
    expect([ask(PTRACE_DETACH), stateOf(tracee), wait(tracer, WNOHANG | WUNTRACED)[0]]).toEqual([
      0, 'stopped', tracee.pid,
    ])
  })
  test.each([
    ['that it has not heard of is the tracee\'s', false, SIGTERM, 'dead'],
    ['to stop likewise', false, SIGSTOP, 'stopped'],
    ['that it has waited for is gone', true, SIGTERM, 'running'],
  ] as const)('the end of a tracer: a signal %s', (_, heard, sig, state) => {
    const { tracer, tracee } = seized()
    sys.kill(init, tracee.pid, sig)
    if (heard) wait(tracer)
    sys.exit_group(tracer, 0)
    expect(stateOf(tracee)).toBe(state)
  })
  test('SIGCONT takes back a stop that only the tracer has seen', () => {
    const { tracee, ask } = seized()
    sys.kill(init, tracee.pid, SIGSTOP)
    sys.kill(init, tracee.pid, SIGCONT)
    ask(PTRACE_CONT, SIGSTOP)
    expect(signalOf(tracee).stopped).toBe(0)
  })
  test('tracees are waited for whatever they are, the one attached last first', () => {
    const tracer = fork()
    const [first, second] = [fork(), fork()]
    for (const { pid } of [first, second]) sys.ptrace(tracer, PTRACE_ATTACH, pid, 0, 0)
    expect([wait(tracer, WNOHANG | __WCLONE)[0], wait(tracer)[0]]).toEqual([second.pid, first.pid])
    const own = fork(tracer)
    sys.ptrace(tracer, PTRACE_ATTACH, own.pid, 0, 0)
    expect(wait(tracer, WNOHANG | __WCLONE)[0]).toBe(own.pid)
  })
})
