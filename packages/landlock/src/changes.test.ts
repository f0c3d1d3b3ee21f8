import { expect, test } from 'vitest'
import { rulesetChanges } from './changes.ts'
import type { RulesetOptions } from './builder.ts'

const told = (before: RulesetOptions, after: RulesetOptions): string[] =>
  Array.from(rulesetChanges(before, after), ({ effect, words }) => `${effect}: ${words}`)

test.each<[string, RulesetOptions, RulesetOptions, string[]]>([
  ['a path more', { read: ['/usr'] }, { read: ['/usr', '/data'] },
    ['more: read_file, read_dir may now be done below /data']],
  ['a path that one above covers', { read: ['/usr'] }, { read: ['/usr', '/usr/lib'] }, []],
  ['a path above, and the one below by itself', { read: ['/usr/lib'] }, { read: ['/usr'] },
    ['more: read_file, read_dir may now be done below /usr']],
  ['ports', { connect: [443] }, { connect: [80] }, ['more: connect_tcp may now be done on port 80',
    'less: connect_tcp may no longer be done on port 443']],
  ['a scope', {}, { scope: ['signal'] }, ['less: signal stays in the domain']],
  ['the same', { read: ['/a'], write: ['/b'] }, { write: ['/b'], paths: { '/a': ['read_file', 'read_dir'] } }, []],
])('%s', (_what, before, after, lines) => {
  expect(told(before, after)).toEqual(lines)
  expect(told(after, before)).toHaveLength(lines.length)
})

test('what begins to be handled is no longer free', () => {
  const [line] = told({}, { read: ['/'] })
  expect(line).toMatch(/^less: execute, write_file, remove_dir.* may no longer be done below \/$/)
  expect(() => told({}, { raed: [] } as RulesetOptions)).toThrow('raed')
})
