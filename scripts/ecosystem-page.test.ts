/** The index of modules is what its data and our packages say. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { moduleNames } from '../packages/cli/src/module-names.ts'
import { ecosystemPage, faultsOf, pagePath, readIndex } from './ecosystem-page.ts'
import type { Entry } from './ecosystem-page.ts'

const root = join(import.meta.dirname, '..')
const index = readIndex()

test('docs/ecosystem.md is up to date: `node scripts/run.mjs source scripts/ecosystem-page.ts` writes it', () => {
  expect(readFileSync(pagePath, 'utf8')).toBe(ecosystemPage(index))
})

test('every module of ours has a line, with the words of its own package.json', () => {
  const page = ecosystemPage(index)
  for (const name of [...moduleNames, 'bpf']) {
    const { description } = JSON.parse(readFileSync(join(root, `packages/${name}/package.json`), 'utf8'))
    expect(page).toContain(`| [\`@lsmkit/${name}\`](../packages/${name}/README.md) | ${description} | 1.0 |`)
  }
})

test('the suite has every template', () => {
  const templates = readdirSync(join(root, 'packages/create-lsmkit/templates'))
    .filter((name) => !['common', 'module', 'package'].includes(name))
  expect(index.suite.flatMap(({ template }) => template ?? []).sort()).toEqual(templates.sort())
})

const other = {
  package: 'night-watch', decides: 'files | users', abi: '1.0', kernels: ['6.12'],
  git: 'https://example.org/night-watch.git', ref: 'v1.0.0',
} as const

test('a module of others', () => {
  const page = ecosystemPage({ ...index, modules: [...index.modules, other] })
  expect(page).toContain('| [`night-watch`](https://www.npmjs.com/package/night-watch) | files \\| users | 1.0 | 6.12 |')
  expect(page).not.toContain('There is no module of others')
})

describe('a wrong entry', () => {
  test.each<{ entry: object; fault: string }>([
    { entry: { ...other, package: 'Night Watch' }, fault: '`package` is not a name that npm allows' },
    { entry: { ...other, abi: '1' }, fault: '`abi` is a text such as 1.0' },
    { entry: { ...other, abi: undefined }, fault: '`abi` is missing' },
    { entry: { ...other, ref: undefined }, fault: '`ref` is missing' },
    { entry: { ...other, git: 'git@example.org:x' }, fault: '`git` begins with https://' },
    { entry: { ...other, kernels: [] }, fault: '`kernels` is a list such as ["6.12"]' },
    { entry: { ...other, kernel: '6.12' }, fault: 'unknown field `kernel`' },
    { entry: { package: '@lsmkit/yama', kernels: ['6.12'], decides: 'x' },
      fault: '`decides` of our own modules comes from the package' },
  ])('$fault', ({ entry, fault }) => {
    expect(faultsOf(entry as Entry)).toEqual([fault])
    expect(() => ecosystemPage({ ...index, modules: [entry as Entry] })).toThrow(fault)
  })
})
