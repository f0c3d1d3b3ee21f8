/**
 * The wrapper of every import: it gets room on the stack, it is counted, limits are checked, and a task that has died
 * goes no further.
 */
import { PF_EXITING } from '@lsmkit/abi'
import { reserveStack } from './headroom.ts'
import type { Process } from './process.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- one wrapper serves every signature
export type Import = (...args: any[]) => any

/** Few wrappers by the number of parameters, so that nothing is collected or spread on the way. */
export const guard = (process: Process, call: Import): Import => {
  const { budget, task } = process
  switch (call.length) {
    case 0: case 1:
      return (a: unknown) => {
        reserveStack(false)
        if (++budget.calls >= budget.nextLook) process.look()
        const rc = call(a)
        if ((task.flags & PF_EXITING) !== 0) process.died()
        return rc
      }
    case 2: case 3:
      return (a: unknown, b: unknown, c: unknown) => {
        reserveStack(false)
        if (++budget.calls >= budget.nextLook) process.look()
        const rc = call(a, b, c)
        if ((task.flags & PF_EXITING) !== 0) process.died()
        return rc
      }
    case 4: case 5:
      return (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown) => {
        reserveStack(false)
        if (++budget.calls >= budget.nextLook) process.look()
        const rc = call(a, b, c, d, e)
        if ((task.flags & PF_EXITING) !== 0) process.died()
        return rc
      }
    default:
      return (
        a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown, g: unknown, h: unknown, i: unknown,
      ) => {
        reserveStack(false)
        if (++budget.calls >= budget.nextLook) process.look()
        const rc = call(a, b, c, d, e, f, g, h, i)
        if ((task.flags & PF_EXITING) !== 0) process.died()
        return rc
      }
  }
}

/** As both, around a function of a component, which may have more parameters than any import of preview 1. */
export const guardRest = (process: Process, call: Import): Import => {
  const { budget, task } = process
  return (...words: readonly unknown[]) => {
    reserveStack(false)
    if (++budget.calls >= budget.nextLook) process.look()
    const answer = call(...words) as unknown
    if ((task.flags & PF_EXITING) !== 0 && !(answer instanceof Promise)) process.died()
    return answer
  }
}

/** As `guard`, around an import that may answer later: what becomes of the task meanwhile, whoever waits looks at. */
export const guardWaiting = (process: Process, call: Import): Import => {
  const { budget, task } = process
  return (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown, g: unknown, h: unknown,
    i: unknown) => {
    reserveStack(false)
    if (++budget.calls >= budget.nextLook) process.look()
    const answer = call(a, b, c, d, e, f, g, h, i)
    if ((task.flags & PF_EXITING) !== 0 && typeof answer === 'number') process.died()
    return answer
  }
}
