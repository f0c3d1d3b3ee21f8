/** What each stack costs Ruby, as a ratio to security off: whole runs that take turns, in one process. */
import { loadObjects } from './bpf-objects.ts'
import { WORK } from './system.ts'
import type { ColumnMachine } from './tour-column.ts'
import { run } from './visit.ts'

/** Of whole runs, to security off in the same pass: the median of the passes, and the smallest and greatest. */
export interface Spread {
  readonly ratio: number
  readonly low: number
  readonly high: number
}

export interface Cost extends Spread {
  readonly title: string
  /** Milliseconds of processor time of a run, the median. */
  readonly ms: number
  /** The same stack while the column's program or objects are away; measured for `--full` and `--json`. */
  readonly detached?: Spread
}

/** Each pass runs Ruby once under each stack. */
export const PASSES = 3

/** `all` goes beyond the story; `done` is told which part of the passes is over. */
export const measureCosts = async (
  machines: readonly ColumnMachine[], all: boolean, done: (part: number) => Promise<void>,
): Promise<readonly Cost[]> => {
  const [off, ...others] = machines.map((machine) => ({ attached: timerOf(machine), detached: plainTimerOf(machine) }))
  const timers = [off!.attached, ...others.flatMap(({ attached, detached }) =>
    (all && detached !== null ? [attached, detached] : [attached]))]
  // what all share gets compiled
  off!.attached()
  const passes: ReadonlyMap<Timer, number>[] = []
  while (passes.length < PASSES) {
    passes.push(measurePass(timers, passes.length % 2 === 1))
    await done(passes.length / PASSES)
  }
  const spread = (timer: Timer): Spread => {
    const ratios = passes.map((took) => took.get(timer)! / took.get(off!.attached)!)
    return { ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) }
  }
  return [off!, ...others].map(({ attached, detached }, i) => ({
    title: machines[i]!.column.title,
    ms: median(passes.map((took) => took.get(attached)!)),
    ...spread(attached),
    ...(detached !== null && timers.includes(detached) ? { detached: spread(detached) } : {}),
  }))
}

/** Milliseconds of processor time of a whole run. */
type Timer = () => number

/**
 * What a run takes under each stack. The first, which the others are compared with, runs at both ends and counts as
 * their mean, and every other pass goes backwards: what drifts hits all alike.
 */
const measurePass = ([off, ...others]: readonly Timer[], backwards: boolean): ReadonlyMap<Timer, number> => {
  const first = off!()
  const took = new Map((backwards ? others.toReversed() : others).map((timer) => [timer, timer()]))
  return took.set(off!, (first + off!()) / 2)
}

/** Of Ruby at work as root, from its execve to its end. A column's program or objects stay attached meanwhile. */
const timerOf = (machine: ColumnMachine): Timer => {
  const { column: { program }, stack, bpf, system: { kernel } } = machine
  const objects = bpf === null || stack === null ? null : loadObjects(bpf, stack, kernel.init)
  return () => {
    const link = program === undefined ? undefined : stack?.attach('file_open', program)
    const attached = objects?.attach()
    const ms = timeOfRun(machine)
    link?.detach()
    attached?.detach()
    return ms
  }
}

/** null where nothing is attached in any case. */
const plainTimerOf = (machine: ColumnMachine): Timer | null =>
  (machine.column.program === undefined && machine.bpf === null ? null : () => timeOfRun(machine))

const timeOfRun = ({ system: { kernel, bear } }: ColumnMachine): number => {
  const from = threadTime()
  run(kernel, bear({ uid: 0 }), WORK, [], () => {})
  return threadTime() - from
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
