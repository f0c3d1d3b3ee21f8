/** Behaviours of a 6.18 kernel, each a test by its rule. 7.3 has the same. Where 6.12 differs, the row says so. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CapsMachine } from './machine.ts'
import { scenarios } from './scenarios.ts'
import { answerRow, readRows } from './words-row.ts'
import { dataLines } from '../tsv.ts'

const table = readFileSync(new URL('../../cases/capability.tsv', import.meta.url), 'utf8')
const lines = dataLines(table)
const rows = readRows(lines)

/** What a kernel before 6.16 answers: the end of the note, where there is one. */
const older = new Map(lines.flatMap((line) => {
  const cells = line.split('\t')
  const told = /before (?:the )?6\.16.*?: (uid=.*)$/.exec(cells[7] ?? '')
  return told === null ? [] : [[cells[0]!, told[1]!] as const]
}))

const later = [new CapsMachine('6.18'), new CapsMachine('7.3')]
const in612 = new CapsMachine('6.12')
const states = rows.filter(({ area }) => area !== 'misc')
const stories = rows.filter(({ area }) => area === 'misc')

test.each(states)('$area: $rule ($id)', (row) => {
  for (const machine of later) expect(answerRow(machine, row)).toBe(row.expected)
  expect(answerRow(in612, row)).toBe(older.get(row.id) ?? row.expected)
})

test.each(stories)('$rule ($id)', ({ id, expected }) => {
  const scenario = scenarios[id]
  expect(scenario).toBeDefined()
  for (const machine of later) expect(scenario!(machine)).toBe(expected)
  expect(scenario!(in612)).toBe(expected)
})

test('every scenario has its row', () => {
  expect(Object.keys(scenarios)).toEqual(stories.map(({ id }) => id))
})
