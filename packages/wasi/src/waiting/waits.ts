/** Calls that have to wait: the kernel answers -ERESTARTSYS, and whoever runs the program makes the call again. */
import { EAGAIN, ERESTARTSYS } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '@lsmkit/kernel'
import type { Budget } from '../budget.ts'
import type { WaitingHost } from '../host.ts'
import type { Patience } from '../patience.ts'

/** The answer of an import: at once, or later if a program can be suspended meanwhile. */
export type Answer = number | Promise<number>

/**
 * Makes `call` until it returns something other than -ERESTARTSYS, and answers with `then` of that. `left` is how many
 * milliseconds the wait may take; by default what the kernel says of the call.
 */
export type Waits = (call: () => number, then: (rc: number) => number, left?: () => number) => Answer

/** A process, as far as it waits. */
export interface Waiter {
  readonly machine: Machine
  readonly task: Task
  readonly host: WaitingHost
  readonly budget: Budget
  readonly patience: Patience
  isTurnDue(): boolean
  /** Ends it where it may not go on: by a limit; by its death, too. */
  look(): void
  lookAlive(): void
  died(): never
}

/** How a process waits, made once it exists. */
export type WaitsOf = (process: Waiter) => Waits

/**
 * In the one thread there is: by letting others run, as far as the host can, and by sleeping until a time has come. A
 * wait that nothing could end is -EAGAIN.
 */
export const waitsHere: WaitsOf = (process) => {
  const { machine, host, budget } = process
  const untilWoken = (): number => machine.sleepUntil - machine.clock()
  return (call, then, left = untilWoken) => {
    let rc = call()
    while (rc === -ERESTARTSYS) {
      const most = left()
      if (!host.wait(most)) {
        if (most === Infinity) return then(-EAGAIN)
        host.sleep(budget.capSleep(most))
        process.look()
      }
      rc = call()
    }
    return then(rc)
  }
}
