/** What does a BPF program cost: its instructions, its look-ups, the hook it is on, and bringing it there? */
import type { Bench } from '../harness/bench.ts'
import { calibration } from '../harness/calibration.ts'
import { withCells } from '../harness/cell-process.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, more, NORMAL, QUICK, timeOf } from '../harness/compare.ts'
import type { Samples } from '../harness/compare.ts'
import { benchResult, exact, target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { scaled } from '../harness/stats.ts'
import type { Figure } from '../harness/stats.ts'
import { elsewhere, RBPF_PROGRAM, slowdown } from './elsewhere.ts'
import type { Times } from './elsewhere.ts'
import type { HookArgs } from './hook-cell.ts'
import { computing } from './kernels.ts'
import type { Computing } from './kernels.ts'
import { bestOf, leanRival } from './rival.ts'
import type { Contest } from './rival.ts'
import type { RunArgs } from './run-cell.ts'

const runModule = new URL('./run-cell.ts', import.meta.url).href
const hookModule = new URL('./hook-cell.ts', import.meta.url).href

const run = (program: RunArgs['program'], engine: RunArgs['engine']): CellSpec =>
  ({ name: `${program}, ${engine}`, module: runModule, args: { program, engine } satisfies RunArgs })
const hook = (way: HookArgs['way']): CellSpec =>
  ({ name: `hook: ${way}`, module: hookModule, args: { way } satisfies HookArgs })

const names = Object.keys(computing) as Computing[]

/** Both engines must have come to the same result. */
const agreement = async (asked: readonly RunArgs['program'][]): Promise<Target> => {
  let differing = 0
  for (const name of asked) {
    await withCells([run(name, 'jit'), run(name, 'interpreter')], async ([one, other]) => {
      if ((await one!.ask<number>('result')) !== (await other!.ask<number>('result'))) differing++
    })
  }
  return exact('programs-that-differ', differing, 0)
}

const geometric = (ratios: readonly number[]): Figure => {
  const mean = Math.exp(ratios.reduce((sum, value) => sum + Math.log(value), 0) / ratios.length)
  return { value: mean, low: mean, high: mean, n: ratios.length }
}

/** Each kernel on an engine over what another runner takes, and their geometric mean. */
const over = (
  samples: Samples, engine: RunArgs['engine'], theirs: Times,
): { readonly mean: Figure; readonly each: readonly (readonly [name: Computing, over: Figure])[] } => {
  const each = names.filter((name) => theirs[name] !== undefined).map((name) =>
    [name, scaled(timeOf(samples, `${name}, ${engine}`), 1 / theirs[name]!)] as const)
  return { mean: geometric(each.map(([, { value }]) => value)), each }
}

/** Targets of the compiler beside a runner called `who`. */
const compiledBeside = (who: string, samples: Samples, theirs: Times): Target[] => {
  const { mean, each } = over(samples, 'jit', theirs)
  if (each.length === 0) return []
  return [
    target(`compute-over-${who}`, mean, '<=', 0.7),
    ...each.map(([name, ratio_]) => target(`${name}-over-${who}`, ratio_, '<=', 1.1)),
  ]
}

const asked = (
  command: string, contests: readonly Contest[], runs: number, progress: (line: string) => void,
): Partial<Record<Contest, number>> => {
  const found: Partial<Record<Contest, number>> = {}
  for (const name of contests) {
    const best = bestOf(command, name, 5, runs)
    if (typeof best === 'number') found[name] = best
    else progress(`${command}: ${name}: ${best}`)
  }
  return found
}

const constant = (value: number): Figure => ({ value, low: value, high: value, n: 1 })

/**
 * Nanoseconds that a call from JavaScript into WebAssembly may take. V8 makes a hook in TypeScript part of who asks,
 * down to the loads; a program is called. What that comes to in a system call, bench bpf-system tells as a ratio.
 */
const CALL = 10

const programs: readonly RunArgs['program'][] = [...names, 'array', 'hash']

const measureAll = async (quick: boolean, progress: (line: string) => void) => {
  // starting a process takes longer than what it measures: quickly, one for each cell
  const effort = quick ? { ...QUICK, rounds: 1, passes: 24 } : NORMAL
  progress('computing and look-ups, compiled')
  const compiled = await measure(programs.map((name) => run(name, 'jit')), effort)
  progress('the same, interpreted')
  const slow = { rounds: 1, passes: quick ? 1 : 4, warmUp: 1 }
  const interpreted = await measure(names.map((name) => run(name, 'interpreter')), slow)
  progress('on a hook')
  const hooks = await measure((['nothing', 'typescript', 'program', 'fields'] as const).map(hook), effort)
  const slowHook = await measure([hook('interpreter')], slow)
  progress('loading')
  const few = { rounds: quick ? 1 : 2, warmUp: 2, passes: quick ? 6 : 12 }
  const bringing = await measure((['load', 'attach', 'verify'] as const).map(hook), few)
  const calibrated = await measure([calibration], { ...effort, rounds: 1 })
  const cells = [
    ...cellsOf(compiled, 'ns an instruction or look-up'), ...cellsOf(interpreted, 'ns an instruction'),
    ...cellsOf(hooks, 'ns a call'), ...cellsOf(slowHook, 'ns a call'), ...cellsOf(bringing, 'ms', 1e-6),
    ...cellsOf(calibrated, 'ns'),
  ]
  return { compiled, interpreted, hooks, bringing, cells }
}

/** A lean machine in C: a floor, not a rival, for no call comes from JavaScript there, and nothing is checked. */
const besideLean = (compiled: Samples, program: Figure, progress: (line: string) => void): CellResult[] => {
  const lean = leanRival()
  if (lean === null) return []
  const contests: readonly Contest[] = [...programs, 'program']
  const theirs = asked(`${lean} jit`, contests, 400, progress)
  const slower = asked(`${lean} interpreter`, contests, 40, progress)
  const times = ([['jit', theirs], ['interpreter', slower]] as const).flatMap(([way, measured]) =>
    Object.entries(measured).map(([name, time]) => ({ name: `${name}, lean ${way}`, unit: 'ns', ...constant(time) })))
  const overLean = (name: string, ours: Figure, time: number | undefined): CellResult[] =>
    time === undefined ? [] : [{ name: `${name} over the lean jit`, unit: 'times', ...scaled(ours, 1 / time) }]
  return [
    ...times,
    ...(['array', 'hash'] as const).flatMap((kind) => overLean(kind, timeOf(compiled, `${kind}, jit`), theirs[kind])),
    ...overLean('program', program, theirs.program),
    ...(theirs.xorshift === undefined ? [] : overLean('computing', over(compiled, 'jit', theirs).mean, 1)),
  ]
}

export const bpf: Bench = async ({ quick, rival, progress }) => {
  const { compiled, interpreted, hooks, bringing, cells } = await measureAll(quick, progress)
  const program = timeOf(hooks, 'hook: program')
  progress('a lean machine in C')
  const lean = besideLean(compiled, program, progress)
  const slower = slowdown(timeOf(compiled, 'xorshift, jit').value)
  const here = (measured: Times): Times =>
    Object.fromEntries(Object.entries(measured).map(([name, time]) => [name, time * slower]))
  const targets = [
    await agreement(quick ? ['calls', 'copy', 'hash'] : programs),
    target('150k-instructions-verified, ms', scaled(timeOf(bringing, 'hook: verify'), 1e-6), '<=', 500),
    target('program, ns over the same in TypeScript', more(hooks, 'hook: program', 'hook: typescript'), '<=', CALL),
    target('program-over-rbpf, estimated', scaled(program, 1 / (RBPF_PROGRAM * slower)), '<=', 1.3),
    target('interpreter-over-ubpf, estimated',
      over(interpreted, 'interpreter', here(elsewhere.ubpfInterpreter)).mean, '<=', 2.5),
    ...(rival === undefined
      ? compiledBeside('ubpf, estimated', compiled, here(elsewhere.ubpf))
      : compiledBeside('rival', compiled, asked(rival, names, 20, progress))),
  ]
  return benchResult('bpf', [...cells, ...lean], targets)
}
