/** What each stack costs Ruby's work, as a ratio to security off: passes over all machines, in one process. */
import { attachObjects } from './bpf-objects.ts'
import { WORK } from './system.ts'
import type { ColumnMachine } from './tour-column.ts'
import { run } from './visit.ts'

export interface Cost {
  readonly title: string
  /** Milliseconds of processor time that a round took. */
  readonly ms: number
  /** To the first machine in the same pass: the median of the passes, and the smallest and greatest. */
  readonly ratio: number
  readonly low: number
  readonly high: number
}

export const PASSES = 3
/** Rounds of a run left out: Ruby itself begins. */
const WARM_UP_ROUNDS = 4

export const measureCosts = (machines: readonly ColumnMachine[]): readonly Cost[] => {
  // what all share gets compiled
  roundOf(machines[0]!)
  const passes: (readonly number[])[] = []
  for (let pass = 0; pass < PASSES; pass++) passes.push(measurePass(machines, pass % 2 === 1))
  return machines.map(({ column: { title } }, i) => {
    const ratios = passes.map((pass) => pass[i]! / pass[0]!)
    const [ms, ratio] = [median(passes.map((pass) => pass[i]!)), median(ratios)]
    return { title, ms, ratio, low: Math.min(...ratios), high: Math.max(...ratios) }
  })
}

/** What a round takes on each machine; every other pass goes backwards, so that what drifts hits all alike. */
const measurePass = (machines: readonly ColumnMachine[], backwards: boolean): readonly number[] => {
  const took: number[] = []
  const order = [...machines.entries()]
  for (const [i, machine] of backwards ? order.reverse() : order) took[i] = roundOf(machine)
  return took
}

/**
 * Milliseconds a round of one run, as root: of all together, for the clock of processor time may tick in fours. A
 * column's program or objects stay attached meanwhile.
 */
const roundOf = ({ column, stack, bpf, system: { kernel, bear } }: ColumnMachine): number => {
  const link = column.program === undefined ? undefined : stack?.attach('file_open', column.program)
  const objects = bpf === null || stack === null ? null : attachObjects(bpf, stack, kernel.init)
  const ends: number[] = []
  run(kernel, bear({ uid: 0 }), WORK, [], () => ends.push(threadTime()))
  link?.detach()
  objects?.detach()
  const counted = ends.slice(WARM_UP_ROUNDS)
  return (counted.at(-1)! - counted[0]!) / (counted.length - 1)
}

/** Processor time of this thread, which other work of the machine does not swell. */
const threadTime = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
