/** Every header is a subpath of the package, and what most packages use is in `common`. */
import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as abi from './index.ts'

const folder = new URL('.', import.meta.url)
const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  exports: Record<string, unknown>
}

const headers = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'index.ts')
  .map((file) => file.slice(0, -'.ts'.length))

test('a subpath each, and no others', () => {
  const subpaths = Object.keys(exports).filter((path) => path !== '.' && path !== './package.json')
  expect(subpaths.sort()).toEqual(headers.map((name) => `./${name}`).sort())
})

test('the flat list has what the headers have', async () => {
  const found = new Map<string, unknown>()
  for (const name of headers) {
    const header = (await import(`./${name}.ts`)) as Record<string, unknown>
    for (const [key, value] of Object.entries(header)) found.set(key, value)
  }
  expect(new Map(Object.entries(abi))).toEqual(found)
})
