/** What each stack costs Ruby's work, as a ratio to security off: passes over all machines, in one process. */
import { createSubject } from '@lsmkit/cli'
import { WORK } from './system.ts'
import type { ColumnMachine } from './tour-column.ts'
import { run } from './visit.ts'

export interface Cost {
  readonly title: string
  /** Milliseconds of a round: the median of the passes' medians. */
  readonly ms: number
  /** To the first machine in the same pass: median, smallest and greatest of the passes. */
  readonly ratio: number
  readonly low: number
  readonly high: number
  readonly passes: number
}

/** The first pass is left out: V8 compiles what all machines share. */
const WARM_UP_PASSES = 1
const PASSES = 3
/** Rounds of a run left out: Ruby itself begins. */
const WARM_UP_ROUNDS = 2

/** A column's program stays attached while its machine is measured. */
export const measureCosts = (machines: readonly ColumnMachine[]): readonly Cost[] => {
  const passes: number[][] = []
  for (let pass = 0; pass < WARM_UP_PASSES + PASSES; pass++) {
    const medians = machines.map(() => 0)
    const order = [...machines.keys()]
    // every other pass goes backwards, so that what changes steadily hits all alike
    for (const i of pass % 2 === 0 ? order : order.reverse()) medians[i] = median(workRounds(machines[i]!))
    if (pass >= WARM_UP_PASSES) passes.push(medians)
  }
  return machines.map(({ column: { title } }, i) => {
    const ratios = passes.map((medians) => medians[i]! / medians[0]!)
    const ms = median(passes.map((medians) => medians[i]!))
    return { title, ms, ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios), passes: PASSES }
  })
}

/** Milliseconds of each round of one run, as root. */
const workRounds = ({ column, stack, system: { kernel } }: ColumnMachine): readonly number[] => {
  const link = column.program === undefined ? undefined : stack?.attach('file_open', column.program)
  const rounds: number[] = []
  run(kernel, createSubject(kernel, { uid: 0 }), WORK, [], (line) => rounds.push(Number(line)))
  link?.detach()
  return rounds.slice(WARM_UP_ROUNDS)
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
