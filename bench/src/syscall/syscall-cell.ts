/** One way of having files; a pass gives the time of each thing done with them. */
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { ACTS } from './acts.ts'
import { FILES, ways } from './ways.ts'
import type { Way } from './ways.ts'

export interface SyscallArgs {
  readonly way: Way
  /** For a way that needs files of the host. */
  readonly folder: string
}

/** Times of each timed stretch. */
const TIMES = 100

export const cell = ({ way, folder }: SyscallArgs): Cell => {
  const files = ways[way](folder)
  const passes = ACTS.map((act) =>
    timedPass(TIMES, (times) => {
      for (let i = 0; i < times; i++) files[act](i % FILES)
      return times
    }))
  return { pass: () => passes.map((pass) => pass()) }
}
