/** The programs of the README run and print what their comments say. */
import { readFileSync } from 'node:fs'
import * as capability from '@lsmkit/capability'
import * as core from '@lsmkit/core'
import { expect, test } from 'vitest'
import * as bpf from './index.ts'
import * as object from './object/index.ts'
import * as verifier from './verifier/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const programs = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!)
const modules: Readonly<Record<string, object>> = {
  'node:fs': { readFileSync: (name: string) => readFileSync(new URL(`../objects/${name}`, import.meta.url)) },
  '@lsmkit/bpf': bpf,
  '@lsmkit/bpf/object': object,
  '@lsmkit/bpf/verifier': verifier,
  '@lsmkit/capability': capability,
  '@lsmkit/core': core,
}

const text = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value).replace(/"(\w+)":/g, ' $1: ').replace('}', ' }') : String(value)

const run = (program: string): string[] => {
  const body = program.replace(/import (\{[^}]*\}) from '([^']*)'/g, "const $1 = modules['$2']").replaceAll(')!', ')')
  const printed: string[] = []
  const log = (...words: unknown[]): void => void printed.push(words.map(text).join(' '))
  new Function('modules', 'console', body)(modules, { log })
  return printed
}

test.each(programs.map((program, index) => [index + 1, program] as const))('program %i', (_, program) => {
  const promised = [...program.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map((match) => match[1]!)
  expect(promised.length).toBeGreaterThan(1)
  // a line in a loop is printed more often than it is written; the comment tells the first time
  expect(run(program).slice(0, promised.length)).toEqual(promised)
})
