/** Every suite over what is recorded in this repository, and over ../shared where it lies beside it. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readInput } from './input.ts'
import { differing, golden, ofKernel, recorded, replayTables, tables } from './replay/tables.ts'
import type { Row } from './suite.ts'
import { suites } from './suites/index.ts'

replayTables(null)

/** Tables of hooks of later kernels, by suite and release. */
const later = ['bpf-hooks', 'bpf-decide'].flatMap((name) =>
  ['6.18', '7.3'].map((kernel) => [name, kernel, join(golden, 'kernels', kernel, `${name}.tsv.gz`)] as const))

test.skipIf(!existsSync(join(golden, 'kernels'))).each(later)('%s of %s agrees with %s', async (name, kernel, path) => {
  const suite = await suites[name]!.load()
  const rows: Row[] = []
  for await (const row of suite.run([await readInput(path)], { kernel }, [path])) rows.push(row)
  expect(rows.length).toBeGreaterThan(0)
  expect(differing(rows)).toEqual([])
})

/** Tables that there are here of later kernels alone; those of 6.12 are elsewhere, with the policies. */
const laterOnly = (['6.18', '7.3'] as const).flatMap((kernel) =>
  (['landlock-abi', 'selinux-transcript'] as const).map((name) => [name, kernel] as const))
const selinuxPolicies = join(import.meta.dirname, '../selinux/recorded')

test.each(laterOnly)('%s of %s agrees with every recorded row', async (name, kernel) => {
  const path = join(recorded, ofKernel(name, kernel))
  const suite = await suites[name]!.load()
  const rows: Row[] = []
  const options = { kernel, ...(name === 'selinux-transcript' ? { policies: selinuxPolicies } : {}) }
  for await (const row of suite.run([await readInput(path)], options, [path])) rows.push(row)
  expect(rows.length).toBeGreaterThan(0)
  expect(differing(rows)).toEqual([])
})

/** Tables of digests: what was asked is other people's, and lies in no clone. */
const needFolder = ['selinux-upstream.jsonl.gz']

test('every recorded table belongs to a suite', () => {
  const known = Object.entries(tables).flatMap(([name, { own, policy, policies, also = [], kernels = [] }]) =>
    [own, policy, policies, ...also, ...kernels.map((kernel) => ofKernel(name, kernel))])
  const ofLater = laterOnly.map(([name, kernel]) => ofKernel(name, kernel))
  expect(readdirSync(recorded).filter((file) => ![...known, ...ofLater, ...needFolder].includes(file))).toEqual([])
})

test('every table is replayed by a test file', () => {
  const parts = new Set(Object.values(tables).flatMap(({ part }) => (part === undefined ? [] : [part])))
  const files = readdirSync(import.meta.dirname).filter((name) => /^replay-.*\.test\.ts$/.test(name))
  expect(files.toSorted()).toEqual([...parts].map((part) => `replay-${part}.test.ts`).toSorted())
})
