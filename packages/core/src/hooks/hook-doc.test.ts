/** The words about hooks are whole, in step with what is generated of them, and seen where people look for them. */
import { existsSync, readFileSync } from 'node:fs'
import { syscallByName } from '@lsmkit/abi'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { renderHookDocs } from '../../scripts/render-hook-docs.ts'
import * as sourceWords from '../hook-docs.ts'
import { hookDefs, hookNames } from './hook-defs.ts'
import { parameterNames } from './hook-doc.ts'
import { hookWords, parameterWords } from './hook-words-table.ts'

const { callSites, hookDoc, hookParagraphs, someOf, unreachedHooks } = sourceWords

test('hook-docs.ts is what scripts/generate-hook-docs.ts writes', () => {
  expect(readFileSync(new URL('../generated/hook-docs.ts', import.meta.url), 'utf8')).toBe(renderHookDocs())
})

test('the words are in the order of the hook table', () => {
  expect(Object.keys(hookWords)).toEqual(hookNames)
})

test.each(hookNames)('%s: every parameter is described, and no other', (name) => {
  const { parameters } = hookDoc(name)
  expect(parameters.filter(({ says }) => says === '')).toEqual([])
  const names = parameterNames(hookDefs[name].params)
  expect(Object.keys(hookWords[name].args ?? {}).filter((word) => !names.includes(word))).toEqual([])
})

test('no shared word is left over, and none is written down twice', () => {
  const shared = hookNames.flatMap((name) => {
    const own = Object.entries(hookWords[name].args ?? {})
    expect(own.filter(([parameter, says]) => parameterWords[parameter] === says), name).toEqual([])
    return parameterNames(hookDefs[name].params).filter((parameter) => !own.some(([word]) => word === parameter))
  })
  expect(Object.keys(parameterWords).filter((word) => !shared.includes(word))).toEqual([])
})

test('sentences end with a stop', () => {
  const sentences = hookNames.flatMap((name) => hookParagraphs(hookDoc(name)))
  expect(sentences.filter((text) => !text.endsWith('.'))).toEqual([])
})

test('stars stand in code: an editor would make italics of them', () => {
  const texts = hookNames.map(hookDoc).flatMap((doc) => [
    ...hookParagraphs(doc), ...doc.parameters.map(({ says }) => says),
  ])
  expect(texts.filter((text) => text.replaceAll(/`[^`]*`/g, '').includes('*'))).toEqual([])
})

test('the system calls of the recordings have numbers', () => {
  const calls = Object.values(callSites).flatMap((sites) => sites.split(' ').map((site) => site.split('=')[0]!))
  expect(calls.filter((call) => syscallByName(call) === undefined)).toEqual([])
})

test.each([
  [['a', 'b'], 1, 'a, b'],
  [['a', 'b', 'c'], 1, 'a and 2 more'],
  [[], 3, ''],
])('someOf(%j, %i) -> %s', (names, most, text) => {
  expect(someOf(names, most)).toBe(text)
})

const program = `import { createStack, defineLsm } from '@lsmkit/core'
defineLsm({ name: 'a', hooks: { file_open: () => 0 } })
defineLsm({ name: 'b', hooks: () => ({ file_open(file) { return file.f_flags } }) })
defineLsm({ name: 'c', hooks: [{ file_open: () => 0 }] })
createStack({ lsms: [] }).lsm.file_open
`

/** Every mention of `file_open` in the program, with what an editor shows there. */
const hovers = (conditions: readonly string[]): string[] => {
  const path = new URL('hover.ts', import.meta.url).pathname
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({
      module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023,
      strict: true, noEmit: true, allowImportingTsExtensions: true, customConditions: [...conditions],
    }),
    getScriptFileNames: () => [path],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => {
      const text = file === path ? program : ts.sys.readFile(file)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => '/',
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (file) => file === path || ts.sys.fileExists(file),
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    realpath: ts.sys.realpath,
  })
  return [...program.matchAll(/file_open/g)].map(({ index }) => {
    const info = service.getQuickInfoAtPosition(path, index)
    const tags = (info?.tags ?? []).map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`)
    return [ts.displayPartsToString(info?.documentation), ...tags].join('\n\n').replaceAll(/(?<!\n)\n(?!\n)/g, ' ')
  })
}

const built = new URL('../../dist/hook-docs.js', import.meta.url)

describe.each([
  { of: 'the sources', conditions: ['lsmkit:source'], entry: new URL('../hook-docs.ts', import.meta.url) },
  { of: 'the declarations that are published', conditions: [], entry: built },
])('an editor that reads $of', ({ conditions, entry }) => {
  const there = existsSync(entry)
  test.skipIf(!there)(`shows the words${there ? '' : ' (skipped: core is not built)'}`, async () => {
    const words = (await import(entry.href)) as typeof sourceWords
    const doc = words.hookDoc('file_open')
    const shown = hovers(conditions)
    expect(shown).toHaveLength(4)
    for (const text of shown) {
      for (const paragraph of words.hookParagraphs(doc)) expect(text).toContain(paragraph)
      for (const { name, says } of doc.parameters) expect(text).toContain(`@param ${name} - ${says}`)
    }
  })
})

test('each hook is reached by a recorded operation, or there is a reason why not', () => {
  const both = Object.keys(callSites).filter((name) => Object.hasOwn(unreachedHooks, name))
  const neither = hookNames.filter((name) => !Object.hasOwn(callSites, name) && !Object.hasOwn(unreachedHooks, name))
  expect([both, neither]).toEqual([[], []])
  for (const [name, reason] of Object.entries(unreachedHooks)) {
    expect(hookNames).toContain(name)
    expect(reason).toMatch(/^[A-Z].{30,}\.$/)
  }
})
