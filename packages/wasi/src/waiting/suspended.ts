/** Waiting as a promise: the program is suspended, or its worker waits, and the thread of the kernel goes on. */
import { EINTR, ERESTARTSYS, PF_EXITING } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { threadOf } from '@lsmkit/kernel/boot'
import { asleep } from './asleep.ts'
import { turn } from './turns.ts'
import type { Answer, Waiter, Waits, WaitsOf } from './waits.ts'

/** A stopped or frozen task does not go on. */
export const isHeld = (task: Task): boolean => threadOf(task).state !== 'running' || threadOf(task).frozen

/** Until the task may go on, or has no time left; whether it has died instead is for the caller to look at. */
export const whileHeld = async (process: Waiter): Promise<void> => {
  const { machine, task, budget } = process
  while (isHeld(task) && (task.flags & PF_EXITING) === 0) {
    await asleep(machine, task, null, budget.left)
    process.look()
  }
}

export const waitsSuspended: WaitsOf = (process) => {
  const { machine, task, budget, patience } = process
  const untilWoken = (): number => machine.sleepUntil - machine.clock()

  /** What came of the call; not before a task that it has stopped may go on. */
  const finish = (rc: number, then: (rc: number) => number): Answer => {
    if (!isHeld(task)) return then(rc)
    return whileHeld(process).then(() => {
      process.lookAlive()
      return then(rc)
    })
  }

  /** Once; a signal that the program has to know of ends a call that would sleep. */
  const attempt = (call: () => number): number => {
    machine.forgetSleep()
    const rc = call()
    if ((task.flags & PF_EXITING) !== 0) return process.died()
    if (rc !== -ERESTARTSYS || isHeld(task) || !machine.signals.signal_pending(task)) return rc
    machine.interrupt(task)
    return -EINTR
  }

  const sleep = async (left: () => number): Promise<void> => {
    const pause = patience.next()
    const most = Math.min(left(), pause === 0 ? Infinity : pause, budget.left)
    await asleep(machine, task, machine.sleepOn, most)
    await whileHeld(process)
    process.lookAlive()
  }

  const again: (...args: Parameters<Waits>) => Promise<number> = async (call, then, left = untilWoken) => {
    await whileHeld(process)
    process.lookAlive()
    for (;;) {
      const rc = attempt(call)
      if (rc !== -ERESTARTSYS) return finish(rc, then)
      await sleep(left)
    }
  }

  const turnFirst: typeof again = async (call, then, left = untilWoken) => {
    if (process.isTurnDue()) await turn()
    return again(call, then, left)
  }

  return (call, then, left = untilWoken) => {
    // who calls and calls lets the host have its turn as well: to stop it, or to change what it is asked
    if (isHeld(task) || process.isTurnDue()) return turnFirst(call, then, left)
    const rc = attempt(call)
    if (rc !== -ERESTARTSYS) return finish(rc, then)
    // what the call waits for is known until the next one is made
    return sleep(left).then(() => again(call, then, left))
  }
}
