/** Every suite over what is recorded in this repository, and over ../shared where it lies beside it. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Profile } from '@lsmkit/core'
import { readInput } from './input.ts'
import type { Input, Row } from './suite.ts'
import { suites } from './suites/index.ts'

const recorded = join(import.meta.dirname, '../recorded')
const golden = join(import.meta.dirname, '../../../shared/golden')

/**
 * Recorded tables by suite; the whole ones of ../shared are the same files by path. Null: the whole table takes
 * minutes, or does not agree in full; conform runs it.
 */
interface Table {
  /** Where it is not the key. */
  suite?: string
  own: string
  golden: string | null
  policy?: string
  policies?: string
  /** More tables of that suite. */
  also?: readonly string[]
  /** Later kernels with a table `SUITE-KERNEL.tsv.gz` of their own. */
  kernels?: readonly Profile[]
}

const GENERATED = 'apparmor-generated-policies.tar.xz'
const tables: Readonly<Record<string, Table>> = {
  'apparmor-query': { own: 'apparmor-query.tsv.gz', golden: null, policies: 'apparmor-policies.tar.xz' },
  'apparmor-load': { own: 'apparmor-load.tsv.gz', golden: null, policies: 'apparmor-policies.tar.xz' },
  'apparmor-badpolicy': { own: 'apparmor-badpolicy.jsonl.gz', golden: null, policies: 'apparmor-policies.tar.xz' },
  'apparmor-compile': { own: 'apparmor-compile.jsonl.gz', golden: null },
  'apparmor-sessions': { own: 'apparmor-sessions.jsonl.gz', golden: null, policies: 'apparmor-policies.tar.xz' },
  'generated apparmor-query': {
    suite: 'apparmor-query', own: 'apparmor-generated-query.tsv.gz', golden: null, policies: GENERATED,
  },
  'generated apparmor-badpolicy': {
    suite: 'apparmor-badpolicy', own: 'apparmor-generated-badpolicy.jsonl.gz', golden: null, policies: GENERATED,
  },
  'generated apparmor-sessions': {
    suite: 'apparmor-sessions', own: 'apparmor-generated-sessions.jsonl.gz', golden: null, policies: GENERATED,
  },
  'dispatch-vectors': { own: 'lsm-dispatch-vectors.json.gz', golden: 'core/lsm-dispatch-vectors.json' },
  'lsm-order': { own: 'lsm-order.tsv.gz', golden: 'lsm-order.tsv', kernels: ['6.18', '7.3'] },
  'lsm-syscalls': { own: 'lsm-syscalls.tsv.gz', golden: 'lsm-syscalls.tsv.gz', kernels: ['6.18', '7.3'] },
  'order-vectors': { own: 'lsm-order-vectors.json.gz', golden: 'core/lsm-order-vectors.json' },
  'cap-text': { own: 'cap-text.tsv.gz', golden: 'cap-text.tsv' },
  'caps-exec': { own: 'caps-exec.tsv.gz', golden: 'caps-exec.tsv', kernels: ['6.18', '7.3'] },
  'caps-setuid': { own: 'caps-setuid.tsv.gz', golden: 'caps-setuid.tsv', kernels: ['6.18', '7.3'] },
  'caps-prctl': { own: 'caps-prctl.tsv.gz', golden: 'caps-prctl.tsv', kernels: ['6.18', '7.3'] },
  'capability-corpus': { own: 'capability-kernel-corpus.tsv.gz', golden: 'capability-kernel-corpus.tsv.gz' },
  'smack-transcript': { own: 'smack-transcript.tsv.gz', golden: 'smack-access.tsv.gz', kernels: ['7.3'] },
  'smack-fs': { own: 'smack-fs.tsv.gz', golden: 'smack-fs.tsv', kernels: ['7.3'] },
  'posix-sessions': { own: 'posix-sessions.jsonl.gz', golden: null, also: ['posix-sessions-7.3.jsonl.gz'] },
  'overlay-sessions': { own: 'overlay-sessions.tsv.gz', golden: null, kernels: ['6.18', '7.3'] },
  'lockdown-sessions': { own: 'lockdown-sessions.tsv.gz', golden: null, kernels: ['6.18', '7.3'] },
  'safesetid-sessions': { own: 'safesetid-sessions.tsv.gz', golden: null, kernels: ['7.3'] },
  'loadpin-sessions': { own: 'loadpin-sessions.tsv.gz', golden: null, kernels: ['7.3'] },
  'cgroup-sessions': { own: 'cgroup-sessions.tsv.gz', golden: null, kernels: ['6.18', '7.3'] },
  'epoll-sessions': { own: 'epoll-sessions.tsv.gz', golden: null, kernels: ['6.18', '7.3'] },
  'selinux-source': { own: 'selinux-source.jsonl.gz', golden: null },
  'selinux-lint': { own: 'selinux-lint.jsonl.gz', golden: null },
  'selinux-labels': { own: 'selinux-labels.jsonl.gz', golden: null },
  'landlock-sessions': {
    own: 'landlock-sessions.tsv.gz', golden: null, kernels: ['6.18', '7.3'],
  },
  'native-sessions': {
    suite: 'landlock-sessions', own: 'native-sessions.tsv.gz', golden: null, kernels: ['6.18', '7.3'],
  },
  'hook-trace': { own: 'hook-trace.tsv.gz', golden: null, kernels: ['6.18', '7.3'] },
  'smack-corpus': { own: 'smack-access-corpus.tsv.gz', golden: 'smack-access-corpus.tsv.gz' },
  'bpf-hooks': { own: 'bpf-hooks.tsv.gz', golden: 'bpf-hooks.tsv', kernels: ['6.18', '7.3'] },
  'bpf-decide': { own: 'bpf-decide.tsv.gz', golden: 'bpf-decide.tsv', kernels: ['6.18', '7.3'] },
  'selinux-ops': {
    own: 'selinux-ops.tsv.gz', golden: null, policy: 'selinux-ops-policy.bin.gz', kernels: ['6.18', '7.3'],
  },
  'selinux-flow': { own: 'selinux-flow.jsonl.gz', golden: null },
  'selinux-link': { own: 'selinux-link.jsonl.gz', golden: null },
  'bpf-helpers': { own: 'bpf-helpers.tsv.gz', golden: null },
  'bpf-sweep': {
    own: 'bpf-sweep.tsv.xz', golden: null,
    also: ['bpf-sweep-5.10.tsv.xz', 'bpf-sweep-6.1.tsv.xz', 'bpf-sweep-6.18.tsv.xz', 'bpf-sweep-7.3.tsv.xz',
      'bpf-sweep-hooks-6.18.tsv.xz', 'bpf-sweep-hooks-7.3.tsv.xz'],
  },
  'bpf-scalars': { own: 'bpf-scalars.tsv.gz', golden: 'bpf/scalar-vectors.tsv.gz' },
}

