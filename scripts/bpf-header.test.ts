import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { HEADER, helpersHeader } from './bpf-header.ts'

test('lsmkit_helpers.h is what the table of helpers says: node scripts/run.mjs source scripts/bpf-header.ts', () => {
  expect(readFileSync(HEADER, 'utf8')).toBe(helpersHeader())
})
