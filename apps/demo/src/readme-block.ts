/** The block of README.md and docs/tour.md that shows what the tour prints. */
import pc from 'picocolors'
import type { TourDocument } from './document.ts'
import { ownOutput } from './own-denial.ts'
import { storyLines } from './story.ts'

/** Columns that the README has room for. */
const WIDTH = 80

/** The contents of the block. */
export const shownTour = (tour: TourDocument): string =>
  storyLines(tour, WIDTH, pc.createColors(false), ownOutput).join('\n')

/** Where it stands: after its heading, the first block of text. Throws where there is none. */
const placeIn = (readme: string): readonly [from: number, to: number] => {
  const [fence, heading] = ['```text\n', readme.indexOf('# The tour\n')]
  const from = readme.indexOf(fence, heading) + fence.length
  const to = readme.indexOf('\n```\n', from)
  const isThere = heading >= 0 && from >= fence.length && to >= 0
  if (!isThere) throw new Error('README.md has no block of text under the heading `The tour`')
  return [from, to]
}

export const blockIn = (readme: string): string => readme.slice(...placeIn(readme))

export const withBlock = (readme: string, text: string): string => {
  const [from, to] = placeIn(readme)
  return readme.slice(0, from) + text + readme.slice(to)
}
