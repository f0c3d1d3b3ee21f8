/** Pictures of BENCHMARKS.md: SVG that stands on a light page and on a dark one. */
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

const { document } = parseHTML('<html><body></body></html>')

/** The page's colours, as far as a picture in a page can know them. */
const STYLE = `<style>svg { color: #1f2328; background: #fff }
@media (prefers-color-scheme: dark) { svg { color: #e6edf3; background: #0d1117 } }</style>`

export const svgOf = (options: Plot.PlotOptions): string => {
  const figure = Plot.plot({
    width: 860, marginLeft: 70, marginRight: 130, ...options,
    document: document as NonNullable<Plot.PlotOptions['document']>,
  })
  return figure.outerHTML
    .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replace('>', `>${STYLE}`)
}

/** A point of a line: `at` on the axis, `value` above it, and whose line it is. */
export interface Point {
  readonly line: string
  readonly at: number
  readonly value: number
}

/** Lines over numbers, each named at its end. */
export const lines = (
  points: readonly Point[], x: Plot.ScaleOptions, y: Plot.ScaleOptions, height = 340,
): string => svgOf({
  height,
  x: { ticks: [...new Set(points.map(({ at }) => at))], tickFormat: 'd', ...x } as Plot.ScaleOptions,
  y: { grid: true, ...y },
  marks: [
    Plot.line(points, { x: 'at', y: 'value', z: 'line', stroke: 'line', strokeWidth: 2 }),
    Plot.dot(points, { x: 'at', y: 'value', fill: 'line' }),
    Plot.text(points, Plot.selectLast({
      x: 'at', y: 'value', z: 'line', text: 'line', dx: 8, textAnchor: 'start', fill: 'currentColor',
    })),
  ],
})

export interface Bar {
  readonly name: string
  readonly value: number
  readonly low: number
  readonly high: number
}

/** A dot a row with its 95 % interval; `mark` is where the target lies. */
export const rows = (bars: readonly Bar[], x: Plot.ScaleOptions, mark?: number): string => svgOf({
  height: 50 + 22 * bars.length,
  marginLeft: 330,
  marginRight: 30,
  x: { grid: true, ...x },
  y: { label: null, domain: bars.map(({ name }) => name) },
  marks: [
    ...(mark === undefined ? [] : [Plot.ruleX([mark], { strokeDasharray: '4 3' })]),
    Plot.ruleY(bars, { x1: 'low', x2: 'high', y: 'name', strokeWidth: 4, strokeOpacity: 0.35 }),
    Plot.dot(bars, { x: 'value', y: 'name', fill: 'currentColor' }),
  ],
})
