/** What signals do when a task takes them (kernel/signal.c): end, stop, a report to the tracer, a handler to call. */
import {
  CLD_CONTINUED, CLD_STOPPED, CLD_TRAPPED, PF_EXITING, SA_NOCLDSTOP, SA_RESETHAND, SIGCHLD, SIGCONT, SIGKILL, SIGSTOP,
  SIGTRAP,
} from '@lsmkit/abi'
import { from_kuid_munged } from '@lsmkit/core'
import type { KernelSiginfo, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { kernelSiginfo } from './signals.ts'
import {
  defaultAction, defaultEffect, dequeueSignal, enqueue, handlerIgnores, handlerMask, nextSignal, sigHas,
  SIG_KERNEL_ONLY,
} from './sigset.ts'
import type { SigAction, SigHandler } from './sigset.ts'
import { signalOf, threadOf } from './thread.ts'

export const createDelivery = (machine: Machine) => {
  const { send, handlerOf, pendingSet } = machine.signals
  const { freezer } = machine.cgroups

  /**
   * What the kernel does with signals without the program's help, as if `task` had been scheduled (`get_signal`): end,
   * stop, freeze, hand over to the tracer. A signal with a handler stays pending until the program's runner takes it.
   */
  const deliver = (task: Task): void => {
    while (!(task.flags & PF_EXITING)) {
      const thread = threadOf(task)
      const signal = signalOf(task)
      const killed = sigHas(thread.pending.set | signal.shared_pending.set, SIGKILL)
      if (!killed && thread.state !== 'running') return
      if (!killed && freezer.isFreezing(task)) return freezer.enter(task)
      const sig = killed ? SIGKILL : nextSignal({ set: pendingSet(task), queue: [] }, thread.blocked)
      if (sig === 0) return
      if (task.ptrace !== 0 && sig !== SIGKILL) return stopForSignal(task, sig)
      const handler = handlerOf(task, sig)
      if (typeof handler === 'function') return
      take(task, sig)
      if (!act(task, sig, handler)) return
    }
  }

  /** Takes one pending instance, the thread's own first. */
  const take = (task: Task, sig: number): KernelSiginfo => {
    const own = threadOf(task).pending
    return dequeueSignal(sigHas(own.set, sig) ? own : signalOf(task).shared_pending, sig)
  }

  /** The default action; false when the task cannot go on. */
  const act = (task: Task, sig: number, handler: SigHandler): boolean => {
    if (sig !== SIGKILL && handlerIgnores(handler, sig)) return true
    const effect = defaultEffect(sig)
    if (signalOf(task).unkillable && sig !== SIGKILL && !sigHas(SIG_KERNEL_ONLY, sig)) return true
    if (effect === 'stop') stopProcess(task, sig)
    else machine.exits.dieOf(task, sig, effect === 'core')
    return false
  }

  /** As `do_signal_stop`: the whole process, and the parent is told. */
  const stopProcess = (task: Task, sig: number): void => {
    const signal = signalOf(task)
    signal.stopped = sig
    signal.notify = 'stopped'
    for (const one of signal.threads) {
      const thread = threadOf(one)
      if (one.ptrace !== 0) enterTraced(one, sig)
      else if (thread.state === 'running') thread.state = 'stopped'
    }
    const { parent } = task
    if (parent === null) return
    const action = threadOf(parent).sighand.action[SIGCHLD]
    if (!action || !(action.flags & SA_NOCLDSTOP)) send(SIGCHLD, stopSiginfo(task, sig), parent, 'process')
    machine.wake(parent)
  }

  const stopSiginfo = (task: Task, sig: number): KernelSiginfo => {
    const { parent } = task
    return {
      si_signo: SIGCHLD,
      si_errno: 0,
      si_code: sig === SIGCONT ? CLD_CONTINUED : CLD_STOPPED,
      si_pid: parent === null ? 0 : machine.tasks.nrSeenBy(task, parent),
      si_uid: parent === null ? 0 : from_kuid_munged(parent.cred.user_ns, task.real_cred.uid),
    }
  }

  /** As `ptrace_stop`: waits for the tracer, which finds `code` by wait. */
  const enterTraced = (task: Task, code: number): void => {
    const thread = threadOf(task)
    thread.state = 'traced'
    thread.stop_status = code
    if (task.parent !== null) {
      send(SIGCHLD, { ...stopSiginfo(task, 0), si_code: CLD_TRAPPED }, task.parent, 'process')
      machine.wake(task.parent)
    }
  }

  /** As `ptrace_signal`: the tracer sees the signal first and decides what becomes of it. */
  const stopForSignal = (task: Task, sig: number): void => {
    const thread = threadOf(task)
    thread.last_siginfo = take(task, sig)
    enterTraced(task, sig)
  }

  /** A tracee born of a tracee starts with a stop of its own. */
  const stopForTracer = (task: Task): void => {
    enqueue(threadOf(task).pending, kernelSiginfo(SIGSTOP))
    machine.callRcu(() => deliver(task))
  }

  /** As `ptrace_event`: a stop that reports `event`. */
  const ptraceEvent = (task: Task, event: number, message: number): void => {
    threadOf(task).ptrace_message = message
    machine.callRcu(() => {
      if (task.ptrace !== 0 && !(task.flags & PF_EXITING)) enterTraced(task, SIGTRAP | (event << 8))
    })
  }

  /** The tracer lets a stopped tracee go on, with a signal or without (`ptrace_resume`). */
  const resume = (task: Task, sig: number): void => {
    const thread = threadOf(task)
    const info = thread.last_siginfo
    thread.state = 'running'
    thread.stop_status = 0
    thread.last_siginfo = null
    if (sig !== 0) {
      const handler = handlerOf(task, sig)
      if (sigHas(thread.blocked, sig)) enqueue(thread.pending, info?.si_signo === sig ? info : kernelSiginfo(sig))
      else if (typeof handler === 'function') injected.set(task, info?.si_signo === sig ? info : kernelSiginfo(sig))
      else machine.callRcu(() => { act(task, sig, handler) })
    }
    machine.callRcu(() => deliver(task))
    machine.wake(task)
  }

  /** Signals a tracer let through to a handler: not shown to the tracer a second time. */
  const injected = new WeakMap<Task, KernelSiginfo>()

  /** The next handled signal, for the runner to call its handler; null when there is none (`get_signal`). */
  const dequeue = (task: Task): { info: KernelSiginfo; action: SigAction } | null => {
    const through = injected.get(task)
    injected.delete(task)
    const thread = threadOf(task)
    if (through === undefined) deliver(task)
    if (task.flags & PF_EXITING || thread.state !== 'running' || thread.frozen) return null
    const sig = through?.si_signo ?? nextSignal({ set: pendingSet(task), queue: [] }, thread.blocked)
    const action = thread.sighand.action[sig]
    if (sig === 0 || !action || typeof action.handler !== 'function') return null
    const info = through ?? take(task, sig)
    if (action.flags & SA_RESETHAND) thread.sighand.action[sig] = defaultAction()
    thread.blocked |= handlerMask(action, sig)
    return { info, action }
  }

  return { deliver, dequeue, enterTraced, stopForTracer, ptraceEvent, resume }
}
export type Delivery = ReturnType<typeof createDelivery>
