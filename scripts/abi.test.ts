/** Altered tables: what each change is, and what has to be said of it. */
import { describe, expect, test } from 'vitest'
import { changesBetween, faultsOf, levelOf, raised } from './abi/compare.ts'
import type { AbiTable } from './abi/compare.ts'
import { abiPage } from './abi/page.ts'
import { readTable } from './abi/read-table.ts'
import { hookNames } from '../packages/core/src/hooks/hook-defs.ts'
import { objectKinds } from '../packages/core/src/objects/kinds.ts'

const base: AbiTable = {
  abi: '1.2',
  hooks: { file_open: '(file: File) => number; default 0', task_free: '(task: Task) => void; default 0' },
  types: {
    File: { f_mode: 'number', f_flags: 'number' },
    PseudoFs: { type: 'string' },
    Profile: { '=': '"6.12" | "6.18"' },
  },
  written: ['PseudoFs'],
}
const { file_open, task_free } = base.hooks as { file_open: string; task_free: string }
const withTypes = (types: AbiTable['types']): AbiTable => ({ ...base, types: { ...base.types, ...types } })
const withHooks = (hooks: AbiTable['hooks']): AbiTable => ({ ...base, hooks })

const altered: readonly { say: string; now: AbiTable; level: 'none' | 'minor' | 'major'; what?: RegExp }[] = [
  { say: 'nothing', now: base, level: 'none' },
  { say: 'a new hook in the middle', now: withHooks({ file_open, new_: '', task_free }), level: 'minor', what: /new_/ },
  { say: 'a hook that is gone', now: withHooks({ file_open }), level: 'major', what: /`task_free` is gone/ },
  { say: 'another order', now: withHooks({ task_free, file_open }), level: 'major', what: /`task_free` stands else/ },
  {
    say: 'another signature', now: withHooks({ file_open: file_open.replace('File', 'Path'), task_free }),
    level: 'major', what: /`file_open` was .*File.*, is .*Path/,
  },
  {
    say: 'another default', now: withHooks({ file_open: file_open.replace('default 0', 'default -95'), task_free }),
    level: 'major', what: /default -95/,
  },
  {
    say: 'a new field', now: withTypes({ File: { f_mode: 'number', f_new: 'number', f_flags: 'number' } }),
    level: 'minor', what: /`File`: `f_new` is new/,
  },
  { say: 'a field that is gone', now: withTypes({ File: { f_mode: 'number' } }), level: 'major', what: /`f_flags`/ },
  {
    say: 'a field of another type', now: withTypes({ File: { f_mode: 'bigint', f_flags: 'number' } }),
    level: 'major', what: /was number, is bigint/,
  },
  { say: 'a new type', now: withTypes({ Fresh: { a: 'number' } }), level: 'none' },
  { say: 'an option more', now: withTypes({ PseudoFs: { type: 'string', 'max?': 'number' } }), level: 'minor' },
  {
    say: 'a field more that modules have to write', now: withTypes({ PseudoFs: { type: 'string', max: 'number' } }),
    level: 'major', what: /`max` is new/,
  },
  { say: 'a profile more', now: withTypes({ Profile: { '=': '"6.12" | "6.18" | "7.0"' } }), level: 'minor' },
  { say: 'a profile less', now: withTypes({ Profile: { '=': '"6.18"' } }), level: 'major' },
]

test.each(altered)('$say: $level', ({ now, level, what }) => {
  const changes = changesBetween(base, now)
  expect(levelOf(changes)).toBe(level)
  expect(changes.map((one) => one.what).join('\n')).toMatch(what ?? /^/)
})

test.each(altered)('after $say, version and changeset together are enough', ({ now, level }) => {
  const due = { ...now, abi: raised('1.2', level) }
  expect(faultsOf(base, due, level)).toEqual([])
  expect(faultsOf(base, due, 'major')).toEqual([])
})

describe.each(altered.filter(({ level }) => level !== 'none'))('after $say', ({ now, level }) => {
  const due = { ...now, abi: raised('1.2', level) }

  test('a lesser changeset is not', () => {
    expect(faultsOf(base, due, level === 'major' ? 'minor' : 'patch').at(-1)).toContain(`'@lsmkit/core': ${level}`)
  })

  test('the old version is not, and each change is told', () => {
    const faults = faultsOf(base, now, level)
    expect(faults.at(-1)).toBe(`module-abi.ts says 1.2; after 1.2 it has to be ${due.abi}`)
    expect(faults).toHaveLength(changesBetween(base, now).length + 1)
  })
})

describe('a meaning that changed stands in no table', () => {
  test('the version is raised by hand, and asks for its changeset', () => {
    const now = { ...base, abi: '2.0' }
    expect(faultsOf(base, now, 'major')).toEqual([])
    expect(faultsOf(base, now, 'none')).toEqual([expect.stringContaining('\'@lsmkit/core\': major')])
  })

  test.each(['1.1', '1.4', '2.1', '3.0', '0.0'])('%s is no step from 1.2', (abi) => {
    expect(faultsOf(base, { ...base, abi }, 'major')).toEqual([expect.stringContaining('has to be 1.2')])
  })
})

describe('the table as it is read from the sources', () => {
  const table = readTable()

  test('has the hooks in their order', () => {
    expect(Object.keys(table.hooks)).toEqual(hookNames)
    expect(table.hooks.file_open)
      .toBe('(file: File) => Answer / asked (file: File) => number; (struct file *file); default 0')
  })

  test.each(objectKinds.map(({ type, table: fields }) => ({ type, fields: Object.keys(fields) })))(
    'has the fields of $type',
    ({ type, fields }) => expect(Object.keys(table.types[type]!)).toEqual(expect.arrayContaining(fields)),
  )

  test('knows what modules are handed and what they write', () => {
    expect(table.types).toHaveProperty('LsmContext.host', 'Host')
    expect(table.types).toHaveProperty(['PseudoIo', 'pos'], 'number')
    expect(table.written).toEqual(expect.arrayContaining(['LsmOptions', 'PseudoFs', 'AuditText']))
    expect(table.written).not.toContain('File')
    expect(table.written).not.toContain('LsmContext')
  })
})

test('the page has a row for each stretch of releases with one ABI', () => {
  const page = abiPage([
    { core: '0.1.0', abi: '1.0' }, { core: '0.1.1', abi: '1.0' }, { core: '0.2.0', abi: '1.1' },
    { core: '0.5.0', abi: '1.4' }, { core: '1.0.0', abi: '2.0' },
  ])
  expect(page).toContain([
    '| 0.1.0 to 0.1.1 | 1.0 | 1.0 |', '| 0.2.0 | 1.1 | 1.0 and 1.1 |', '| 0.5.0 | 1.4 | 1.0 to 1.4 |',
    '| 1.0.0 | 2.0 | 2.0 |',
  ].join('\n'))
})
