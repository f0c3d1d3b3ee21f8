/**
 * A terminal as an SVG that plays once: a line is typed, lines appear, with the styles of SGR (bold, dim, colours). A
 * reader who wants less motion sees the end at once. The text is in the picture, and its words are in `desc`.
 */

/** A line as a program writes it, and the second at which it appears. */
export interface TimedLine {
  readonly text: string
  readonly at: number
  /** Typed, letter by letter: for how many seconds. */
  readonly typed?: number
}

export interface Recording {
  readonly title: string
  readonly columns: number
  /** Shown first and wiped out at `wipedAt`; a line takes its own row. */
  readonly first: readonly TimedLine[]
  readonly wipedAt: number
  /** Stay. */
  readonly last: readonly TimedLine[]
}

const FONT_SIZE = 14
const CELL = 8.4
const ROW = 19
const EDGE = 14

/** SGR numbers that put a class on, and those that take it off. */
const STYLES: ReadonlyMap<string, string> = new Map([
  ['1', 'bold'], ['2', 'dim'], ['31', 'red'], ['32', 'green'], ['33', 'yellow'], ['36', 'cyan'],
])
const ENDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['0', [...STYLES.values()]], ['22', ['bold', 'dim']], ['39', ['red', 'green', 'yellow', 'cyan']],
])

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

// eslint-disable-next-line no-control-regex -- the escape character begins a style
const SGR = /\u001B\[(\d+)m/

export const plainText = (text: string): string => text.replaceAll(new RegExp(SGR, 'g'), '')

/** Runs of one style as `tspan`. Throws for a style that it does not know. */
const spans = (text: string): string => {
  const on = new Set<string>()
  return text.split(SGR).map((part, i) => {
    if (i % 2 === 0) {
      if (part === '') return ''
      return on.size === 0 ? escaped(part) : `<tspan class="${[...on].join(' ')}">${escaped(part)}</tspan>`
    }
    const [style, ends] = [STYLES.get(part), ENDS.get(part)]
    if (style === undefined && ends === undefined) throw new Error(`the picture has no style ${part}`)
    if (style !== undefined) on.add(style)
    for (const end of ends ?? []) on.delete(end)
    return ''
  }).join('')
}

/** Its width is fixed, whatever font the reader has. */
const row = ({ text, at, typed }: TimedLine, y: number): string => {
  const length = plainText(text).length
  if (length === 0) return ''
  const shape = `x="${EDGE}" y="${y}" textLength="${(length * CELL).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`
  const motion = typed === undefined
    ? `class="in" style="animation-delay:${at}s"`
    : `class="typed" style="animation:type ${typed}s steps(${length}) ${at}s both"`
  return `<text ${shape} ${motion}>${spans(text)}</text>`
}

const rows = (lines: readonly TimedLine[]): string =>
  lines.map((line, i) => row(line, EDGE + ROW * (i + 1) - 5)).filter((line) => line !== '').join('\n')

const STYLE = `
text { font: ${FONT_SIZE}px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #e6edf3; white-space: pre }
.bold { font-weight: bold } .dim { fill: #a5b0bb }
.red { fill: #ff9d96 } .green { fill: #6fdd8b } .yellow { fill: #eac55f } .cyan { fill: #76d7e8 }
.in { animation: in .01s both } .wiped { opacity: 0; animation: out .01s both }
@keyframes in { from { visibility: hidden } to { visibility: visible } }
@keyframes out { from { opacity: 1 } to { opacity: 0 } }
@keyframes type { from { clip-path: inset(0 100% 0 0) } to { clip-path: inset(0 0 0 0) } }
@media (prefers-reduced-motion: reduce) {
  .in, .typed, .wiped { animation: none !important }
}`

export const terminalSvg = ({ title, columns, first, wipedAt, last }: Recording): string => {
  const width = Math.ceil(columns * CELL + 2 * EDGE)
  const height = Math.max(first.length, last.length) * ROW + 2 * EDGE
  const words = escaped(last.map(({ text }) => plainText(text)).join('\n'))
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="t d">
<title id="t">${escaped(title)}</title>
<desc id="d">${words}</desc>
<style>${STYLE}
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g class="wiped" style="animation-delay:${wipedAt}s">
${rows(first)}
</g>
<g>
${rows(last)}
</g>
</svg>
`
}