const ofKernel = (name: string, kernel: Profile): string => `${name}-${kernel}.tsv.gz`

const replay = async (name: string, input: Input, file: string, kernel?: Profile) => {
  const { policy, policies, suite: known = name } = tables[name]!
  const suite = await suites[known]!.load()
  const rows: Row[] = []
  const options = {
    ...(kernel === undefined ? {} : { kernel }),
    ...(policy === undefined ? {} : { policy: join(recorded, policy) }),
    ...(policies === undefined ? {} : { policies: join(recorded, policies) }),
  }
  for await (const row of suite.run([input], options, [file])) rows.push(row)
  return rows
}

/** Operations our kernel does not have are counted by the suite (`absent`), and none of them is recorded here. */
const differing = (rows: readonly Row[]) =>
  rows.filter(({ expected, got }) => expected !== got && got !== 'absent').slice(0, 5)

describe.each(Object.entries(tables))('%s', (name, { own, golden: file, also = [], kernels = [] }) => {
  const ownPath = join(recorded, own)
  test('agrees with every recorded row', async () => {
    const rows = await replay(name, await readInput(ownPath), ownPath)
    expect(rows.filter(({ got }) => got !== 'absent').length).toBeGreaterThan(0)
    expect(differing(rows)).toEqual([])
  })

  test.each(also)('agrees with every row of %s', async (other) => {
    const rows = await replay(name, await readInput(join(recorded, other)), join(recorded, other))
    expect(rows.length).toBeGreaterThan(0)
    expect(differing(rows)).toEqual([])
  })

  test.each(kernels)('agrees with every row of %s, by the rules of that kernel', async (kernel) => {
    const path = join(recorded, ofKernel(name, kernel))
    const rows = await replay(name, await readInput(path), path, kernel)
    expect(rows.length).toBeGreaterThan(0)
    expect(differing(rows)).toEqual([])
  })

  if (file === null) return
  const path = join(golden, file)
  test.skipIf(!existsSync(path))(`agrees with ../shared/golden/${file}`, async () => {
    const input = await readInput(path)
    // what is recorded here often has all of it, and was answered above
    const answered = new Set((await readInput(ownPath)).text.split('\n'))
    if (input.text.split('\n').every((line) => answered.has(line))) return
    expect(differing(await replay(name, input, path))).toEqual([])
  })
})

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
