/** The program at the top of the README runs and prints what its comments say. */
import { readFileSync } from 'node:fs'
import * as abi from '@lsmkit/abi'
import * as core from '@lsmkit/core'
import { expect, test } from 'vitest'
import * as capability from './index.ts'

test('the first program of the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const body = program.replace(/import (\{[^}]*\}) from '@lsmkit\/(\w+)'/g, 'const $1 = $2_')
  const printed: string[] = []
  const log = (...words: unknown[]) => printed.push(words.join(' '))
  new Function('abi_', 'core_', 'capability_', 'console', body)(abi, core, capability, { log })
  const promised = [...program.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map((match) => match[1])
  expect(promised).toHaveLength(4)
  expect(printed).toEqual(promised)
})
