/** Time limits of calls that sleep: remembered while the host makes the same call again. */
import { ERESTARTSYS } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Deadlines } from '../interfaces/tasks.ts'
import type { Machine } from '../machine.ts'
import type { WaitQueue } from '../state/vfs/wait.ts'

export const createDeadlines = (machine: Machine): Deadlines => {
  const { current } = machine
  /** Deadlines by task and by the part of a call that waits: a message of recvmmsg waits within the call. */
  const pending = new Map<Task, Map<string, number>>()

  /** When the caller's wait ends, on the machine's clock, from its first try on. An infinite `ms` has no end. */
  const untilOf = (call: string, ms: number): number => {
    const { task } = current
    const own = pending.get(task)
    const known = own?.get(call)
    if (known !== undefined && ms !== Infinity) return known
    const until = machine.clock() + ms
    if (ms === Infinity) own?.delete(call)
    else if (own === undefined) pending.set(task, new Map([[call, until]]))
    else own.set(call, until)
    return until
  }
  /** Whether the caller waits in this call already, with a deadline. */
  const isSet = (call: string): boolean => pending.get(current.task)?.has(call) ?? false

  /** The call is over, or the host has ended it with -EINTR: the next one has a limit of its own. */
  const forget = (task: Task = current.task): void => {
    if (pending.size !== 0) pending.delete(task)
  }
  machine.onExit.push(forget)

  /** As `forget`, for one part of a call that returns `rc`: its deadline stays only while it sleeps. */
  const ended = (call: string, rc: number): number => {
    if (rc !== -ERESTARTSYS && pending.size !== 0) pending.get(current.task)?.delete(call)
    return rc
  }

  /** Sleeps on `wait` for `ms` at most; `over` is the answer when the time has passed. */
  const sleep = (call: string, wait: WaitQueue, ms: number, over: number): number => {
    const until = untilOf(call, ms)
    if (machine.clock() >= until) {
      forget()
      return over
    }
    return machine.sleep(wait, until)
  }

  /** Runs a call that the caller's own waits know nothing of: io_uring makes it on the task's behalf. */
  const apart = <T>(run: () => T): T => {
    const { task } = current
    const own = pending.get(task)
    pending.delete(task)
    try {
      return run()
    } finally {
      pending.delete(task)
      if (own !== undefined) pending.set(task, own)
    }
  }

  return { apart, untilOf, isSet, sleep, forget, ended }
}
