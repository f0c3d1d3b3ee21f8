/**
 * The cost of Landlock: opening and closing a file six names deep in 1, 4 and 16 layers over a kernel without it; a
 * list of path prefixes of the same policy, written in TypeScript as a module; and a hundred thousand rules.
 */
import type { Bench } from '../harness/bench.ts'
import { calibration } from '../harness/calibration.ts'
import { withCells } from '../harness/cell-process.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, ratio, timeOf } from '../harness/compare.ts'
import type { Effort } from '../harness/compare.ts'
import { benchResult, target } from '../harness/result.ts'
import { figure } from '../harness/stats.ts'
import type { LandlockArgs, Way } from './cells.ts'

const module = new URL('./landlock-cell.ts', import.meta.url).href

const spec = (way: Way, layers = 1, rules = 8): CellSpec => {
  const args: LandlockArgs = { way, layers, rules }
  const much = way === 'layers' || way === 'plain walk' || way === 'prefix list' ? `, ${layers} × ${rules} rules` : ''
  return { name: `open, close, ${way}${much}`, module, args }
}

const LIMITS = [[1, 1.15], [4, 1.25], [16, 1.6]] as const
const RULES = 100_000

const QUICK: Effort = { rounds: 2, passes: 10, warmUp: 1 }
const NORMAL: Effort = { rounds: 30, passes: 4, warmUp: 1 }

export const landlockBench: Bench = async ({ quick, progress }) => {
  const effort = quick ? QUICK : NORMAL
  const layered = LIMITS.map(([layers]) => spec('layers', layers))
  const without = spec('without')
  const lists = [spec('prefix list', 1), spec('prefix list', 16)]
  const specs = [without, spec('unrestricted'), ...layered, spec('plain walk', 16), ...lists]
  progress(`${effort.rounds} rounds of ${specs.length} ways`)
  const samples = await measure([...specs, calibration], effort)
  progress(`${RULES} rules`)
  const loads: number[] = []
  for (let i = 0; i < (quick ? 1 : 3); i++) {
    await withCells([spec('unrestricted')], async ([one]) => void loads.push(await one!.ask<number>('load', RULES)))
  }
  const load = figure(loads)
  const cells = [
    ...cellsOf(samples, 'ns').filter(({ name }) => name !== calibration.name),
    { name: `${RULES} rules into one ruleset, enforced`, unit: 'ms', ...load },
    { name: calibration.name, unit: 'ns', ...timeOf(samples, calibration.name) },
  ]
  return benchResult('landlock', cells, [
    ...LIMITS.map(([layers, limit], i) =>
      target(`open in ${layers} layers, over none`, ratio(samples, layered[i]!.name, without.name), '<=', limit)),
    target('one layer, over a prefix list', ratio(samples, layered[0]!.name, lists[0]!.name), '<=', 1),
    target('16 layers, over 16 prefix lists', ratio(samples, layered[2]!.name, lists[1]!.name), '<=', 1),
    target(`${RULES} rules, ms`, load, '<=', 500),
  ])
}
