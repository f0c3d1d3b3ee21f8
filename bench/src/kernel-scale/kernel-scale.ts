/**
 * Does a system call notice how much there is? Time of calls with a thousand and with a hundred thousand inodes, with
 * ten and fifty thousand names in a directory, a hundred and ten thousand tasks, ten and a thousand mounts, under a
 * full stack, on as many objects at a time; the memory of each object; and whether anything is left of objects that
 * have come and gone.
 */
import type { Bench } from '../harness/bench.ts'
import { calibration } from '../harness/calibration.ts'
import { withCells } from '../harness/cell-process.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, ratio } from '../harness/compare.ts'
import type { Effort, Samples } from '../harness/compare.ts'
import { benchResult, target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { figure } from '../harness/stats.ts'
import type { CallArgs } from './call-cell.ts'
import type { SpaceArgs } from './space-cell.ts'
import type { Kind } from './worlds.ts'

const callModule = new URL('./call-cell.ts', import.meta.url).href
const spaceModule = new URL('./space-cell.ts', import.meta.url).href

/** From few to many of each kind. */
const SCALES: readonly (readonly [kind: Kind, few: number, many: number])[] = [
  ['inodes', 1000, 100_000], ['names', 10, 50_000], ['tasks', 100, 10_000], ['mounts', 10, 1000],
]
const QUICK: Effort = { rounds: 1, passes: 20, warmUp: 4 }
const NORMAL: Effort = { rounds: 3, passes: 20, warmUp: 6 }

const FLAT = 1.5
/** Bytes a cycle may leave behind: less than the smallest object, so that none is. */
const LEAK = 16

/** Samples of each call of a cell under a name of its own. */
const callSamples = async (kind: Kind, counts: readonly number[], effort: Effort): Promise<Samples> => {
  const specs = counts.map((count): CellSpec => {
    const args: CallArgs = { kind, count }
    return { name: String(count), module: callModule, args }
  })
  const names = await withCells(specs.slice(0, 1), ([cell]) => cell!.ask<string[]>('names'))
  const samples = await measure(specs, effort)
  // a pass gives one figure a call, in their order
  return new Map(counts.flatMap((count) =>
    names.map((name, at) => [
      `${name}, ${count} ${kind}`,
      samples.get(String(count))!.map((passes) => passes.filter((_, i) => i % names.length === at)),
    ] as const)))
}

const flatness = (samples: Samples, kind: Kind, few: number, many: number): Target[] =>
  [...samples.keys()].filter((name) => name.endsWith(`, ${few} ${kind}`)).map((name) => {
    const call = name.slice(0, -`, ${few} ${kind}`.length)
    const over = ratio(samples, `${call}, ${many} ${kind}`, name)
    return target(`flat: ${call}, ${many} over ${few} ${kind}`, over, '<=', FLAT)
  })

const space = async (rounds: number): Promise<CellResult[]> => {
  const cells: CellResult[] = []
  for (const [kind, , count] of SCALES) {
    const args: SpaceArgs = { kind, count }
    const spec: CellSpec = { name: `space of ${kind}`, module: spaceModule, args, nodeFlags: ['--expose-gc'] }
    const bytes: number[] = []
    for (let i = 0; i < rounds; i++) {
      await withCells([spec], async ([cell]) => void bytes.push(await cell!.ask('space')))
    }
    cells.push({ name: `one of ${count} ${kind}`, unit: 'bytes', ...figure(bytes) })
  }
  return cells
}

const growth = async (rounds: number, cycles: number): Promise<CellResult[]> => {
  const args: SpaceArgs = { kind: 'inodes', count: 0 }
  const spec: CellSpec = { name: 'growth', module: spaceModule, args, nodeFlags: ['--expose-gc'] }
  const left = new Map<string, number[]>()
  for (let i = 0; i < rounds; i++) {
    await withCells([spec], async ([cell]) => {
      for (const [name, bytes] of await cell!.ask<[string, number][]>('growth', cycles)) {
        left.set(name, [...(left.get(name) ?? []), bytes])
      }
    })
  }
  return [...left].map(([name, bytes]) => ({ name: `left by a ${name}`, unit: 'bytes', ...figure(bytes) }))
}

export const kernelScale: Bench = async ({ quick, progress }) => {
  const effort = quick ? QUICK : NORMAL
  const cells: CellResult[] = []
  const targets: Target[] = []
  for (const [kind, few, many] of SCALES) {
    progress(`calls with ${few} and ${many} ${kind}`)
    const samples = await callSamples(kind, [few, many], effort)
    cells.push(...cellsOf(samples, 'ns'))
    targets.push(...flatness(samples, kind, few, many))
  }
  progress('space')
  cells.push(...await space(quick ? 1 : 3))
  progress('what is left of what has come and gone')
  const left = await growth(quick ? 1 : 3, quick ? 40_000 : 100_000)
  cells.push(...left)
  targets.push(...left.map((cell) => target(`${cell.name}, bytes`, cell, '<=', LEAK)))
  cells.push(...cellsOf(await measure([calibration], effort), 'ns'))
  return benchResult('kernel-scale', cells, targets)
}
