/** The result of a bench: cells, targets, and whether the targets hold. The JSON document is a contract. */
import { cpus } from 'node:os'
import type { Figure } from './stats.ts'

export interface CellResult extends Figure {
  readonly name: string
  readonly unit: string
}

export interface Target {
  readonly name: string
  readonly value: number
  readonly op: '<=' | '>=' | '='
  readonly target: number
  readonly ok: boolean
}

export interface BenchResult {
  readonly bench: string
  readonly node: string
  readonly cpu: string
  readonly cells: readonly CellResult[]
  readonly targets: readonly Target[]
}

const SLACK = 0.02

/** Holds when the interval's better end meets it and the median is within 2 % of it. */
export const target = (name: string, { value, low, high }: Figure, op: '<=' | '>=', limit: number): Target => {
  const ok = op === '<=' ? low <= limit && value <= limit * (1 + SLACK) : high >= limit && value >= limit * (1 - SLACK)
  return { name, value, op, target: limit, ok }
}

/** A count that must be met exactly. */
export const exact = (name: string, value: number, wanted: number): Target => ({
  name,
  value,
  op: '=',
  target: wanted,
  ok: value === wanted,
})

export const benchResult = (bench: string, cells: readonly CellResult[], targets: readonly Target[]): BenchResult => ({
  bench,
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cells,
  targets,
})
