/** A task that sleeps: until what it waits for happens, something happens to it, or a time has come. */
import type { Task } from '@lsmkit/core'
import { signalOf } from '@lsmkit/kernel/boot'
import type { Machine, WaitQueue } from '@lsmkit/kernel'
import { isTurnDue, turn } from './turns.ts'

/** The longest a host's timer takes, in milliseconds. */
const LONGEST = 2 ** 31 - 1

/** `ms` may be Infinity. An early wake-up does no harm: the sleeper checks again. */
export const asleep = (machine: Machine, task: Task, queue: WaitQueue | null, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const stop = [queue, signalOf(task).wait_chldexit].map((one) => one?.subscribe(wake))
    const timer = alarm(machine, ms, wake)
    function wake(): void {
      for (const end of stop) end?.()
      if (timer !== null) clearTimeout(timer)
      if (isTurnDue()) void turn().then(resolve)
      else resolve()
    }
  })

/** Goes off after `ms`, or when a timer of the kernel is due; null when nothing ever is. */
const alarm = (machine: Machine, ms: number, wake: () => void): ReturnType<typeof setTimeout> | null => {
  const { timers, hrtimers } = machine
  const due = Math.min(ms, timers.next(), hrtimers.next - machine.monotonic())
  if (due === Infinity) return null
  return setTimeout(() => {
    timers.run()
    machine.runRcu()
    wake()
  }, Math.min(Math.max(0, due), LONGEST))
}
