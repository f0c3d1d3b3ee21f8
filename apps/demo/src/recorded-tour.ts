/** A tour as it was once: `npm -s start -- --json > apps/demo/src/recorded-tour.json`. README.md shows it. */
import { readFileSync } from 'node:fs'
import type { TourDocument } from './document.ts'

export const recordedTour =
  JSON.parse(readFileSync(new URL('recorded-tour.json', import.meta.url), 'utf8')) as TourDocument
