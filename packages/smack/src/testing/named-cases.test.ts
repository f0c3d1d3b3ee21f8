/** Named behaviours of the kernel's own Smack, each a test by its rule; `reading` ones were not executed there. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { answerRow, readCases } from './case-rows.ts'
import { scenarios } from './scenarios.ts'

const rows = readCases(readFileSync(new URL('../../cases/smack-cases.tsv', import.meta.url), 'utf8'))

test.each(rows)('$area: $rule ($id)', (row) => {
  const answer = answerRow(row) ?? scenarios[row.id]?.()
  expect(answer).toBe(row.expected)
})

test('no scenario is without a row', () => {
  const ids = rows.map(({ id }) => id)
  expect(Object.keys(scenarios).filter((id) => !ids.includes(id))).toEqual([])
})
