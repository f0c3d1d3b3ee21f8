/** What each stack costs Ruby's work, as a ratio to security off: passes over all machines, in one process. */
import { createSubject } from '@lsmkit/cli'
import { attachObjects } from './bpf-objects.ts'
import { WORK } from './system.ts'
import type { ColumnMachine } from './tour-column.ts'
import { run } from './visit.ts'

export interface Cost {
  readonly title: string
  /** Milliseconds of processor time: the median round. */
  readonly ms: number
  /** To the first machine in the same pass: the median of the passes, and the smallest and greatest. */
  readonly ratio: number
  readonly low: number
  readonly high: number
  /** Rounds measured. */
  readonly rounds: number
}

/** Every machine has run Ruby before: what they share is compiled. */
const PASSES = 2
/** Rounds of a run left out: Ruby itself begins. */
const WARM_UP_ROUNDS = 4

export const measureCosts = (machines: readonly ColumnMachine[]): readonly Cost[] => {
  const passes: (readonly number[])[][] = []
  for (let pass = 0; pass < PASSES; pass++) {
    passes.push(measurePass(machines, pass % 2 === 1))
  }
  const samples = machines.map((_, i) => passes.flatMap((pass) => pass[i]!))
  return machines.map(({ column: { title } }, i) => {
    const ratios = passes.map((pass) => median(pass[i]!) / median(pass[0]!))
    const ms = median(samples[i]!)
    const [ratio, low, high] = [median(ratios), Math.min(...ratios), Math.max(...ratios)]
    return { title, ms, ratio, low, high, rounds: samples[i]!.length }
  })
}

/** The rounds of each machine; every other pass goes backwards, so that what changes steadily hits all alike. */
const measurePass = (machines: readonly ColumnMachine[], backwards: boolean): (readonly number[])[] => {
  const rounds: (readonly number[])[] = machines.map(() => [])
  const order = [...machines.entries()]
  for (const [i, machine] of backwards ? order.reverse() : order) rounds[i] = workRounds(machine)
  return rounds
}

/** Milliseconds of each round of one run, as root. A column's program or objects stay attached meanwhile. */
const workRounds = ({ column, stack, bpf, system: { kernel } }: ColumnMachine): readonly number[] => {
  const link = column.program === undefined ? undefined : stack?.attach('file_open', column.program)
  const objects = bpf === null || stack === null ? null : attachObjects(bpf, stack, kernel.init)
  const ends: number[] = []
  run(kernel, createSubject(kernel, { uid: 0 }), WORK, [], () => ends.push(threadTime()))
  link?.detach()
  objects?.detach()
  return ends.slice(1).map((end, i) => end - ends[i]!).slice(WARM_UP_ROUNDS)
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
