/**
 * Records the tour: what it found goes to recorded-tour.json, and what it prints to README.md. With `--text` it writes
 * README.md alone, from the last record, which is for a change of words.
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

const readmeFile = new URL('../../../README.md', import.meta.url)

const recordAnew = async (): Promise<TourDocument> => {
  const tour = await takeTour(parseFlags([]) as Flags, selinuxPolicy(), true)
  writeFileSync(recordedFile, `${JSON.stringify(tour, null, 2)}\n`)
  return tour
}

const { values: { text } } = parseArgs({ options: { text: { type: 'boolean', default: false } } })
const tour = text ? recordedTour : await recordAnew()
writeFileSync(readmeFile, withBlock(readFileSync(readmeFile, 'utf8'), shownTour(tour)))
