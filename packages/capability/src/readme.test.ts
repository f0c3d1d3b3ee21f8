/** The program at the top of the README runs and prints what its comments say. */
import { readFileSync } from 'node:fs'
import * as abi from '@lsmkit/abi'
import * as core from '@lsmkit/core'
import { expect, test } from 'vitest'
import * as engine from './engine.ts'
import * as capability from './index.ts'

const modules: Readonly<Record<string, object>> = {
  '@lsmkit/abi': abi, '@lsmkit/core': core, '@lsmkit/capability': capability, '@lsmkit/capability/engine': engine,
}

test('the first program of the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const body = program.replace(/import (\{[^}]*\}) from '([^']*)'/g, "const $1 = modules['$2']")
  const printed: string[] = []
  const log = (...words: unknown[]) => printed.push(words.join(' '))
  new Function('modules', 'console', body)(modules, { log })
  const promised = [...program.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map((match) => match[1])
  expect(promised).toHaveLength(4)
  expect(printed).toEqual(promised)
})
