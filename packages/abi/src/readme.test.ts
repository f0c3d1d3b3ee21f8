/** The program at the top of the README runs and prints what its comments say. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as abi from './index.ts'

test('the first program of the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const body = program.replace(/import (\{[^}]*\}) from '@lsmkit\/abi'/g, 'const $1 = abi')
  const printed: string[] = []
  new Function('abi', 'console', body)(abi, { log: (...words: unknown[]) => printed.push(words.join(' ')) })
  const promised = [...program.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map((match) => match[1])
  expect(promised).toHaveLength(3)
  expect(printed).toEqual(promised)
})
