/** The recorded tour as a picture that plays: docs/tour.svg, which `run.mjs record` writes. */
import pc from 'picocolors'
import type { TourDocument } from './document.ts'
import { ownOutput } from './own-denial.ts'
import { storyLines } from './story.ts'
import { stepTitles } from './take-tour.ts'
import { terminalSvg } from './terminal-svg.ts'
import type { TimedLine } from './terminal-svg.ts'

export const tourSvgFile = new URL('../../../docs/tour.svg', import.meta.url)

const COLUMNS = 80
/** Seconds: the command is typed, the steps are done, the page appears. Nothing moves after five. */
const TYPED = 0.8
const STEP = 0.6
const LINE = 0.06

export const tourSvg = (tour: TourDocument): string => {
  const colors = pc.createColors(true)
  const command: TimedLine = { text: `${colors.dim('$')} npm start`, at: 0.2, typed: TYPED }
  const steps = stepTitles(tour.columns.length)
  const first = steps.map((title, i) => ({ text: `${colors.green('✔')} ${title}`, at: 1.2 + i * STEP }))
  const wipedAt = 1.2 + steps.length * STEP
  const page = storyLines(tour, COLUMNS, colors, ownOutput)
  return terminalSvg({
    title: 'The tour: npm start, and its last page',
    columns: COLUMNS,
    first: [{ text: '', at: 0 }, ...first],
    wipedAt,
    last: [command, ...page.map((text, i) => ({ text, at: Number((wipedAt + i * LINE).toFixed(2)) }))],
  })
}
