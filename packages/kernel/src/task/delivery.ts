/** What signals do when a task takes them (kernel/signal.c): end, stop, a report to the tracer, a handler to call. */
import {
  CLD_CONTINUED, CLD_STOPPED, CLD_TRAPPED, PF_EXITING, PT_SEIZED, PTRACE_EVENT_STOP, SA_NOCLDSTOP, SA_RESETHAND,
  SI_USER, SIGCHLD, SIGCONT, SIGKILL, SIGSTOP, SIGTRAP,
} from '@lsmkit/abi'
import { from_kuid_munged } from '@lsmkit/core'
import type { KernelSiginfo, Task } from '@lsmkit/core'
import type { Delivery } from '../interfaces/signals.ts'
import type { Machine } from '../machine.ts'
import { isOrphaned } from './job-control.ts'
import { kernelSiginfo } from './signals.ts'
import {
  defaultAction, defaultEffect, handlerIgnores, handlerMask, nextQueue, nextSignal, sigHas, SIG_KERNEL_ONLY,
  SIG_KERNEL_STOP,
} from '../state/task/sigset.ts'
import type { SigAction, SigHandler } from '../state/task/sigset.ts'
import { leaderOf, signalOf, threadOf } from '../state/task/thread.ts'

export const createDelivery = (machine: Machine): Delivery => {
  const { send, handlerOf } = machine.signals
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
      const through = killed ? undefined : injected.get(task)
      if (through !== undefined) {
        const handler = handlerOf(task, through.si_signo)
        if (typeof handler === 'function') return
        injected.delete(task)
        if (!act(task, through.si_signo, handler)) return
        continue
      }
      const sig = killed ? SIGKILL : nextOf(task)
      if (sig === 0) return
      if (task.ptrace !== 0 && sig !== SIGKILL) return stopForSignal(task, sig)
      const handler = handlerOf(task, sig)
      if (typeof handler === 'function') return
      take(task, sig)
      if (!act(task, sig, handler)) return
    }
  }

  /** The signal that the task would take next; 0: none. */
  const nextOf = (task: Task): number => {
    const { pending, blocked } = threadOf(task)
    return nextSignal(nextQueue(pending, signalOf(task).shared_pending, blocked) ?? pending, blocked)
  }

  /** Signals of a process are for whichever of its threads can take them, `task` first (`complete_signal`). */
  const deliverProcess = (task: Task): void => {
    for (const one of new Set([task, ...signalOf(task).threads])) deliver(one)
  }

  /** Takes one pending instance, the thread's own first. */
  const take = (task: Task, sig: number): KernelSiginfo => {
    const thread = threadOf(task)
    const own = thread.pending
    thread.stop_dequeued ||= sigHas(SIG_KERNEL_STOP, sig)
    return (sigHas(own.set, sig) ? own : signalOf(task).shared_pending).dequeue(sig)
  }

  /** The default action; false when the task cannot go on. */
  const act = (task: Task, sig: number, handler: SigHandler): boolean => {
    if (sig !== SIGKILL && handlerIgnores(handler, sig)) return true
    const effect = defaultEffect(sig)
    if (signalOf(task).unkillable && sig !== SIGKILL && !sigHas(SIG_KERNEL_ONLY, sig)) return true
    if (effect === 'stop') {
      // who stopped in an orphaned group might never go on again
      if (sig !== SIGSTOP && isOrphaned(machine, signalOf(task).pgrp, null)) return true
      if (!threadOf(task).stop_dequeued) return true
      stopProcess(task, sig)
    } else machine.exits.dieOf(task, sig, effect === 'core')
    return false
  }

  /** As `do_signal_stop`: the whole process, and the parent is told. */
  const stopProcess = (task: Task, sig: number): void => {
    const signal = signalOf(task)
    signal.stopped = sig
    signal.notify = 'stopped'
    for (const one of signal.threads) {
      const thread = threadOf(one)
      if (one.ptrace !== 0) trap(one)
      else if (thread.state === 'running') thread.state = 'stopped'
    }
    notifyJobControl(task, sig)
  }

  /** As `do_notify_parent_cldstop` for the real parent: the process was stopped by `sig`, or continued (SIGCONT). */
  const notifyJobControl = (task: Task, sig: number): void => {
    const leader = leaderOf(task)
    tellStop(leader, leader.real_parent, sig === SIGCONT ? CLD_CONTINUED : CLD_STOPPED)
  }

  const tellStop = (task: Task, parent: Task | null, si_code: number): void => {
    if (parent === null) return
    const action = threadOf(parent).sighand.action[SIGCHLD]
    if (!action || (action.handler !== 'ignore' && !(action.flags & SA_NOCLDSTOP))) {
      const si_uid = from_kuid_munged(parent.cred.user_ns, task.real_cred.uid)
      const si_pid = machine.tasks.nrSeenBy(task, parent)
      send(SIGCHLD, { si_signo: SIGCHLD, si_errno: 0, si_code, si_pid, si_uid }, parent, 'process')
    }
    machine.wake(parent)
  }

  /** As `ptrace_stop`: waits for the tracer, which finds `code` by wait, and `info` where there is any. */
  const enterTraced = (task: Task, code: number, info: KernelSiginfo | null, why: number): void => {
    const thread = threadOf(task)
    thread.state = 'traced'
    thread.stop_status = code
    thread.last_siginfo = info
    thread.stop_takes_signal = thread.listening = thread.trap_pending = false
    tellStop(task, task.parent, why)
  }

  /** As `ptrace_do_notify`: a stop without a signal, which the task tells of itself. */
  const notifyTracer = (task: Task, sig: number, event: number, why: number): void => {
    const si_code = sig | (event << 8)
    const si_uid = from_kuid_munged(task.cred.user_ns, task.cred.uid)
    const si_pid = machine.tasks.nrSeenBy(task, task)
    enterTraced(task, si_code, { si_signo: sig, si_errno: 0, si_code, si_pid, si_uid }, why)
  }

  /** As `do_jobctl_trap`: the stop of the whole process, or one that the tracer asked for. */
  const trap = (task: Task): void => {
    const { stopped } = signalOf(task)
    if (task.ptrace & PT_SEIZED) notifyTracer(task, stopped === 0 ? SIGTRAP : stopped, PTRACE_EVENT_STOP, CLD_STOPPED)
    else enterTraced(task, stopped === 0 ? SIGSTOP : stopped, null, CLD_STOPPED)
  }

  /** As `task_set_jobctl_pending` for a seized task: it stops now, or after the stop it is in. */
  const requestTrap = (task: Task): void => {
    const thread = threadOf(task)
    if (thread.state === 'traced' && !thread.listening) thread.trap_pending = true
    else if (!(task.flags & PF_EXITING)) trap(task)
  }

  /** As `ptrace_signal`: the tracer sees the signal first and decides what becomes of it. */
  const stopForSignal = (task: Task, sig: number): void => {
    enterTraced(task, sig, take(task, sig), CLD_TRAPPED)
    const thread = threadOf(task)
    thread.stop_takes_signal = true
    // whatever signal the tracer makes of it
    thread.stop_dequeued = true
  }

  /** A tracee born of a tracee starts with a stop of its own. */
  const stopForTracer = (task: Task): void => {
    if (!(task.ptrace & PT_SEIZED))
      threadOf(task).pending.enqueue(kernelSiginfo(SIGSTOP), machine.signals.chargeOf(task))
    machine.callRcu(() => (task.ptrace & PT_SEIZED ? requestTrap(task) : deliver(task)))
  }

  /** As `ptrace_event`: a stop that reports `event`. */
  const ptraceEvent = (task: Task, event: number, message: number): void => {
    threadOf(task).ptrace_message = message
    machine.callRcu(() => {
      if (task.ptrace !== 0 && !(task.flags & PF_EXITING)) notifyTracer(task, SIGTRAP, event, CLD_TRAPPED)
    })
  }

  /**
   * A stopped tracee goes on (`ptrace_resume`, `ptrace_detach`). Where it stopped before a signal it gets `sig`
   * instead, if any; elsewhere that is of no account.
   */
  const resume = (task: Task, sig: number): void => {
    const thread = threadOf(task)
    const { last_siginfo: info, stop_takes_signal, trap_pending } = thread
    thread.state = task.ptrace === 0 && signalOf(task).stopped !== 0 ? 'stopped' : 'running'
    thread.stop_status = 0
    thread.last_siginfo = null
    thread.stop_takes_signal = thread.listening = thread.trap_pending = false
    if (sig !== 0 && stop_takes_signal) inject(task, info?.si_signo === sig ? info : tracersInfo(task, sig))
    if (trap_pending && task.ptrace !== 0) machine.callRcu(() => requestTrap(task))
    machine.callRcu(() => deliver(task))
    machine.wake(task)
  }

  /** What is told of a signal that the tracer has put in the place of another. */
  const tracersInfo = (task: Task, sig: number): KernelSiginfo => ({
    si_signo: sig,
    si_errno: 0,
    si_code: SI_USER,
    si_pid: task.parent === null ? 0 : machine.tasks.nrSeenBy(task.parent, task),
    si_uid: task.parent === null ? 0 : from_kuid_munged(task.cred.user_ns, task.parent.cred.uid),
  })

  const inject = (task: Task, info: KernelSiginfo): void => {
    const thread = threadOf(task)
    if (sigHas(thread.blocked, info.si_signo)) thread.pending.enqueue(info, machine.signals.chargeOf(task))
    else injected.set(task, info)
  }

  /** Signals a tracer let through, which come before all others: not shown to the tracer a second time. */
  const injected = new WeakMap<Task, KernelSiginfo>()

  /** The next handled signal, for the runner to call its handler; null when there is none (`get_signal`). */
  const dequeue = (task: Task): { info: KernelSiginfo; action: SigAction } | null => {
    const through = injected.get(task)
    injected.delete(task)
    const thread = threadOf(task)
    if (through === undefined) deliver(task)
    if (task.flags & PF_EXITING || thread.state !== 'running' || thread.frozen) return null
    const sig = through?.si_signo ?? nextOf(task)
    const action = thread.sighand.action[sig]
    if (sig === 0 || !action || typeof action.handler !== 'function') return null
    const info = through ?? take(task, sig)
    if (action.flags & SA_RESETHAND) thread.sighand.action[sig] = defaultAction()
    thread.blocked |= handlerMask(action, sig)
    return { info, action }
  }

  return {
    deliver, deliverProcess, notifyJobControl, dequeue, trap, requestTrap, stopForTracer, ptraceEvent, resume,
  }
}
