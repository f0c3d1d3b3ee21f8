/** Time limits of calls that sleep: remembered while the host makes the same call again. */
import { ERESTARTSYS } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { WaitQueue } from '../vfs/wait.ts'

interface Deadline {
  readonly call: string
  readonly until: number
}

export const createDeadlines = (machine: Machine) => {
  const { current } = machine
  const pending = new WeakMap<Task, Deadline>()

  /** The end of the caller's wait, on the machine's clock: that of its first try. `ms` Infinity waits for ever. */
  const untilOf = (call: string, ms: number): number => {
    const { task } = current
    const known = pending.get(task)
    if (known !== undefined && known.call === call) return known.until
    const until = machine.clock() + ms
    pending.set(task, { call, until })
    return until
  }

  /** The call is over, or the host has ended it with -EINTR: the next one has a limit of its own. */
  const forget = (task: Task = current.task): void => {
    pending.delete(task)
  }

  /** Sleeps on `wait` for `ms` at most; `over` is the answer when the time has passed. */
  const sleep = (call: string, wait: WaitQueue, ms: number, over: number): number => {
    const until = untilOf(call, ms)
    if (machine.clock() >= until) {
      forget()
      return over
    }
    machine.sleepOn = wait
    machine.sleepUntil = until
    return -ERESTARTSYS
  }

  return { untilOf, sleep, forget }
}
export type Deadlines = ReturnType<typeof createDeadlines>
