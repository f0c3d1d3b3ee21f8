/** The programs of the README run and print what their comments say. */
import { readFileSync } from 'node:fs'
import * as capability from '@lsmkit/capability'
import * as core from '@lsmkit/core'
import { expect, test } from 'vitest'
import * as cil from './cil/index.ts'
import * as classes from './classes.ts'
import * as selinux from './index.ts'
import * as policydb from './policydb/index.ts'
import * as server from './server/index.ts'
import * as source from './source/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const modules: Readonly<Record<string, object>> = {
  '@lsmkit/capability': capability,
  '@lsmkit/core': core,
  '@lsmkit/selinux': selinux,
  '@lsmkit/selinux/cil': cil,
  '@lsmkit/selinux/classes': classes,
  '@lsmkit/selinux/policydb': policydb,
  '@lsmkit/selinux/server': server,
  '@lsmkit/selinux/source': source,
}

const programs = [...readme.matchAll(/```ts\n(.*?)```/gs)]
  .map((match) => match[1]!)
  .filter((program) => program.includes('console.log'))

test.each([[0, 4], [1, 1], [2, 2], [3, 3]])('program %i', (which, lines) => {
  const program = programs[which]!
  const promised = [...program.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map((match) => match[1])
  const body = program
    .replace(/import (\{[^}]*\}) from '([^']*)'/g, "const $1 = modules['$2']")
    .replace('(target: string)', '(target)')
    .replace(/\)!\./g, ').')
    .replace(/policy!\./g, 'policy.')
  const printed: string[] = []
  const log = (...words: unknown[]): void => void printed.push(words.join(' '))
  new Function('modules', 'console', body)(modules, { log })
  expect(promised).toHaveLength(lines)
  expect(printed).toEqual(promised)
})
