/**
 * What does a hook cost that nobody uses, and one that modules use, against no hook at all and calls written by
 * hand?
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench, BenchOptions } from '../harness/bench.ts'
import { calibration } from '../harness/calibration.ts'
import type { CellSpec } from '../harness/cell.ts'
import { withCells } from '../harness/cell-process.ts'
import { addedRatio, cellsOf, measure, NORMAL, QUICK, ratio } from '../harness/compare.ts'
import type { Effort, Samples } from '../harness/compare.ts'
import { benchResult, exact, target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { figure } from '../harness/stats.ts'
import { buildCell } from './build.ts'
import { groups, inQuick, switchingCell } from './cells.ts'
import type { DispatchCell } from './cells.ts'
import { rubyOverhead } from '../ruby/ruby.ts'
import { calls } from './variants.ts'

const SWITCHES = 20
/** Below this many nanoseconds two cells do not differ. */
const FLOOR_NS = 0.1

const specOf = async ({ name, args }: DispatchCell, folder: string): Promise<CellSpec> => {
  const variant = Object.hasOwn(calls, args.way) ? args.way : null
  const module = await buildCell({ form: 'bundle', variant, lsms: args.lsms }, folder)
  return { name, module, args }
}

const strategyTargets = (samples: Samples): Target[] => [
  target('empty-vs-nohooks', ratio(samples, 'read swap 0', 'read noHooks'), '<=', 1.02),
  ...[1, 2, 3, 4, 5].map((n) =>
    target(`lsm${n}-vs-direct`, ratio(samples, `read swap ${n}`, `read direct ${n}`), '<=', 1.05),
  ),
  target(
    'list-added-over-swap-added',
    addedRatio(samples, 'read list 2', 'read swap 2', 'read noHooks', FLOOR_NS),
    '>=',
    8,
  ),
]

const switchTargets = async (folder: string, effort: Effort): Promise<{ cells: CellResult[]; targets: Target[] }> => {
  const spec = { ...(await specOf(switchingCell, folder)), nodeFlags: ['--allow-natives-syntax'] }
  const first: number[] = []
  const attach: number[] = []
  const recovered: number[] = []
  const lost: number[] = []
  for (let round = 0; round < effort.rounds; round++) {
    await withCells([spec], async ([cell]) => {
      const took = await cell!.ask<{ first: number; warm: number }>('attachMicroseconds')
      first.push(took.first)
      attach.push(took.warm)
    })
    await withCells([spec], async ([cell]) => {
      recovered.push(await cell!.ask<number>('recovered'))
    })
    await withCells([spec], async ([cell]) => {
      lost.push(await cell!.ask<number>('deoptimised'))
    })
  }
  return {
    cells: [
      { name: 'attach', unit: 'us', ...figure(attach) },
      { name: 'attach, the first of a process', unit: 'us', ...figure(first) },
    ],
    targets: [
      target('attach-us', figure(attach), '<=', 100),
      exact('attach-isolation-deopts', Math.max(...lost), 0),
      exact('spaced-switch-recovery', Math.min(...recovered), SWITCHES),
    ],
  }
}

/** Each pass attaches and detaches many times, so that few processes say enough. */
const SWITCHING: Effort = { rounds: 2, passes: 12, warmUp: 4 }

export const dispatch: Bench = async ({ quick, progress }: BenchOptions) => {
  const effort = quick ? QUICK : NORMAL
  const folder = mkdtempSync(join(dirname(fileURLToPath(import.meta.url)), '../../.cells-'))
  const cells: CellResult[] = []
  const targets: Target[] = []
  try {
    for (const group of groups) {
      progress(`measuring ${group.name}`)
      const chosen = quick ? group.cells.filter(inQuick) : group.cells
      const specs: CellSpec[] = []
      for (const cell of chosen) specs.push(await specOf(cell, folder))
      const samples = await measure([...specs, calibration], effort)
      cells.push(
        ...cellsOf(samples, 'ns').map((cell) =>
          cell.name === calibration.name ? { ...cell, name: `${cell.name}, ${group.name}` } : cell,
        ),
      )
      if (samples.has('read noHooks')) targets.push(...strategyTargets(samples))
      if (samples.has('rival tapable'))
        targets.push(target('vs-tapable', ratio(samples, 'rival tapable', 'rival swap'), '>=', 1.2))
    }
    progress('Ruby over 200 files')
    const ruby = await rubyOverhead(quick, folder)
    cells.push(...ruby.cells)
    targets.push(ruby.target)
    progress('switching under load')
    const switched = await switchTargets(folder, quick ? SWITCHING : effort)
    cells.push(...switched.cells)
    targets.push(...switched.targets)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return benchResult('dispatch', cells, targets)
}
