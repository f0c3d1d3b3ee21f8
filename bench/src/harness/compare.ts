/**
 * Measures cells side by side: passes of all of them in turn, so that a change of the machine's speed hits all
 * alike.
 */
import { availableParallelism } from 'node:os'
import { withCells } from './cell-process.ts'
import type { CellProcess } from './cell-process.ts'
import type { CellSpec } from './cell.ts'
import type { CellResult } from './result.ts'
import { figureOf, median, scaled } from './stats.ts'
import type { Figure } from './stats.ts'

export interface Effort {
  /** Processes started for each cell: code layout differs from one to the next. */
  readonly rounds: number
  /** Timed passes of each cell in one round. */
  readonly passes: number
  /** Passes before the timed ones. */
  readonly warmUp: number
  /** They run on all processors at once: sooner done, but V8's own threads have less room then. */
  readonly warmsTogether?: boolean
}

export const QUICK: Effort = { rounds: 7, passes: 4, warmUp: 3 }
export const NORMAL: Effort = { rounds: 5, passes: 12, warmUp: 6 }

/** Samples of one cell, by process. */
export type ByProcess = readonly (readonly number[])[]

/** Samples of each cell; those at the same place, of all cells, were taken one after another. */
export type Samples = ReadonlyMap<string, ByProcess>

/** Passes that do not count. */
const warm = async (cells: readonly CellProcess[], { warmUp, warmsTogether = false }: Effort): Promise<void> => {
  for (let pass = 0; pass < warmUp; pass++) {
    const rest = [...cells]
    const next = async (): Promise<void> => {
      for (let cell = rest.shift(); cell !== undefined; cell = rest.shift()) await cell.pass()
    }
    await Promise.all(Array.from({ length: warmsTogether ? availableParallelism() : 1 }, next))
  }
}

/** Passes of all cells, interleaved. */
export const measure = async (specs: readonly CellSpec[], effort: Effort): Promise<Samples> => {
  const samples = new Map<string, number[][]>(specs.map(({ name }) => [name, []]))
  for (let round = 0; round < effort.rounds; round++) {
    await withCells(specs, async (cells) => {
      await warm(cells, effort)
      for (const taken of samples.values()) taken.push([])
      for (let pass = 0; pass < effort.passes; pass++) {
        for (const [i, cell] of cells.entries()) samples.get(specs[i]!.name)![round]!.push(...(await cell.pass()))
      }
    })
  }
  return samples
}

/** Time of one cell. */
export const timeOf = (samples: Samples, name: string): Figure => figureOf(samples.get(name)!)

/** Times of all cells, nanoseconds unless `factor` makes another unit of them. */
export const cellsOf = (samples: Samples, unit: string, factor = 1): CellResult[] =>
  [...samples.keys()].map((name) => ({ name, unit, ...scaled(timeOf(samples, name), factor) }))

/** `combine` of each pair of samples that were taken one after another. */
const paired = (a: ByProcess, b: ByProcess, combine: (a: number, b: number) => number): number[][] =>
  a.map((process, i) => process.map((value, pass) => combine(value, b[i]![pass]!)))

/** Time of `a` over that of `b`, from the pairs taken one after another. */
export const ratio = (samples: Samples, a: string, b: string): Figure =>
  figureOf(paired(samples.get(a)!, samples.get(b)!, (value, over) => value / over))

/** The extra time of `a` over `b`, from the pairs taken one after another. */
export const more = (samples: Samples, a: string, b: string): Figure =>
  figureOf(paired(samples.get(a)!, samples.get(b)!, (value, less) => value - less))

/** How many times more `a` adds to `base` than `b` does; a difference below `floor` ns counts as `floor`. */
export const addedRatio = (samples: Samples, a: string, b: string, base: string, floor: number): Figure => {
  const added = (name: string): number[][] =>
    paired(samples.get(name)!, samples.get(base)!, (value, ground) => Math.max(value - ground, floor))
  const [upper, lower] = [added(a), added(b)]
  const figure = figureOf(paired(upper, lower, (value, over) => value / over))
  return { ...figure, value: median(upper.flat()) / median(lower.flat()) }
}
