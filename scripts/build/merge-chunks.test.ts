/** A built package whose chunks become one file: what its entries export, and what their programs do. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { mergeChunks } from './merge-chunks.ts'

let folder = ''
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (files: Readonly<Record<string, string>>): void => {
  folder = mkdtempSync(join(tmpdir(), 'merge-chunks-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}
const names = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()

test('two chunks with the same names in them are one file, and the entries export what they did', async () => {
  write({
    'package.json': '{ "type": "module" }',
    'index.js': [
      'import {\n  a\n} from "./chunk-A.js";', 'import {\n  b\n} from "./chunk-B.js";', 'export {\n  a,\n  b\n};\n',
    ].join('\n'),
    'sub/other.js': 'import {\n  b\n} from "../chunk-B.js";\nexport {\n  b as only\n};\n',
    'chunk-A.js': [
      'import {\n  b\n} from "./chunk-B.js";', 'var own = "a";', 'var a = () => own + b();', 'export {\n  a\n};\n',
    ].join('\n'),
    'chunk-B.js': 'var own = "b";\nvar count = 0;\nvar b = () => own + ++count;\nexport {\n  b\n};\n',
  })
  await mergeChunks(folder)
  const [chunk, ...others] = names().filter((name) => name.startsWith('chunk-'))
  expect(others).toEqual([])
  expect(chunk).toMatch(/^chunk-[0-9a-f]{8}\.js$/)
  const load = (name: string): Promise<object> => import(pathToFileURL(join(folder, name)).href)
  const index = await load('index.js') as { a: () => string; b: () => string }
  const other = await load('sub/other.js') as { only: () => string }
  expect([Object.keys(index), Object.keys(other)]).toEqual([['a', 'b'], ['only']])
  expect([index.a(), other.only(), index.b()]).toEqual(['ab1', 'b2', 'b3'])
})

test('a package without chunks stays as it is', async () => {
  write({ 'index.js': 'var a = 1;\nexport {\n  a\n};\n' })
  await mergeChunks(folder)
  expect(names()).toEqual(['index.js'])
})
