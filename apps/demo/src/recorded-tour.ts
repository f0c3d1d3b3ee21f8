/** A tour as it was once, which README.md shows: `node scripts/run.mjs record` writes both. */
import { readFileSync } from 'node:fs'
import type { TourDocument } from './document.ts'

export const recordedFile = new URL('recorded-tour.json', import.meta.url)

export const recordedTour = JSON.parse(readFileSync(recordedFile, 'utf8')) as TourDocument
