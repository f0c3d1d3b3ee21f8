/** The first program of the README runs and prints what its comments say. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as cil from './cil/index.ts'
import * as policydb from './policydb/index.ts'
import * as server from './server/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const modules: Readonly<Record<string, object>> = {
  '@lsmkit/selinux/cil': cil,
  '@lsmkit/selinux/policydb': policydb,
  '@lsmkit/selinux/server': server,
}

test('the first program', () => {
  const [program = ''] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!)
  const promised = [...program.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map((match) => match[1])
  const body = program
    .replace(/import (\{[^}]*\}) from '([^']*)'/g, "const $1 = modules['$2']")
    .replace('(target: string)', '(target)')
    .replace(/\)!\./g, ').')
    .replace(/policy!\./g, 'policy.')
  const printed: string[] = []
  const log = (...words: unknown[]): void => void printed.push(words.join(' '))
  new Function('modules', 'console', body)(modules, { log })
  expect(promised).toHaveLength(4)
  expect(printed).toEqual(promised)
})
