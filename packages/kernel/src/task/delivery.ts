/** Delivering signals (kernel/signal.c): a task ends, stops, reports to its tracer, or runs a handler. */
import { CLD_CONTINUED, CLD_STOPPED, PF_EXITING, SA_RESETHAND, SIGCONT, SIGKILL, SIGSTOP } from '@lsmkit/abi'
import type { KernelSiginfo, Task } from '@lsmkit/core'
import type { Delivery } from '../interfaces/signals.ts'
import type { Machine } from '../machine.ts'
import { bound } from '../state/bound.ts'
import {
  defaultAction, defaultEffect, handlerIgnores, handlerMask, nextQueue, nextSignal, sigHas, SIG_KERNEL_ONLY,
  SIG_KERNEL_STOP,
} from '../state/task/sigset.ts'
import type { SigAction, SigHandler } from '../state/task/sigset.ts'
import { leaderOf, signalOf, threadOf } from '../state/task/thread.ts'
import { isOrphaned } from './job-control.ts'
import { notifyStop, ptraceEvent, requestTrap, resume, stopForSignal, stopForTracer, trap } from './ptrace-stops.ts'
import { handlerOf } from './signal-prepare.ts'

/**
 * Handles signals without the program's help, as if `task` had been scheduled (`get_signal`): it ends, stops, freezes
 * or waits for its tracer. A signal with a handler stays pending until the program's runner takes it (`dequeue`).
 */
const deliver = (machine: Machine, task: Task): void => {
  while (!(task.flags & PF_EXITING)) {
    const thread = threadOf(task)
    const signal = signalOf(task)
    const killed = sigHas(thread.pending.set | signal.shared_pending.set, SIGKILL)
    if (!killed && thread.state !== 'running') return
    if (!killed && machine.cgroups.freezer.isFreezing(task)) return machine.cgroups.freezer.enter(task)
    const through = killed ? null : thread.injected
    if (through !== null) {
      const handler = handlerOf(task, through.si_signo)
      if (typeof handler === 'function') return
      thread.injected = null
      if (!act(machine, task, through.si_signo, handler)) return
      continue
    }
    const sig = killed ? SIGKILL : nextOf(task)
    if (sig === 0) return
    if (task.ptrace !== 0 && sig !== SIGKILL) return stopForSignal(machine, task, sig, take(task, sig))
    const handler = handlerOf(task, sig)
    if (typeof handler === 'function') return
    const info = take(task, sig)
    if (sig === SIGKILL || !handlerIgnores(handler, sig)) traceDelivery(machine, task, sig, info)
    if (!act(machine, task, sig, handler)) return
  }
}

/** Signals that are ignored by the time they are taken are traced too in Linux; here they are dropped in silence. */
const traceDelivery = ({ tracing }: Machine, task: Task, sig: number, info: KernelSiginfo): void => {
  const { signal_deliver } = tracing.points
  if (signal_deliver.on) signal_deliver.hit(sig, info, threadOf(task).sighand.action[sig] ?? defaultAction())
}

/** The signal that the task takes next; 0 if no signal waits. */
const nextOf = (task: Task): number => {
  const { pending, blocked } = threadOf(task)
  return nextSignal(nextQueue(pending, signalOf(task).shared_pending, blocked) ?? pending, blocked)
}

/** Delivers signals of a process to any of its threads, `task` first (`complete_signal`). */
const deliverProcess = (machine: Machine, task: Task): void => {
  for (const one of new Set([task, ...signalOf(task).threads])) deliver(machine, one)
}

/** Dequeues one pending instance: the thread's own first, then that of the process. */
const take = (task: Task, sig: number): KernelSiginfo => {
  const thread = threadOf(task)
  const own = thread.pending
  thread.stop_dequeued ||= sigHas(SIG_KERNEL_STOP, sig)
  return (sigHas(own.set, sig) ? own : signalOf(task).shared_pending).dequeue(sig)
}

/** Takes the default action. False if the task does not go on. */
const act = (machine: Machine, task: Task, sig: number, handler: SigHandler): boolean => {
  if (sig !== SIGKILL && handlerIgnores(handler, sig)) return true
  const effect = defaultEffect(sig)
  if (signalOf(task).unkillable && sig !== SIGKILL && !sigHas(SIG_KERNEL_ONLY, sig)) return true
  if (effect === 'stop') {
    // nobody would continue a process that stops in an orphaned group
    if (sig !== SIGSTOP && isOrphaned(machine, signalOf(task).pgrp, null)) return true
    if (!threadOf(task).stop_dequeued) return true
    stopProcess(machine, task, sig)
  } else machine.exits.dieOf(task, sig, effect === 'core')
  return false
}

/** As `do_signal_stop`: stops all threads of the process, and signals the parent. */
const stopProcess = (machine: Machine, task: Task, sig: number): void => {
  const signal = signalOf(task)
  signal.stopped = sig
  signal.notify = 'stopped'
  for (const one of signal.threads) {
    const thread = threadOf(one)
    if (one.ptrace !== 0) trap(machine, one)
    else if (thread.state === 'running') thread.state = 'stopped'
  }
  notifyJobControl(machine, task, sig)
}

/** As `do_notify_parent_cldstop` for the real parent: the process was stopped by `sig`, or continued (SIGCONT). */
const notifyJobControl = (machine: Machine, task: Task, sig: number): void => {
  const leader = leaderOf(task)
  notifyStop(machine, leader, leader.real_parent, sig === SIGCONT ? CLD_CONTINUED : CLD_STOPPED)
}

/** The next signal with a handler, which the runner calls; null if there is no such signal (`get_signal`). */
const dequeue = (machine: Machine, task: Task): { info: KernelSiginfo; action: SigAction } | null => {
  const thread = threadOf(task)
  const through = thread.injected
  thread.injected = null
  if (through === null) deliver(machine, task)
  if (task.flags & PF_EXITING || thread.state !== 'running' || thread.frozen) return null
  const sig = through?.si_signo ?? nextOf(task)
  const action = thread.sighand.action[sig]
  if (sig === 0 || !action || typeof action.handler !== 'function') return null
  const info = through ?? take(task, sig)
  traceDelivery(machine, task, sig, info)
  if (action.flags & SA_RESETHAND) thread.sighand.action[sig] = defaultAction()
  thread.blocked |= handlerMask(action, sig)
  return { info, action }
}

export const createDelivery = (machine: Machine): Delivery => bound(machine, {
  deliver, deliverProcess, notifyJobControl, dequeue, trap, requestTrap, stopForTracer, ptraceEvent, resume,
})
