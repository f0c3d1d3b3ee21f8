/** Timers that send signals: timer_create(2) and the three interval timers of a process (kernel/time). */
import type { KernelSiginfo, Task } from '@lsmkit/core'
import { SI_TIMER, SIGALRM, SIGPROF, SIGVTALRM } from '@lsmkit/abi'
import type { Timers } from '../interfaces/tasks.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { KernelTimer } from '../state/task/kernel-timer.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'
import type { Signal } from '../state/task/thread.ts'

const ITIMER_SIGNALS = [SIGALRM, SIGVTALRM, SIGPROF]

export const createTimers = (machine: Machine): Timers => {
  const armed = new Set<KernelTimer>()
  const intervals = new WeakMap<Signal, KernelTimer[]>()
  /** Timers of timer_create by process: they go with it. */
  const posix = new WeakMap<Signal, Map<number, KernelTimer>>()

  const send = (task: Task, sig: number, si_code: number): void => {
    const info: KernelSiginfo = { si_signo: sig, si_errno: 0, si_code, si_pid: 0, si_uid: 0 }
    machine.signals.send(sig, info, task, 'process')
  }

  /** ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF. Processor time is not measured: the latter two never fire. */
  const intervalTimers = (task: Task): readonly KernelTimer[] => {
    const signal = signalOf(task)
    const known = intervals.get(signal)
    if (known !== undefined) return known
    const timers = ITIMER_SIGNALS.map(
      (sig, which) => new KernelTimer(() => (which === 0 ? machine.monotonic() : 0), () => send(task, sig, 0x80)),
    )
    intervals.set(signal, timers)
    return timers
  }

  const posixTimers = (task: Task): Map<number, KernelTimer> => {
    const signal = signalOf(task)
    const known = posix.get(signal) ?? new Map<number, KernelTimer>()
    posix.set(signal, known)
    return known
  }

  const arm = (timer: KernelTimer, value: number, interval: number, absolute: boolean): void => {
    timer.set(value, interval, absolute)
    if (timer.expires === 0) armed.delete(timer)
    else armed.add(timer)
  }

  /** For the host, when time has passed: sends what is due. */
  const run = (): void => {
    for (const timer of armed) {
      timer.run()
      if (timer.expires === 0) armed.delete(timer)
    }
  }

  /** Milliseconds until the next timer is due; Infinity when none is armed. */
  const next = (): number => {
    let soonest = Infinity
    for (const timer of armed) soonest = Math.min(soonest, Math.max(timer.expires - timer.now(), 0))
    return soonest
  }

  const disarmAll = (task: Task): void => {
    const signal = signalOf(task)
    const made = posix.get(signal)
    for (const timer of [...(intervals.get(signal) ?? []), ...(made?.values() ?? [])]) armed.delete(timer)
    signal.uncharge((made?.size ?? 0) * COST.timer)
    made?.clear()
  }
  machine.onExit.push((task, last) => {
    if (last) disarmAll(task)
  })

  // interval timers stay, others go, with what they have sent
  machine.onExec.push((task) => {
    const signal = signalOf(task)
    const made = posix.get(signal)
    for (const timer of made?.values() ?? []) armed.delete(timer)
    signal.uncharge((made?.size ?? 0) * COST.timer)
    posix.delete(signal)
    for (const queue of [threadOf(task).pending, signalOf(task).shared_pending]) queue.drop(SI_TIMER)
  })

  /** What a timer of timer_create does when it is due. */
  const signalTimer = (task: Task, sig: number, now: () => number): KernelTimer =>
    new KernelTimer(now, () => {
      if (sig !== 0) send(task, sig, SI_TIMER)
    })

  return { intervalTimers, posixTimers, signalTimer, arm, run, next }
}
