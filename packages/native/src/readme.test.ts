import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { gapTable } from './plan/gaps.ts'

test('README.md lists what can be accepted', () => {
  const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const table = /<!-- gaps -->\n(.*)<!-- \/gaps -->/s.exec(page)?.[1]
  const rows = Object.entries(gapTable).map(([id, { means }]) => `| \`${id}\` | ${means} |`)
  expect(table?.trim().split('\n').slice(2)).toEqual(rows)
})
