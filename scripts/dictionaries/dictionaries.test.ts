/** No object literal of ours is a dictionary of names that somebody else chooses. */
import { globSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { findDictionaries } from './find.ts'

const root = join(import.meta.dirname, '../..')
const FOLDERS = 'packages,apps,conformance,bench,fuzz,site'

const programOf = (files: readonly string[], host?: ts.CompilerHost): ts.Program => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path))
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  return ts.createProgram([...files], { ...options, noEmit: true, customConditions: ['lsmkit:source'] }, host)
}

const isOurs = (path: string): boolean => !/node_modules|\/dist\/|\/templates\/|\.test(-d)?\.ts$|\/testing\/|\/test\//.test(path)

test('the tree has none', { timeout: 300_000 }, () => {
  const files = globSync(`{${FOLDERS}}/**/*.ts`, { cwd: root, exclude: (path) => path.endsWith('node_modules') })
    .filter(isOurs).map((path) => join(root, path))
  expect(files.length).toBeGreaterThan(1000)
  const found = findDictionaries(programOf(files), files)
  expect(found.map(({ file, line, text }) => `${relative(root, file)}:${line}: ${text}`),
    '`ownValue(table, name)`, `dictionary()` or a Map').toEqual([])
})

const table = 'const table: Record<string, number> = { a: 1 }\n'
test.each([
  ['a table of the module', `${table}export const f = (name: string) => table[name]`, ['table[name]']],
  ['a key of text', `${table}export const f = (name: string) => table[\`x\${name}\`]`, ['table[`x${name}`]']],
  ['a table in a table', 'const all: Record<string, Record<string, number>> = { a: {} }\n' +
    'export const f = (name: string) => all.a![name]', ['all.a![name]']],
  ['what is filled', 'export const f = (name: string) => { const all: Record<string, number> = {}\n' +
    'all[name] = 1\nreturn all }', ['all[name]']],
  ['what is filled at two levels', 'export const f = (a: string, b: string) => { const all: Record<string, ' +
    'Record<string, number>> = {}\n;(all[a] ??= {})[b] = 1\nreturn all }', ['(all[a] ??= {})[b]', 'all[a]']],
  ['in', `${table}export const f = (name: string) => name in table`, ['name in table']],
  ['a known key', `${table}export const f = (name: 'a' | 'b') => table[name]`, []],
  ['a list', 'const list = [1]\nexport const f = (at: number) => list[at]', []],
  ['one that was looked for', `${table}export const f = (n: string) => (Object.hasOwn(table, n) ? table[n]! : 0)`, []],
  ['a Map', 'const map = new Map([[\'a\', 1]])\nexport const f = (name: string) => map.get(name)', []],
])('%s', (_, text, expected) => {
  const file = join(root, 'scripts/dictionaries/case.ts')
  const host = ts.createCompilerHost({})
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (name, ...rest) => (name === file
    ? ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true) : read(name, ...rest))
  expect(findDictionaries(programOf([file], host), [file]).map((one) => one.text)).toEqual(expected)
})
