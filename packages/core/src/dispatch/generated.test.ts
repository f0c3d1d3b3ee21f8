import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generatedFiles } from '../../scripts/render-dispatch.ts'
import { hookNames } from '../hooks/hook-defs.ts'
import { nextHookDefs } from '../hooks/next-hook-defs.ts'
import { LsmTable } from '../lsm-table.ts'
import { NextLsmTable } from '../next-lsm-table.ts'

test.each(Object.entries(generatedFiles()))('src/%s is what the generator writes', (path, text) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(text)
})

test.each([
  { name: '6.12', table: new LsmTable(), hooks: hookNames },
  { name: 'next', table: new NextLsmTable(), hooks: Object.keys(nextHookDefs) },
])('the table of $name has a key for each hook, in order', ({ table, hooks }) => {
  expect(Object.keys(table)).toEqual(hooks)
})
