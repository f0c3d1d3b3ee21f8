/** Answers of real kernels, recorded by scripts/walls, against those of what was written. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { recordedWalls } from './testing/recorded-walls.ts'

const table = readFileSync(new URL('testing/walls.tsv', import.meta.url), 'utf8')

test.each(recordedWalls(table))('$name', ({ asked, differing }) => {
  expect(asked).toBeGreaterThan(480)
  expect(differing).toEqual([])
})
