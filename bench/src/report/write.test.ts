/** BENCHMARKS.md is what the kept results give, and each bench has a part of it. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { benches } from '../benches.ts'
import { sections } from './sections.ts'
import { keptResults, report, withResult } from './write.ts'

test('each bench has a section, and each section a bench', () => {
  const named = sections.map(({ bench }) => bench).sort()
  expect(named).toEqual(Object.keys(benches).filter((name) => name !== 'all').sort())
})

test('BENCHMARKS.md is written from the kept results', () => {
  const written = readFileSync(new URL('../../../BENCHMARKS.md', import.meta.url), 'utf8')
  expect(report(keptResults()).text).toBe(written)
})

test('a new result takes the place of the earlier one of its bench', () => {
  const kept = keptResults()
  const renewed = { ...kept[0]!, flags: ' --full' }
  const results = withResult(kept, renewed)
  expect(results).toHaveLength(kept.length)
  expect(results.find(({ bench }) => bench === renewed.bench)).toBe(renewed)
})
