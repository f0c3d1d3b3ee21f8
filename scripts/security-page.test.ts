/** SECURITY.md names tests and fuzzers that are there, and each promise names one. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fuzzers } from '../fuzz/src/fuzzers.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'SECURITY.md'), 'utf8')
const section = (title: string): string => page.split(`## ${title}\n`)[1]!.split('\n## ')[0]!
const promises = ['What is mediated', 'What is never stale or borrowed', 'What fails closed']
  .flatMap((title) => section(title).split(/\n(?=- )/).filter((item) => item.startsWith('- ')))

test('what the page links to is there', () => {
  const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path!)
  expect(links.length).toBeGreaterThan(20)
  expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test.each(promises)('%s', (promise) => {
  expect(promise).toMatch(/\]\([^)]+\.test\.ts\)/)
})

test('fuzzers that are named are in the table', () => {
  const named = [...page.matchAll(/fuzzers? ((?:`[\w-]+`(?:, | and )?)+)/g)]
    .flatMap(([, names]) => [...names!.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!))
  expect(named.length).toBeGreaterThan(2)
  expect(named.filter((name) => !Object.hasOwn(fuzzers, name))).toEqual([])
})
