/** The page of hooks is what the table and its words say. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hooksPage, pagePath } from './hooks-page.ts'

test('docs/hooks.md is up to date: `node scripts/run.mjs source scripts/hooks-page.ts` writes it', () => {
  expect(readFileSync(pagePath, 'utf8')).toBe(hooksPage())
})
