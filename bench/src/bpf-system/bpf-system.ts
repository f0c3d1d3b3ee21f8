/**
 * What does BPF cost the running system: nothing when nobody uses it, a direct call when somebody does? Whole system
 * calls on the booted kernel, with objects made and dropped.
 */
import type { Bench } from '../harness/bench.ts'
import { calibration } from '../harness/calibration.ts'
import { withCells } from '../harness/cell-process.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, more, ratio, timeOf } from '../harness/compare.ts'
import type { ByProcess, Effort, Samples } from '../harness/compare.ts'
import { benchResult, exact, target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { figure, scaled } from '../harness/stats.ts'
import type { Figure } from '../harness/stats.ts'
import type { Stretches } from '../harness/sustained.ts'
import { rubySpec } from '../ruby/ruby.ts'
import { OPERATIONS, titles } from '../system/operations.ts'
import type { Operation } from '../system/operations.ts'
import type { StackName } from './stacks.ts'
import type { SystemArgs } from './system-cell.ts'

const module = new URL('./system-cell.ts', import.meta.url).href

const nameOf = (stack: StackName, operation: Operation): string => `${titles[operation]}, ${stack}`

/** One operation a process: those that another has warmed up for are compiled otherwise. */
const spec = (stack: StackName, operation: Operation, stretches: Stretches): CellSpec => {
  const args: SystemArgs = { stack, operations: [operation], ...stretches }
  return { name: nameOf(stack, operation), module, args, compileCache: true }
}

/** A kernel that is only asked. */
const asked = (stack: StackName, nodeFlags: readonly string[] = []): CellSpec =>
  ({ name: stack, module, args: { stack, operations: [] } satisfies SystemArgs, nodeFlags })

/** Stacks that take turns with an operation. */
interface Turns {
  readonly operation: Operation
  readonly stacks: readonly StackName[]
  /** In the quick form: processes of each stack, and milliseconds until all of the operation has been compiled. */
  readonly rounds: number
  readonly warmUp: number
}

const UNUSED = ['without', 'unused'] as const
const ELSEWHERE = [...UNUSED, 'program'] as const
const turns: readonly Turns[] = [
  { operation: 'open', stacks: [...ELSEWHERE, 'typescript'], rounds: 3, warmUp: 300 },
  { operation: 'open', stacks: ['storage', 'maps'], rounds: 2, warmUp: 300 },
  { operation: 'stat', stacks: ELSEWHERE, rounds: 3, warmUp: 300 },
  { operation: 'create', stacks: UNUSED, rounds: 3, warmUp: 300 },
  { operation: 'fork', stacks: ELSEWHERE, rounds: 3, warmUp: 500 },
  { operation: 'execve', stacks: UNUSED, rounds: 3, warmUp: 600 },
  { operation: 'pipe', stacks: ELSEWHERE, rounds: 3, warmUp: 400 },
  { operation: 'socketpair', stacks: ELSEWHERE, rounds: 3, warmUp: 600 },
  { operation: 'deep', stacks: ['walk 0', 'walk 32'], rounds: 2, warmUp: 300 },
]

/** One pair of processes scatters by several hundredths, so most of the effort goes into many of them. */
const NORMAL: Effort = { rounds: 45, passes: 3, warmUp: 1 }
/** 48 pairs of three processes, of short passes: more processes than that take more than a minute. */
const QUICK = { passes: 16, warmUp: 1, warmsTogether: true }
const QUICK_STRETCH = 10
/** A pass starts Ruby anew and gives five rounds. */
const RUBY: Effort = { rounds: 4, passes: 6, warmUp: 1 }

const LEVELS = 32
/** Operations that open nothing: none of the program's business. */
const opensNothing = turns.filter(({ stacks }) => stacks === ELSEWHERE).map(({ operation }) => operation)

const over = (samples: Samples, operation: Operation, a: StackName, b: StackName): Figure =>
  ratio(samples, nameOf(a, operation), nameOf(b, operation))

/** Nanoseconds that an operation takes more. */
const extra = (samples: Samples, operation: Operation, a: StackName, b: StackName): Figure =>
  more(samples, nameOf(a, operation), nameOf(b, operation))

/** Whole system calls under each stack, and what the targets make of them. */
const calls = async (
  quick: boolean, progress: (line: string) => void,
): Promise<{ cells: CellResult[]; targets: Target[] }> => {
  const samples = new Map<string, ByProcess>()
  for (const { operation, stacks, rounds, warmUp } of turns) {
    progress(`${titles[operation]}: ${stacks.join(', ')}`)
    const stretches = quick ? { stretch: QUICK_STRETCH, warmUp } : {}
    const specs = stacks.map((stack) => spec(stack, operation, stretches))
    for (const [name, taken] of await measure(specs, quick ? { ...QUICK, rounds } : NORMAL)) samples.set(name, taken)
  }
  const ground = await measure([calibration], { rounds: 1, passes: 10, warmUp: 1 })
  const level = scaled(extra(samples, 'deep', 'walk 32', 'walk 0'), 1 / LEVELS)
  return {
    cells: [...cellsOf(samples, 'ns'), { name: calibration.name, unit: 'ns', ...timeOf(ground, calibration.name) }],
    targets: [
      ...OPERATIONS.map((name) => target(`unused-${name}`, over(samples, name, 'unused', 'without'), '<=', 1.02)),
      ...opensNothing.map((name) => target(`elsewhere-${name}`, over(samples, name, 'program', 'unused'), '<=', 1.02)),
      target('used-open, over the same in TypeScript', over(samples, 'open', 'program', 'typescript'), '<=', 1.1),
      target('used-open, ns over no program', extra(samples, 'open', 'program', 'unused'), '<=', 60),
      target('walk-32, ns a level', level, '<=', 15),
      target('storage, over Maps in TypeScript', over(samples, 'open', 'storage', 'maps'), '<=', 1.3),
    ],
  }
}

/** Ruby at work over 200 files. */
const ruby = async (effort: Effort): Promise<{ cells: CellResult[]; targets: Target[] }> => {
  const specs = (['capability', 'capability,bpf'] as const).map((stack) => rubySpec(`Ruby, ${stack}`, stack))
  const samples = await measure(specs, effort)
  const [without, unused] = specs as [CellSpec, CellSpec]
  return {
    cells: cellsOf(samples, 'ns'),
    targets: [target('unused-ruby', ratio(samples, unused.name, without.name), '<=', 1.02)],
  }
}

/** What a fresh process takes to boot; Node alone decides the rest of its start. */
const boots = async (rounds: number): Promise<{ cells: CellResult[]; targets: Target[] }> => {
  const took = new Map<StackName, number[]>([['without', []], ['unused', []]])
  for (let round = 0; round < rounds; round++) {
    for (const [stack, samples] of took) {
      await withCells([asked(stack)], async ([cell]) => void samples.push(await cell!.ask('boot')))
    }
  }
  const longer = figure(took.get('unused')!.map((ms, i) => ms - took.get('without')![i]!))
  return {
    cells: [...took].map(([stack, samples]) => ({ name: `boot, ${stack}`, unit: 'ms', ...figure(samples) })),
    targets: [target('boot, ms more with bpf', longer, '<=', 5)],
  }
}

/** Bytes of an object before kernels had BPF programs that know it, measured by these same cells. */
const BEFORE = { file: 249, inode: 712, task: 5195 } as const
const MAY_GROW = 8
/** Bytes an open may leave: far less than an object, more than what the engine compiles meanwhile. */
const LEAK = 1

/** What an object takes, and what is left of objects that are gone. */
const space = async (
  rounds: number, opens: number, millions: number,
): Promise<{ cells: CellResult[]; targets: Target[] }> => {
  const gc = ['--expose-gc']
  const answersOf = async <T>(stack: StackName, question: string, arg: unknown): Promise<T[]> => {
    const answers: T[] = []
    for (let i = 0; i < rounds; i++) {
      await withCells([asked(stack, gc)], async ([cell]) => void answers.push(await cell!.ask<T>(question, arg)))
    }
    return answers
  }
  const cells: CellResult[] = []
  const targets: Target[] = []
  const kinds = Object.entries(BEFORE)
  // nothing is timed: they may run at once, the longest first
  const [guests, lefts, ...sizes] = await Promise.all([
    answersOf<{ refused: number; left: number }>('program', 'guest', millions),
    answersOf<number>('program', 'left', opens),
    ...kinds.map(([kind]) => answersOf<number>('unused', 'space', kind)),
  ])
  for (const [i, [kind, before]] of kinds.entries()) {
    const bytes = figure(sizes[i]!)
    cells.push({ name: `one ${kind}`, unit: 'bytes', ...bytes })
    targets.push(target(`bytes of one ${kind}, over before`, scaled(bytes, 1 / before), '<=', 1 + MAY_GROW / before))
  }
  const left = figure(lefts)
  targets.push(target('bytes left by an open with a program', left, '<=', LEAK))
  targets.push(exact(`${millions} million opens by one guest: refused`, Math.max(...guests.map((g) => g.refused)), 0))
  const perOpen = figure(guests.map((g) => g.left / (millions * 1e6)))
  targets.push(target(`${millions} million opens by one guest: bytes left by each`, perOpen, '<=', LEAK))
  return { cells, targets }
}

export const bpfSystem: Bench = async ({ quick, progress }) => {
  const called = await calls(quick, progress)
  progress('booting')
  const booted = await boots(quick ? 3 : 15)
  progress('space')
  const taken = await space(quick ? 1 : 3, quick ? 200_000 : 1_000_000, quick ? 1 : 5)
  const parts = [called, booted, taken]
  if (!quick) {
    progress('Ruby over 200 files')
    parts.push(await ruby(RUBY))
  }
  return benchResult('bpf-system', parts.flatMap(({ cells }) => cells), parts.flatMap(({ targets }) => targets))
}
