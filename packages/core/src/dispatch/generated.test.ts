import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generatedFiles } from '../../scripts/render-dispatch.ts'
import { hookDefs } from '../hooks/hook-defs.ts'
import type { AnyHookDef } from '../hooks/hook-types.ts'
import { nextHookDefs } from '../hooks/next-hook-defs.ts'
import { linux618HookDefs, linux73HookDefs } from '../hooks/release-hook-defs.ts'
import { emptyAnswer } from './key.ts'
import { LsmTable } from '../generated/lsm-table.ts'
import { Linux618Table } from '../generated/linux618-table.ts'
import { Linux73Table } from '../generated/linux73-table.ts'
import { NextLsmTable } from '../generated/next-lsm-table.ts'

test.each(Object.entries(generatedFiles()))('src/generated/%s is what the generator writes', (path, text) => {
  expect(readFileSync(new URL(`../generated/${path}`, import.meta.url), 'utf8')).toBe(text)
})

const answersOf = (defs: Readonly<Record<string, AnyHookDef>>) =>
  Object.fromEntries(Object.entries(defs).map(([hook, def]) => [hook, emptyAnswer(hook, def.ret, def.default)]))

test.each([
  { name: '6.12', Table: LsmTable, defs: hookDefs },
  { name: '6.18', Table: Linux618Table, defs: linux618HookDefs() },
  { name: '7.3', Table: Linux73Table, defs: linux73HookDefs() },
  { name: 'next', Table: NextLsmTable, defs: nextHookDefs() },
])('the table of $name has a key for each hook', ({ Table, defs }) => {
  expect(Object.keys(new Table(answersOf(defs))).toSorted()).toEqual(Object.keys(defs).toSorted())
})
