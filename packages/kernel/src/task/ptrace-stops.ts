/** Stops of a traced task, and how it goes on (kernel/signal.c, kernel/ptrace.c). */
import {
  CLD_STOPPED, CLD_TRAPPED, PF_EXITING, PT_SEIZED, PTRACE_EVENT_STOP, SA_NOCLDSTOP, SI_USER, SIGCHLD, SIGSTOP, SIGTRAP,
} from '@lsmkit/abi'
import { from_kuid_munged } from '@lsmkit/core'
import type { KernelSiginfo, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { sigHas } from '../state/task/sigset.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'
import { kernelSiginfo } from './signal-info.ts'

/** As `do_notify_parent_cldstop`: reports a stop to `parent`, which may be a tracer. */
export const notifyStop = (machine: Machine, task: Task, parent: Task | null, si_code: number): void => {
  if (parent === null) return
  const action = threadOf(parent).sighand.action[SIGCHLD]
  if (!action || (action.handler !== 'ignore' && !(action.flags & SA_NOCLDSTOP))) {
    const si_uid = from_kuid_munged(parent.cred.user_ns, task.real_cred.uid)
    const si_pid = machine.tasks.nrSeenBy(task, parent)
    machine.signals.send(SIGCHLD, { si_signo: SIGCHLD, si_errno: 0, si_code, si_pid, si_uid }, parent, 'process')
  }
  machine.wake(parent)
}

/** As `ptrace_stop`: the task stops for its tracer, which gets `code` from wait(2), and `info`. */
const ptrace_stop = (machine: Machine, task: Task, code: number, info: KernelSiginfo | null, why: number): void => {
  const thread = threadOf(task)
  thread.state = 'traced'
  thread.stop_status = code
  thread.last_siginfo = info
  thread.stop_takes_signal = thread.listening = thread.trap_pending = false
  notifyStop(machine, task, task.parent, why)
}

/** As `ptrace_do_notify`: a stop without a signal; the details name the task itself. */
const ptrace_do_notify = (machine: Machine, task: Task, sig: number, event: number, why: number): void => {
  const si_code = sig | (event << 8)
  const si_uid = from_kuid_munged(task.cred.user_ns, task.cred.uid)
  const si_pid = machine.tasks.nrSeenBy(task, task)
  ptrace_stop(machine, task, si_code, { si_signo: sig, si_errno: 0, si_code, si_pid, si_uid }, why)
}

/** As `do_jobctl_trap`: the stop of the whole process, or one that the tracer asked for. */
export const trap = (machine: Machine, task: Task): void => {
  const { stopped } = signalOf(task)
  const code = (otherwise: number): number => (stopped === 0 ? otherwise : stopped)
  if (task.ptrace & PT_SEIZED) ptrace_do_notify(machine, task, code(SIGTRAP), PTRACE_EVENT_STOP, CLD_STOPPED)
  else ptrace_stop(machine, task, code(SIGSTOP), null, CLD_STOPPED)
}

/** As `task_set_jobctl_pending` for a seized task: it stops now, or after its current stop. */
export const requestTrap = (machine: Machine, task: Task): void => {
  const thread = threadOf(task)
  if (thread.state === 'traced' && !thread.listening) thread.trap_pending = true
  else if (!(task.flags & PF_EXITING)) trap(machine, task)
}

/** As `ptrace_signal`: the tracer sees the signal first and decides about it. */
export const stopForSignal = (machine: Machine, task: Task, sig: number, info: KernelSiginfo): void => {
  ptrace_stop(machine, task, sig, info, CLD_TRAPPED)
  const thread = threadOf(task)
  thread.stop_takes_signal = true
  // the tracer may put another signal in its place
  thread.stop_dequeued = true
}

/** A tracee that a tracee forks starts with a stop of its own. */
export const stopForTracer = (machine: Machine, task: Task): void => {
  if (!(task.ptrace & PT_SEIZED))
    threadOf(task).pending.enqueue(kernelSiginfo(SIGSTOP), machine.signals.chargeOf(task))
  machine.callRcu(() => (task.ptrace & PT_SEIZED ? requestTrap(machine, task) : machine.delivery.deliver(task)))
}

/** As `ptrace_event`: a stop that reports `event`. */
export const ptraceEvent = (machine: Machine, task: Task, event: number, message: number): void => {
  threadOf(task).ptrace_message = message
  machine.callRcu(() => {
    if (task.ptrace !== 0 && !(task.flags & PF_EXITING)) ptrace_do_notify(machine, task, SIGTRAP, event, CLD_TRAPPED)
  })
}

/**
 * Resumes a stopped tracee (`ptrace_resume`, `ptrace_detach`). If it stopped for a signal, it gets `sig` instead,
 * unless that is 0; after other stops `sig` has no effect.
 */
export const resume = (machine: Machine, task: Task, sig: number): void => {
  const thread = threadOf(task)
  const { last_siginfo: info, stop_takes_signal, trap_pending } = thread
  thread.state = task.ptrace === 0 && signalOf(task).stopped !== 0 ? 'stopped' : 'running'
  thread.stop_status = 0
  thread.last_siginfo = null
  thread.stop_takes_signal = thread.listening = thread.trap_pending = false
  if (sig !== 0 && stop_takes_signal)
    inject(machine, task, info?.si_signo === sig ? info : tracersInfo(machine, task, sig))
  if (trap_pending && task.ptrace !== 0) machine.callRcu(() => requestTrap(machine, task))
  machine.callRcu(() => machine.delivery.deliver(task))
  machine.wake(task)
}

/** Details of a signal that the tracer sends in the place of another. */
const tracersInfo = (machine: Machine, task: Task, sig: number): KernelSiginfo => ({
  si_signo: sig,
  si_errno: 0,
  si_code: SI_USER,
  si_pid: task.parent === null ? 0 : machine.tasks.nrSeenBy(task.parent, task),
  si_uid: task.parent === null ? 0 : from_kuid_munged(task.cred.user_ns, task.parent.cred.uid),
})

const inject = (machine: Machine, task: Task, info: KernelSiginfo): void => {
  const thread = threadOf(task)
  if (sigHas(thread.blocked, info.si_signo)) thread.pending.enqueue(info, machine.signals.chargeOf(task))
  else thread.injected = info
}
