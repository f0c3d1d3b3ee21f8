/** A bench result as a picture: each cell's median with its interval, and how far each target is from its limit. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { BenchResult, CellResult } from './result.ts'

const ROW = 16

/** Cells of one unit as rows: the bar is the 95 % interval, the dot the median. */
const chart = (unit: string, cells: readonly CellResult[], document: unknown): string =>
  Plot.plot({
    document: document as NonNullable<Plot.PlotOptions['document']>,
    width: 900,
    height: 60 + ROW * cells.length,
    marginLeft: 300,
    x: { label: unit, grid: true, type: 'log' },
    y: { label: null, domain: cells.map(({ name }) => name) },
    marks: [
      Plot.ruleY(cells, { x1: 'low', x2: 'high', y: 'name', strokeWidth: 4, strokeOpacity: 0.35 }),
      Plot.dot(cells, { x: 'value', y: 'name', fill: 'currentColor' }),
    ],
  }).outerHTML

const positive = ({ low, value }: CellResult) => low > 0 && Number.isFinite(value)

/** Writes one SVG a unit into `bench/out/` and answers the folder. */
export const writePlot = ({ bench, cells }: BenchResult): string => {
  const folder = fileURLToPath(new URL('../../out/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const { document } = parseHTML('<html><body></body></html>')
  for (const unit of new Set(cells.map((cell) => cell.unit))) {
    const rows = cells.filter((cell) => cell.unit === unit && positive(cell))
    if (rows.length === 0) continue
    const svg = chart(unit, rows, document)
    writeFileSync(`${folder}${bench}-${unit}.svg`, svg.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" '))
  }
  return folder
}
