/** Timers that send signals: timer_create(2) and the three interval timers of a process (kernel/time). */
import type { KernelSiginfo, Task } from '@lsmkit/core'
import { SI_KERNEL, SI_TIMER, SIGALRM, SIGPROF, SIGVTALRM } from '@lsmkit/abi'
import type { Timers } from '../interfaces/tasks.ts'
import type { Machine } from '../machine.ts'
import { bound } from '../state/bound.ts'
import { KernelTimer } from '../state/task/kernel-timer.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

const ITIMER_SIGNALS = [SIGALRM, SIGVTALRM, SIGPROF]

const send = (machine: Machine, task: Task, sig: number, si_code: number): void => {
  const info: KernelSiginfo = { si_signo: sig, si_errno: 0, si_code, si_pid: 0, si_uid: 0 }
  machine.signals.send(sig, info, task, 'process')
}

/** ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF. Processor time is not measured: the latter two never fire. */
const intervalTimers = (machine: Machine, task: Task): readonly KernelTimer[] => {
  const { intervals } = machine.timerTable
  const signal = signalOf(task)
  const known = intervals.get(signal)
  if (known !== undefined) return known
  const timers = ITIMER_SIGNALS.map((sig, which) =>
    new KernelTimer(() => (which === 0 ? machine.monotonic() : 0), () => send(machine, task, sig, SI_KERNEL)))
  intervals.set(signal, timers)
  return timers
}

/** A timer of timer_create(2), which sends `sig` when it is due; 0 sends nothing. */
const signalTimer = (machine: Machine, task: Task, sig: number, now: () => number): KernelTimer =>
  new KernelTimer(now, () => {
    if (sig !== 0) send(machine, task, sig, SI_TIMER)
  })

/** An exec keeps interval timers. Other timers are deleted, with the signals that they have sent. */
const dropAtExec = (machine: Machine, task: Task): void => {
  machine.timerTable.deletePosix(signalOf(task))
  for (const queue of [threadOf(task).pending, signalOf(task).shared_pending]) queue.drop(SI_TIMER)
}

export const createTimers = (machine: Machine): Timers => {
  const { timerTable } = machine
  machine.onExit.push((task, last) => {
    if (last) timerTable.deleteAll(signalOf(task))
  })
  machine.onExec.push((task) => dropAtExec(machine, task))
  return {
    ...bound(machine, { intervalTimers, signalTimer }),
    posixTimers: (task) => timerTable.posixOf(signalOf(task)),
    arm: (timer, value, interval, absolute) => timerTable.arm(timer, value, interval, absolute),
    run: () => timerTable.run(),
    next: () => timerTable.next(),
  }
}
