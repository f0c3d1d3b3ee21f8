/** The cost of a verdict by kernel release: 150,000 instructions on each, and 300 programs on six of them. */
import { kernelReleases } from '@lsmkit/bpf/kernels'
import type { Bench } from '../harness/bench.ts'
import { withCells } from '../harness/cell-process.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, timeOf } from '../harness/compare.ts'
import { benchResult, target } from '../harness/result.ts'
import { scaled } from '../harness/stats.ts'
import type { KernelsArgs } from './kernels-cell.ts'

const module = new URL('./kernels-cell.ts', import.meta.url).href
const PROGRAMS = 300

const walking = kernelReleases.map((kernel): CellSpec =>
  ({ name: `verify on ${kernel}`, module, args: { kernel, programs: 0 } satisfies KernelsArgs }))
const many: KernelsArgs = { kernel: null, programs: PROGRAMS }
const all: CellSpec = { name: `${PROGRAMS} programs on six kernels`, module, args: many }

export const bpfKernels: Bench = async ({ quick, progress }) => {
  progress(`150,000 instructions on ${walking.length} releases`)
  const samples = await measure(walking, { rounds: quick ? 1 : 5, passes: 12, warmUp: 4 })
  progress(`${PROGRAMS} programs on six`)
  const whole = await measure([all], { rounds: quick ? 1 : 3, passes: 3, warmUp: 0 })
  const counts: number[] = []
  await withCells(walking.slice(0, 1), async ([one]) => void counts.push(await one!.ask<number>('processed')))
  progress(`${counts[0]} instructions walked`)
  const inMs = (from: typeof samples) => cellsOf(from, 'ns').map(({ name, ...rest }) =>
    ({ ...rest, name, unit: 'ms', ...scaled(timeOf(from, name), 1e-6) }))
  return benchResult('bpf-kernels', [...inMs(samples), ...inMs(whole)], [
    ...walking.map(({ name }) => target(`${name}, ms`, scaled(timeOf(samples, name), 1e-6), '<=', 60)),
    target(`${all.name}, seconds`, scaled(timeOf(whole, all.name), 1e-9), '<=', 30),
  ])
}
