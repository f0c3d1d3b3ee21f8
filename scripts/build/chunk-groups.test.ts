/** Which chunks of a package become one file. */
import { expect, test } from 'vitest'
import { chunkGroups } from './chunk-groups.ts'
import type { BuiltFile } from './chunk-groups.ts'

type Line = readonly [name: string, bytes: number, imports?: string, weight?: number]

const kindOf = (name: string): BuiltFile['kind'] => {
  if (name.startsWith('@')) return 'foreign'
  return /^[A-Z]/.test(name) ? 'entry' : 'chunk'
}
/** Names of entries have a capital letter, those of other packages an `@`. */
const files = (lines: readonly Line[]): BuiltFile[] =>
  lines.map(([name, bytes, imports = '', weight = 1]) =>
    ({ name, bytes, imports: imports.split(' ').filter((one) => one !== ''), weight, kind: kindOf(name) }))

test.each<[why: string, lines: Line[], groups: string[][]]>([
  ['two that one entry loads', [['A', 1, 'a b'], ['a', 1e6], ['b', 1e6]], [['a', 'b']]],
  ['three', [['A', 1, 'a b c'], ['a', 1e6], ['b', 1e6], ['c', 1e6]], [['a', 'b', 'c']]],
  ['an entry keeps its file', [['A', 1, 'a'], ['a', 1]], []],
  ['a small one that one of two entries needs', [['A', 1, 'a b'], ['B', 1, 'a'], ['a', 1e6], ['b', 1e4]], [['a', 'b']]],
  ['a large one that one of two needs', [['A', 1, 'a b'], ['B', 1, 'a'], ['a', 10], ['b', 1e5]], []],
  ['the entry that needs both is loaded more often', [
    ['A', 1, 'a b', 10], ['B', 1, 'a'], ['a', 10], ['b', 1e5],
  ], [['a', 'b']]],
  ['two that never meet', [['A', 1, 'a'], ['B', 1, 'b'], ['a', 10], ['b', 10]], []],
  ['another package comes with it', [
    ['A', 1, 'a b'], ['B', 1, 'a'], ['a', 10], ['b', 10, '@core'], ['@core', 3e5],
  ], []],
  ['the other package is there already', [
    ['A', 1, 'a b'], ['B', 1, 'a @core'], ['a', 10], ['b', 10, '@core'], ['@core', 3e5],
  ], [['a', 'b']]],
  ['a large file would import them and be imported by them', [
    ['A', 1, 'a'], ['B', 1, 'c'], ['a', 10, 'b'], ['b', 1e6, 'c'], ['c', 10],
  ], [['a', 'b']]],
])('%s', (_why, lines, groups) => {
  expect(chunkGroups(files(lines))).toEqual(groups)
})
