/** The program at the top of the README runs and prints what its comments say. */
import { readFileSync } from 'node:fs'
import * as abi from '@lsmkit/abi'
import * as capability from '@lsmkit/capability'
import * as core from '@lsmkit/core'
import * as testkit from '@lsmkit/testkit'
import { expect, test } from 'vitest'
import * as yama from './index.ts'

test('the first program of the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const body = program.replace(/import (\{[^}]*\}) from '@lsmkit\/(\w+)'/g, 'const $1 = $2_')
  const printed: string[] = []
  const log = (...words: unknown[]) => printed.push(words.join(' '))
  const run = new Function('abi_', 'capability_', 'core_', 'testkit_', 'yama_', 'console', body)
  run(abi, capability, core, testkit, yama, { log })
  const promised = [...program.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map((match) => match[1])
  expect(promised).toHaveLength(4)
  expect(printed).toEqual(promised)
})
