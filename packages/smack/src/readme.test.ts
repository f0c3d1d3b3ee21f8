/** The first program of the README runs and prints what its comments say; the second makes a stack. */
import { readFileSync } from 'node:fs'
import * as capability from '@lsmkit/capability'
import * as core from '@lsmkit/core'
import { expect, test } from 'vitest'
import * as engine from './engine.ts'
import * as smack from './index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const [first = '', second = ''] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1])
const modules: Readonly<Record<string, object>> = {
  '@lsmkit/smack/engine': engine,
  '@lsmkit/smack': smack,
  '@lsmkit/core': core,
  '@lsmkit/capability': capability,
}

/** Runs a program without its types; gives what it printed, and the value of `result` at its end. */
const run = (program: string, result = 'undefined'): { printed: string[]; value: unknown } => {
  const body = program
    .replace(/import (\{[^}]*\}) from '([^']*)'/g, "const $1 = modules['$2']")
    .replace(/\((\w+): string, (\w+): string, (\w+): string\)/g, '($1, $2, $3)')
  const printed: string[] = []
  const log = (...words: unknown[]): void => void printed.push(words.join(' '))
  const value: unknown = new Function('modules', 'console', `${body}\nreturn ${result}`)(modules, { log })
  return { printed, value }
}

test('the first program', () => {
  const promised = [...first.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map((match) => match[1])
  expect(promised).toHaveLength(4)
  expect(run(first).printed).toEqual(promised)
})

test('the second program', () => {
  const { value } = run(second, 'stack.names')
  expect(value).toEqual(['capability', 'smack'])
})
