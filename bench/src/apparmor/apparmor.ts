/**
 * The cost of AppArmor: a file question beside the same automaton in lean C, loading the profiles of a distribution,
 * and opening a file under a profile beside a kernel without AppArmor.
 */
import type { Bench } from '../harness/bench.ts'
import { calibration } from '../harness/calibration.ts'
import { withCells } from '../harness/cell-process.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, ratio } from '../harness/compare.ts'
import type { Effort } from '../harness/compare.ts'
import { benchResult, exact, target } from '../harness/result.ts'
import type { LoadArgs } from './load-cell.ts'
import type { MatchArgs } from './match-cell.ts'
import type { OpenArgs } from './open-cell.ts'

const at = (file: string): string => new URL(file, import.meta.url).href

const match = (way: MatchArgs['way']): CellSpec =>
  ({ name: `file question, ${way}`, module: at('./match-cell.ts'), args: { way } })
const open = (way: OpenArgs['way']): CellSpec =>
  ({ name: `open, close, ${way}`, module: at('./open-cell.ts'), args: { way } })
const load = (of: LoadArgs['of']): CellSpec => ({ name: `load, ${of}`, module: at('./load-cell.ts'), args: { of } })

const QUICK: Effort = { rounds: 2, passes: 10, warmUp: 2 }
const NORMAL: Effort = { rounds: 20, passes: 4, warmUp: 2 }
const LOADS: Effort = { rounds: 2, passes: 5, warmUp: 2 }

/** Whether the distribution's profiles are here. */
const count = async (spec: CellSpec): Promise<number> => {
  let found = 0
  await withCells([spec], async ([cell]) => {
    found = await cell!.ask<number>('count')
  })
  return found
}

const disagreeing = async (): Promise<number> => {
  const allowed: number[] = []
  await withCells([match('rows'), match('steps'), match('c')], async (cells) => {
    for (const cell of cells) allowed.push(await cell.ask<number>('allowed'))
  })
  return allowed.filter((number) => number !== allowed[0]).length
}

export const apparmorBench: Bench = async ({ quick, progress }) => {
  const effort = quick ? QUICK : NORMAL
  const specs = [match('rows'), match('steps'), match('c'), open('without'), open('unconfined'), open('confined')]
  progress(`${effort.rounds} rounds of ${specs.length} ways`)
  const samples = await measure([...specs, calibration], effort)
  progress('loading')
  const loads = (await count(load('debian'))) > 0 ? [load('recorded'), load('debian')] : [load('recorded')]
  const loaded = cellsOf(await measure(loads, LOADS), 'ms', 1e-6)
  progress('comparing answers')
  const debian = loaded.find(({ name }) => name === 'load, debian')
  return benchResult('apparmor', [...cellsOf(samples, 'ns'), ...loaded], [
    target('a file question, over C', ratio(samples, 'file question, rows', 'file question, c'), '<=', 1),
    target('open under a profile, over none', ratio(samples, open('confined').name, open('without').name), '<=', 1.15),
    ...(debian === undefined ? [] : [target('load of the distribution, ms', debian, '<=', 100)]),
    exact('ways-that-disagree', await disagreeing(), 0),
  ])
}
