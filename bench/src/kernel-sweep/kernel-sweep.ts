/**
 * Does any system call hold the machine? Each is made amid few and amid many objects of each kind that it can touch; so
 * are making them and ending all at once. A time that grows by more than n log n is a miss, unless Linux has a limit
 * there.
 */
import type { Bench } from '../harness/bench.ts'
import { withCells } from '../harness/cell-process.ts'
import { benchResult, target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { figure } from '../harness/stats.ts'
import { crowds } from './crowds.ts'
import type { Growth, SweepArgs } from './sweep-cell.ts'

const module = new URL('./sweep-cell.ts', import.meta.url).href

/** Few objects, and how many times as many. */
const SCALES = { quick: [100, 10], normal: [250, 16], full: [1000, 100] } as const
/** n log n from 250 to 4,000 is 1.5 times as much as in proportion, n squared 16; between are collector and caches. */
const NEAR_LINEAR = 6

const growth = (args: SweepArgs): Promise<Growth[]> =>
  withCells([{ name: args.crowd, module, args, nodeFlags: ['--expose-gc'] }], ([cell]) => cell!.ask<Growth[]>('growth'))

export const kernelSweep: Bench = async ({ quick, full, progress }) => {
  const [few, factor] = SCALES[quick ? 'quick' : full ? 'full' : 'normal']
  const cells: CellResult[] = []
  const targets: Target[] = []
  for (const [crowd, { most = Infinity }] of Object.entries(crowds)) {
    const many = Math.min(few * factor, most)
    progress(`${many} ${crowd}`)
    const worst = await growth({ crowd, few: Math.min(few, many >> 3), many })
    for (const { what, over } of worst.slice(0, 3))
      cells.push({ name: `${what}, ${many} ${crowd}`, unit: 'times in proportion', ...figure([over]) })
    const over = figure([worst[0]?.over ?? 0])
    targets.push(target(`near-linear: all calls amid ${crowd}`, over, '<=', NEAR_LINEAR))
  }
  return benchResult('kernel-sweep', cells, targets)
}
