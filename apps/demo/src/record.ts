/**
 * Records the tour: what it found goes to recorded-tour.json, what it prints to README.md and docs/tour.md, and a
 * picture of it that plays to docs/tour.svg. With `--text` it writes those alone, from the last record, which is for a
 * change of words.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { TourDocument } from './document.ts'
import { parseFlags } from './flags.mjs'
import type { Flags } from './flags.mjs'
import { shownTour, withBlock } from './readme-block.ts'
import { recordedFile, recordedTour } from './recorded-tour.ts'
import { selinuxPolicy } from './selinux-policy.ts'
import { takeTour } from './take-tour.ts'
import { tourSvg, tourSvgFile } from './tour-svg.ts'

const pages = ['README.md', 'docs/tour.md'].map((page) => new URL(`../../../${page}`, import.meta.url))

const recordAnew = async (): Promise<TourDocument> => {
  const tour = await takeTour(parseFlags([]) as Flags, selinuxPolicy(), true)
  writeFileSync(recordedFile, `${JSON.stringify(tour, null, 2)}\n`)
  return tour
}

const { values: { text } } = parseArgs({ options: { text: { type: 'boolean', default: false } } })
const tour = text ? recordedTour : await recordAnew()
for (const page of pages) writeFileSync(page, withBlock(readFileSync(page, 'utf8'), shownTour(tour)))
writeFileSync(tourSvgFile, tourSvg(tour))
