/** Does a Smack decision cost the same however many rules there are, and what does it take to have so many? */
import type { Bench } from '../harness/bench.ts'
import { calibration } from '../harness/calibration.ts'
import { withCells } from '../harness/cell-process.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, NORMAL, QUICK, ratio } from '../harness/compare.ts'
import type { Effort, Samples } from '../harness/compare.ts'
import { benchResult, exact, target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { figure } from '../harness/stats.ts'
import type { DecideArgs, Way } from './decide-cell.ts'
import type { LoadArgs } from './load-cell.ts'

const decideModule = new URL('./decide-cell.ts', import.meta.url).href
const loadModule = new URL('./load-cell.ts', import.meta.url).href

const decide = (way: Way, rules: number): CellSpec => {
  const args: DecideArgs = { way, rules }
  return { name: `${way}, ${rules} rules`, module: decideModule, args }
}

const load = (way: LoadArgs['way'], rules: number): CellSpec => {
  const args: LoadArgs = { way, rules }
  return { name: `load ${rules} rules, ${way}`, module: loadModule, args, nodeFlags: ['--expose-gc'] }
}

const MANY = 100_000
const decisions = (full: boolean): CellSpec[] => [
  ...[10, 1000, MANY].map((rules) => decide('table', rules)),
  ...[10, 1000, MANY].map((rules) => decide('map', rules)),
  decide('casl', MANY),
  decide('casl by subject', MANY),
  ...[10, 1000, MANY].map((rules) => decide('selinux', rules)),
  ...[10, 1000].flatMap((rules) => (['casl', 'casl by subject'] as const).map((way) => decide(way, rules))),
  ...(full ? [decide('table', 1_000_000)] : []),
]

/** Ways that look through all rules for each question, and take up to a second for it: measured apart, and less. */
const walking = (quick: boolean, full: boolean): CellSpec[] => [
  ...[10, 1000].flatMap((rules) => (['list', 'casbin', 'cedar'] as const).map((way) => decide(way, rules))),
  ...(quick ? [] : [decide('casbin', MANY)]),
  // Cedar parses a hundred thousand policies for a minute and a half
  ...(full ? [decide('cedar', MANY), decide('list', MANY)] : []),
]
const WALK: Effort = { rounds: 1, passes: 5, warmUp: 1 }

/** Every way must have answered alike, those that were asked less as far as they were asked. */
const agreement = async (specs: readonly CellSpec[]): Promise<Target> => {
  const answered = new Map<number, string[]>()
  await withCells(specs, async (cells) => {
    for (const [i, cell] of cells.entries()) {
      const { rules } = specs[i]!.args as DecideArgs
      answered.set(rules, [...(answered.get(rules) ?? []), await cell.ask<string>('answers')])
    }
  })
  const differing = [...answered.values()].flatMap((all) => {
    const longest = all.reduce((a, b) => (a.length < b.length ? b : a))
    return all.filter((answers) => !longest.startsWith(answers))
  })
  return exact('ways-that-disagree', differing.length, 0)
}

const decisionTargets = (samples: Samples): Target[] => {
  const many = `table, ${MANY} rules`
  return [
    target('flat-1000-over-10', ratio(samples, 'table, 1000 rules', 'table, 10 rules'), '<=', 1.3),
    target('flat-100000-over-10', ratio(samples, many, 'table, 10 rules'), '<=', 1.3),
    ...[10, 1000, MANY].map((rules) =>
      target(`vs-map-${rules}`, ratio(samples, `map, ${rules} rules`, `table, ${rules} rules`), '>=', 2),
    ),
    target('vs-casl-100000', ratio(samples, `casl, ${MANY} rules`, many), '>=', 20),
  ]
}

const loading = async (effort: Effort): Promise<{ cells: CellResult[]; targets: Target[] }> => {
  const specs = [load('file', MANY), load('writes', MANY)]
  // a pass is a hundred thousand operations: fewer of them will do
  const samples = await measure(specs, { ...effort, warmUp: 2, passes: 10 })
  const cells = cellsOf(samples, 'ms', 1e-6)
  const space: number[] = []
  for (let round = 0; round < effort.rounds; round++) {
    await withCells(specs.slice(0, 1), async ([cell]) => void space.push(await cell!.ask<number>('space')))
  }
  const bytes = figure(space)
  return {
    cells: [...cells, { name: `space of ${MANY} rules`, unit: 'bytes a rule', ...bytes }],
    targets: [
      ...cells.map((cell) => target(`${cell.name}, ms`, cell, '<=', 300)),
      target('bytes-a-rule', bytes, '<=', 100),
    ],
  }
}

export const smack: Bench = async ({ quick, full, progress }) => {
  const effort = quick ? QUICK : NORMAL
  const specs = decisions(full)
  progress('deciding')
  const samples = await measure([...specs, calibration], effort)
  progress('deciding, ways that look through all rules')
  const slow = walking(quick, full)
  const walked = await measure(slow, WALK)
  progress('loading')
  const loaded = await loading(effort)
  progress('comparing answers')
  const agreed = await agreement([...specs, ...slow])
  const cells = [...cellsOf(samples, 'ns'), ...cellsOf(walked, 'ns'), ...loaded.cells]
  return benchResult('smack', cells, [...decisionTargets(samples), ...loaded.targets, agreed])
}
