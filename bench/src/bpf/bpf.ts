/** What does a BPF program cost: its instructions, its look-ups, the hook it is on, and bringing it there? */
import type { Bench } from '../benches.ts'
import { calibration } from '../harness/calibration.ts'
import { withCells } from '../harness/cell-process.ts'
import type { CellSpec } from '../harness/cell.ts'
import { measure, NORMAL, QUICK, ratio, timeOf } from '../harness/compare.ts'
import type { Samples } from '../harness/compare.ts'
import { benchResult, exact, target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { figure } from '../harness/stats.ts'
import type { HookArgs } from './hook-cell.ts'
import { computing } from './kernels.ts'
import type { Computing } from './kernels.ts'
import { askRival } from './rival.ts'
import type { RunArgs } from './run-cell.ts'

const runModule = new URL('./run-cell.ts', import.meta.url).href
const hookModule = new URL('./hook-cell.ts', import.meta.url).href

const run = (program: RunArgs['program'], engine: RunArgs['engine']): CellSpec =>
  ({ name: `${program}, ${engine}`, module: runModule, args: { program, engine } satisfies RunArgs })
const hook = (way: HookArgs['way']): CellSpec =>
  ({ name: `hook: ${way}`, module: hookModule, args: { way } satisfies HookArgs })

const names = Object.keys(computing) as Computing[]

const cellsOf = (samples: Samples, unit: string, scale = 1): CellResult[] =>
  [...samples.keys()].map((name) => {
    const { value, low, high, n } = timeOf(samples, name)
    return { name, unit, value: value / scale, low: low / scale, high: high / scale, n }
  })

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

/** Each kernel over the rival's, and their geometric mean. */
const beside = (samples: Samples, command: string, progress: (line: string) => void): Target[] => {
  const ratios: number[] = []
  const targets: Target[] = []
  for (const name of names) {
    const asked = Array.from({ length: 5 }, () => askRival(command, name, 20))
    const theirs = asked.filter((time) => typeof time === 'number')
    if (theirs.length === 0) {
      progress(`rival: ${name}: ${String(askRival(command, name, 1))}`)
      continue
    }
    const best = Math.min(...theirs)
    const over = figure(samples.get(`${name}, jit`)!.map((ours) => ours / best))
    ratios.push(over.value)
    targets.push(target(`${name}-over-rival`, over, '<=', 1.1))
  }
  if (ratios.length === 0) return targets
  const mean = Math.exp(ratios.reduce((sum, value) => sum + Math.log(value), 0) / ratios.length)
  return [target('compute-over-rival', { value: mean, low: mean, high: mean, n: ratios.length }, '<=', 0.7), ...targets]
}

export const bpf: Bench = async ({ quick, rival, progress }) => {
  // starting a process takes longer than what it measures: quickly, one for each cell
  const effort = quick ? { ...QUICK, rounds: 1, passes: 24 } : NORMAL
  progress('computing and look-ups, compiled')
  const programs: readonly RunArgs['program'][] = [...names, 'array', 'hash']
  const compiled = await measure(programs.map((name) => run(name, 'jit')), effort)
  progress('the same, interpreted')
  const slow = { rounds: 1, passes: quick ? 1 : 4, warmUp: 1 }
  const interpreted = await measure(names.map((name) => run(name, 'interpreter')), slow)
  progress('on a hook')
  const hooks = await measure((['nothing', 'typescript', 'program', 'fields'] as const).map(hook), effort)
  progress('loading')
  const few = { rounds: quick ? 1 : 2, warmUp: 2, passes: quick ? 6 : 12 }
  const bringing = await measure((['load', 'attach', 'verify'] as const).map(hook), few)
  const calibrated = await measure([calibration], { ...effort, rounds: 1 })
  const cells = [
    ...cellsOf(compiled, 'ns an instruction or look-up'), ...cellsOf(interpreted, 'ns an instruction'),
    ...cellsOf(hooks, 'ns a call'), ...cellsOf(bringing, 'ms', 1e6), ...cellsOf(calibrated, 'ns'),
  ]
  const verification = timeOf(bringing, 'hook: verify')
  const milliseconds = {
    value: verification.value / 1e6, low: verification.low / 1e6, high: verification.high / 1e6, n: verification.n,
  }
  const targets = [
    await agreement(quick ? ['calls', 'copy', 'hash'] : programs),
    target('150k-instructions-verified, ms', milliseconds, '<=', 500),
    target('program-over-typescript', ratio(hooks, 'hook: program', 'hook: typescript'), '<=', 10),
    ...(rival === undefined ? [] : beside(compiled, rival, progress)),
  ]
  return benchResult('bpf', cells, targets)
}
