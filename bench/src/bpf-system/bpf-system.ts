/**
 * What does BPF cost the running system: nothing when nobody uses it, a direct call when somebody does? Whole system
 * calls on the booted kernel, with objects made and dropped.
 */
import type { Bench } from '../harness/bench.ts'
import { calibration } from '../harness/calibration.ts'
import { withCells } from '../harness/cell-process.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, ratio, timeOf } from '../harness/compare.ts'
import type { Effort, Samples } from '../harness/compare.ts'
import { benchResult, exact, target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { figure, scaled } from '../harness/stats.ts'
import type { Figure } from '../harness/stats.ts'
import { rubySpec } from '../ruby/ruby.ts'
import { OPERATIONS, titles } from '../system/operations.ts'
import type { Operation } from '../system/operations.ts'
import type { StackName } from './stacks.ts'
import type { SystemArgs } from './system-cell.ts'

const module = new URL('./system-cell.ts', import.meta.url).href

const spec = (stack: StackName, operations: readonly Operation[], nodeFlags: readonly string[] = []): CellSpec => {
  const args: SystemArgs = { stack, operations }
  return { name: stack, module, args, nodeFlags }
}

/** One pair of processes scatters by several hundredths, so most of the effort goes into many of them. */
const QUICK: Effort = { rounds: 2, passes: 12, warmUp: 1 }
const NORMAL: Effort = { rounds: 45, passes: 3, warmUp: 1 }
/** A pass starts Ruby anew and gives five rounds. */
const RUBY: Effort = { rounds: 4, passes: 6, warmUp: 1 }

/** What a file opens is none of the program's business here. */
const ELSEWHERE = ['stat', 'fork', 'pipe', 'socketpair'] as const satisfies readonly Operation[]
const LEVELS = 32

/** Samples of each stack by operation: a pass gives one figure an operation, in their order. */
const byOperation = (samples: Samples, specs: readonly CellSpec[]): Samples =>
  new Map(specs.flatMap(({ name, args }) => {
    const { operations } = args as SystemArgs
    const all = samples.get(name)!
    return operations.map((operation, at) =>
      [`${titles[operation]}, ${name}`, all.filter((_, i) => i % operations.length === at)] as const)
  }))

const over = (samples: Samples, operation: Operation, a: StackName, b: StackName): Figure =>
  ratio(samples, `${titles[operation]}, ${a}`, `${titles[operation]}, ${b}`)

/** Nanoseconds that `a` takes more than `b`, from passes taken one after another. */
const more = (samples: Samples, operation: Operation, a: StackName, b: StackName): Figure => {
  const less = samples.get(`${titles[operation]}, ${b}`)!
  return figure(samples.get(`${titles[operation]}, ${a}`)!.map((value, i) => value - less[i]!))
}

/** Whole system calls under each stack, and what the targets make of them. */
const calls = async (effort: Effort): Promise<{ cells: CellResult[]; targets: Target[] }> => {
  const specs = [
    spec('without', OPERATIONS),
    spec('unused', [...OPERATIONS, 'deep']),
    spec('program', ['open', ...ELSEWHERE]),
    spec('typescript', ['open']),
    spec('walk 0', ['deep']),
    spec('walk 32', ['deep']),
    spec('storage', ['open']),
    spec('maps', ['open']),
  ]
  const all = await measure([...specs, calibration], effort)
  const samples = byOperation(all, specs)
  const level = scaled(more(samples, 'deep', 'walk 32', 'walk 0'), 1 / LEVELS)
  return {
    cells: [...cellsOf(samples, 'ns'), { name: calibration.name, unit: 'ns', ...timeOf(all, calibration.name) }],
    targets: [
      ...OPERATIONS.map((name) => target(`unused-${name}`, over(samples, name, 'unused', 'without'), '<=', 1.02)),
      ...ELSEWHERE.map((name) => target(`elsewhere-${name}`, over(samples, name, 'program', 'unused'), '<=', 1.02)),
      target('used-open, over the same in TypeScript', over(samples, 'open', 'program', 'typescript'), '<=', 1.1),
      target('used-open, ns over no program', more(samples, 'open', 'program', 'unused'), '<=', 60),
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
      await withCells([spec(stack, [])], async ([cell]) => void samples.push(await cell!.ask('boot')))
    }
  }
  const extra = figure(took.get('unused')!.map((ms, i) => ms - took.get('without')![i]!))
  return {
    cells: [...took].map(([stack, samples]) => ({ name: `boot, ${stack}`, unit: 'ms', ...figure(samples) })),
    targets: [target('boot, ms more with bpf', extra, '<=', 5)],
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
  const ask = async <T>(stack: StackName, question: string, arg: unknown): Promise<T[]> => {
    const answers: T[] = []
    for (let i = 0; i < rounds; i++) {
      await withCells([spec(stack, [], gc)], async ([cell]) => void answers.push(await cell!.ask<T>(question, arg)))
    }
    return answers
  }
  const cells: CellResult[] = []
  const targets: Target[] = []
  for (const [kind, before] of Object.entries(BEFORE)) {
    const bytes = figure(await ask<number>('unused', 'space', kind))
    cells.push({ name: `one ${kind}`, unit: 'bytes', ...bytes })
    targets.push(target(`bytes of one ${kind}, over before`, scaled(bytes, 1 / before), '<=', 1 + MAY_GROW / before))
  }
  const left = figure(await ask<number>('program', 'left', opens))
  targets.push(target('bytes left by an open with a program', left, '<=', LEAK))
  const guests = await ask<{ refused: number; left: number }>('program', 'guest', millions)
  targets.push(exact(`${millions} million opens by one guest: refused`, Math.max(...guests.map((g) => g.refused)), 0))
  const perOpen = figure(guests.map((g) => g.left / (millions * 1e6)))
  targets.push(target(`${millions} million opens by one guest: bytes left by each`, perOpen, '<=', LEAK))
  return { cells, targets }
}

export const bpfSystem: Bench = async ({ quick, progress }) => {
  progress('system calls under eight stacks')
  const called = await calls(quick ? QUICK : NORMAL)
  progress('booting')
  const booted = await boots(quick ? 5 : 15)
  progress('space')
  const taken = await space(quick ? 1 : 3, quick ? 200_000 : 1_000_000, quick ? 1 : 5)
  const parts = [called, booted, taken]
  if (!quick) {
    progress('Ruby over 200 files')
    parts.push(await ruby(RUBY))
  }
  return benchResult('bpf-system', parts.flatMap(({ cells }) => cells), parts.flatMap(({ targets }) => targets))
}
