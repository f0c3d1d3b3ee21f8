/** Stores of modules: libsemanage's layout and our own, priorities, and what is refused. */
import { expect, test } from 'vitest'
import { compileCil } from '../../cil/index.ts'
import { readStore, StoreError, storeFiles } from '../index.ts'
import type { ModuleStore, StoreFiles } from '../index.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const filesOf = (entries: ReadonlyMap<string, Uint8Array>): StoreFiles => ({
  read: (path) => entries.get(path) ?? null,
  list(path) {
    const prefix = path === '' ? '' : `${path}/`
    const names = [...entries.keys()].filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length).split('/')[0]!)
    return names.length === 0 ? null : [...new Set(names)]
  },
})
const store = (entries: Readonly<Record<string, string>>): ModuleStore =>
  readStore(filesOf(new Map(Object.entries(entries).map(([name, text]) => [name, bytes(text)]))))

const semanage = {
  'active/modules/100/base/cil': '(base)', 'active/modules/100/base/lang_ext': 'pp',
  'active/modules/100/web/cil': '(old)', 'active/modules/100/web/lang_ext': 'pp',
  'active/modules/400/web/cil': '(new)', 'active/modules/400/web/lang_ext': 'cil',
  'active/modules/400/games/hll': '(games)', 'active/modules/400/games/lang_ext': 'cil',
  'active/modules/disabled/games': '', 'active/commit_num': '3',
}
const textOf = (made: ModuleStore): string[] =>
  made.sources().map(({ name, text }) => `${name} ${new TextDecoder().decode(text as Uint8Array)}`)

test('a store of libsemanage: the highest priority of each name that is enabled', () => {
  const found = store(semanage)
  expect(found.list.map(({ name, priority, isEnabled, isHighest }) => [name, priority, isEnabled, isHighest])).toEqual([
    ['base', 100, true, true], ['games', 400, false, true], ['web', 400, true, true], ['web', 100, true, false],
  ])
  expect(textOf(found)).toEqual(['base.cil (base)', 'web.cil (new)'])
  expect(textOf(found.setEnabled('games', true))).toContain('games.cil (games)')
  expect(textOf(found.remove('web', 400))).toContain('web.cil (old)')
  expect(textOf(found.setEnabled('web', false))).toEqual(['base.cil (base)'])
  expect(found.remove('games').disabled.size).toBe(0)
})

test('a change gives another store, and the files of ours read back the same', () => {
  const before = store({ ...semanage, 'active/disable_dontaudit': '' })
  const after = before.add({ name: 'mail', priority: 500, language: 'cil', read: () => bytes('(mail)') })
  expect(before.modules).toHaveLength(4)
  const again = readStore(filesOf(storeFiles(after)))
  expect(again.list).toEqual(after.list)
  expect(textOf(again)).toEqual(textOf(after))
  expect(again).toMatchObject({ disableDontaudit: true, preserveTunables: false })
  const replaced = again.add({ name: 'mail', priority: 500, language: 'cil', read: () => bytes('(post)') })
  expect(replaced.modules).toHaveLength(5)
})

test('files of local changes are kept in both layouts', () => {
  const found = store({ ...semanage, 'active/ports.local': 'portcon', 'active/file_contexts.subs': '/a /b',
    'active/seusers': 'all', 'ports.local': 'of another folder' })
  expect([...found.local.keys()]).toEqual(['file_contexts.subs', 'ports.local'])
  const again = readStore(filesOf(storeFiles(found.setEnabled('web', false))))
  expect([...again.local]).toEqual([...found.local])
  expect(store(semanage).local.size).toBe(0)
})

const one = { name: 'a', priority: 1, language: 'cil' }
const own = (list: unknown): Readonly<Record<string, string>> => ({ 'store.json': JSON.stringify(list) })
test.each([
  { code: 'not-a-store', make: () => store({ 'policy.33': '' }) },
  { code: 'bad-store', make: () => store({ 'store.json': '{' }) },
  { code: 'bad-store', make: () => store(own([])) },
  { code: 'bad-store', make: () => store(own({ format: 2, modules: [], disabled: [] })) },
  { code: 'bad-store', make: () => store(own({ format: 1, modules: {}, disabled: [] })) },
  { code: 'bad-store', make: () => store(own({ format: 1, modules: [{ name: 'a', priority: 1 }], disabled: [] })) },
  { code: 'bad-name',
    make: () => store(own({ format: 1, modules: [{ name: '../a', priority: 1, language: 'cil' }], disabled: [] })) },
  { code: 'bad-priority',
    make: () => store(own({ format: 1, modules: [{ name: 'a', priority: 0.5, language: 'cil' }], disabled: [] })) },
  { code: 'missing-file',
    make: () => store(own({ format: 1, modules: [one], disabled: [] })).sources() },
  { code: 'bad-language', make: () => store({ 'modules/100/a/lang_ext': 'rust', 'modules/100/a/hll': '' }) },
  { code: 'bad-language', make: () => store({ 'modules/100/a/lang_ext': 'pp' }) },
  { code: 'unknown-module', make: () => store(semanage).remove('wep') },
  { code: 'unknown-module', make: () => store(semanage).remove('web', 300) },
  { code: 'unknown-module', make: () => store(semanage).setEnabled('mail', false) },
])('$code', ({ code, make }) => {
  try {
    make()
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError)
    expect((error as StoreError).code).toBe(code)
  }
})

test('what a store holds is what is compiled', () => {
  const text = `(mls false) (class file (read)) (classorder (file)) (sid kernel) (sidorder (kernel))
    (sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
    (level low (s0)) (type t) (role r) (user u) (userrole u r) (roletype r t) (userlevel u low) (userrange u (low low))
    (sidcontext kernel (u r t (low low))) (allow t self (file (read)))`
  const made = store({ 'modules/100/base/cil': text, 'modules/100/base/lang_ext': 'cil' })
  expect(compileCil(made.sources(), { multipleDeclarations: true }).policy.avtab.length).toBe(1)
})
