/** Calls on a kernel with so many objects: a pass goes through those in use, over and over. */
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { boot, IN_USE, worlds } from './worlds.ts'
import type { Kind } from './worlds.ts'

export interface CallArgs {
  readonly kind: Kind
  readonly count: number
}

/** Calls of each timed stretch. */
const CALLS = 500

/** One pass gives a figure for each call, in the order of `ask.names`. */
export const cell = ({ kind, count }: CallArgs): Cell => {
  const some = IN_USE[kind]
  const { calls } = worlds[kind](boot(), count)
  const passes = Object.entries(calls).map(([name, call]) =>
    timedPass(CALLS, (n) => {
      let sum = 0
      for (let i = 0; i < n; i++) {
        const rc = call(i % some)
        if (rc < 0) throw new Error(`${name}: ${rc}`)
        sum += rc
      }
      return sum
    }))
  return { pass: () => passes.map((pass) => pass()), ask: { names: () => Object.keys(calls) } }
}
