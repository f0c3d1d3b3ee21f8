/** The cost of each stack to a C program at work on files: whole runs, each beside one with security off. */
import { figure, median } from '@lsmkit/bench/stats'
import { loadObjects } from './bpf-objects.ts'
import { readWork } from './programs.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'
import { compose } from './stacks.ts'
import type { Column, Composition } from './stacks.ts'
import { bootSystem, WORK } from './system.ts'
import type { System } from './system.ts'
import { run } from './visit.ts'

/** Of pairs of runs, the stack's over that with security off: their median, and what it lies between in 95 of 100. */
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

/** Whole runs of a stack, each with one of security off beside it. */
export const PAIRS = 15
/** Runs of each stack before them: the engine compiles what is used most. */
const WARM_UP = 3
/** Rounds of work in one run. */
const ROUNDS = '24'

/** `all` goes beyond the story; `done` gets the part of the runs that is over. */
export const measureCosts = async (
  columns: readonly Column[], policy: SelinuxPolicy, all: boolean, done: (part: number) => Promise<void>,
): Promise<readonly Cost[]> => {
  const stacks = columns.map((column) => ({
    attached: timerOf(column, policy, true)!, detached: all ? timerOf(column, policy, false) : null,
  }))
  const off = stacks[0]!.attached
  const timers = stacks.flatMap(({ attached, detached }) => (detached === null ? [attached] : [attached, detached]))
  const pairs = new Map(timers.map((timer) => [timer, [] as Pair[]]))
  for (let pass = -WARM_UP; pass < PAIRS; pass++) {
    const backwards = pass % 2 !== 0
    for (const timer of backwards ? timers.toReversed() : timers) {
      const pair = measurePair(off, timer, backwards)
      if (pass >= 0) pairs.get(timer)!.push(pair)
    }
    await done((pass + WARM_UP + 1) / (PAIRS + WARM_UP))
  }
  return stacks.map(({ attached, detached }, i) => ({
    title: columns[i]!.title,
    ms: median(pairs.get(attached)!.map(({ ms }) => ms)),
    ...spread(pairs.get(attached)!),
    ...(detached === null ? {} : { detached: spread(pairs.get(detached)!) }),
  }))
}

/** Milliseconds of processor time of a whole run. */
type Timer = () => number

interface Pair {
  readonly ms: number
  readonly off: number
}

/** Every other pair is the other way round: what drifts hits both alike. Security off is its own other. */
const measurePair = (off: Timer, timer: Timer, backwards: boolean): Pair => {
  if (backwards && timer !== off) return { ms: timer(), off: off() }
  const first = off()
  return { ms: timer === off ? first : timer(), off: first }
}

/**
 * Of root at work, with or without what the column attaches: it comes once and stays, as on any machine that is used.
 * null: without it the column is no other.
 *
 * The machine is a fresh one, not that of the visit. That one lives in another thread, and pairs need all machines in
 * one; and it has seen attacks, denials and attached programs, a different number in each column.
 */
const timerOf = (column: Column, policy: SelinuxPolicy, isAttached: boolean): Timer | null => {
  const composition = compose(column, policy)
  const attach = attacherOf(column, composition)
  if (!isAttached && attach === null) return null
  const system = bootSystem(composition, policy, { [WORK]: readWork() })
  if (isAttached) attach?.(system)
  return () => timeOfRun(system)
}

/** Puts the column's program or objects on their hooks; null: it has none. */
const attacherOf = ({ program }: Column, { stack, bpf }: Composition): ((system: System) => void) | null => {
  if (stack === null) return null
  if (program !== undefined) return () => void stack.attach('file_open', program)
  return bpf === null ? null : ({ kernel }) => void loadObjects(bpf, stack, kernel.init).attach()
}

/** From its execve to its end. */
const timeOfRun = ({ kernel, bear }: System): number => {
  const from = threadTime()
  run(kernel, bear({ uid: 0 }), WORK, [ROUNDS], () => {})
  return threadTime() - from
}

const nobody = new Int32Array(new SharedArrayBuffer(4))

/**
 * Processor time of this thread, which other work of the machine does not swell. Linux counts it up when the thread
 * leaves the processor, else some milliseconds later: so it leaves.
 */
const threadTime = (): number => {
  Atomics.wait(nobody, 0, 0, 0.01)
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const spread = (pairs: readonly Pair[]): Spread => {
  const { value: ratio, low, high } = figure(pairs.map(({ ms, off }) => ms / off))
  return { ratio, low, high }
}
