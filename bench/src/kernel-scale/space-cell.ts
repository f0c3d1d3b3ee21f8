/** The memory of an object, and the rest that is left behind when it has come and gone. */
import type { Cell } from '../harness/cell.ts'
import { used } from '../harness/memory.ts'
import { boot, cycles, worlds } from './worlds.ts'
import type { Kind } from './worlds.ts'

export interface SpaceArgs {
  readonly kind: Kind
  readonly count: number
}

/** So many are there already, so that what all share is not counted. */
const FIRST = 200

export const cell = ({ kind, count }: SpaceArgs): Cell => ({
  pass: () => 0,
  ask: {
    /** Bytes an object. */
    space() {
      const { add } = worlds[kind](boot(), FIRST)
      const before = used()
      for (let i = 0; i < count; i++) add()
      const bytes = (used() - before) / count
      add()
      return bytes
    },
    /** Bytes that a cycle leaves behind, by what comes and goes. */
    growth(rounds) {
      const kernel = boot()
      return Object.entries(cycles(kernel)).map(([name, cycle]) => {
        for (let i = 0; i < 10_000; i++) cycle()
        const before = used()
        for (let i = 0; i < (rounds as number); i++) cycle()
        return [name, (used() - before) / (rounds as number)]
      })
    },
  },
})
