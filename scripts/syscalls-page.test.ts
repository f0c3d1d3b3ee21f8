/** The compatibility page is what the table says. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pagePath, syscallPage } from './syscalls-page.ts'

test('docs/syscalls.md is up to date: `node scripts/run.mjs source scripts/syscalls-page.ts` writes it', () => {
  expect(readFileSync(pagePath, 'utf8')).toBe(syscallPage())
})
