/** The recorded tables by suite, and the tests that replay them. */
import { ownValue } from '@lsmkit/abi'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Profile } from '@lsmkit/core'
import { readInput } from '../input.ts'
import type { Input, Row } from '../suite.ts'
import { suites } from '../suites/index.ts'

export const recorded = join(import.meta.dirname, '../../recorded')
export const golden = join(import.meta.dirname, '../../../../shared/golden')

/** Suites that take long have a test file of their own, `replay-PART.test.ts`: a file runs on one processor. */
export type Part = 'smack-fs' | 'selinux-ops' | 'programs'

/**
 * Recorded tables by suite; the whole ones of ../shared are the same files by path. Null: the whole table takes
 * minutes, or does not agree in full; conform runs it.
 */
interface Table {
  /** The test file that replays it; without one, `replay.test.ts`. */
  part?: Part
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
export const tables: Readonly<Record<string, Table>> = {
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
  'smack-fs': { part: 'smack-fs', own: 'smack-fs.tsv.gz', golden: 'smack-fs.tsv', kernels: ['7.3'] },
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
  'hook-trace': { part: 'programs', own: 'hook-trace.tsv.gz', golden: null, kernels: ['6.18', '7.3'] },
  'smack-corpus': { own: 'smack-access-corpus.tsv.gz', golden: 'smack-access-corpus.tsv.gz' },
  'bpf-hooks': { part: 'programs', own: 'bpf-hooks.tsv.gz', golden: 'bpf-hooks.tsv', kernels: ['6.18', '7.3'] },
  'bpf-decide': { part: 'programs', own: 'bpf-decide.tsv.gz', golden: 'bpf-decide.tsv', kernels: ['6.18', '7.3'] },
  'selinux-ops': {
    part: 'selinux-ops', own: 'selinux-ops.tsv.gz', golden: null, policy: 'selinux-ops-policy.bin.gz',
    kernels: ['6.18', '7.3'],
  },
  'selinux-flow': { own: 'selinux-flow.jsonl.gz', golden: null },
  'selinux-link': { own: 'selinux-link.jsonl.gz', golden: null },
  'bpf-helpers': { part: 'programs', own: 'bpf-helpers.tsv.gz', golden: null },
  'bpf-sweep': {
    part: 'programs', own: 'bpf-sweep.tsv.xz', golden: null,
    also: ['bpf-sweep-5.10.tsv.xz', 'bpf-sweep-6.1.tsv.xz', 'bpf-sweep-6.18.tsv.xz', 'bpf-sweep-7.3.tsv.xz',
      'bpf-sweep-hooks-6.18.tsv.xz', 'bpf-sweep-hooks-7.3.tsv.xz'],
  },
  'bpf-scalars': { part: 'programs', own: 'bpf-scalars.tsv.gz', golden: 'bpf/scalar-vectors.tsv.gz' },
}

export const ofKernel = (name: string, kernel: Profile): string => `${name}-${kernel}.tsv.gz`

const replay = async (name: string, input: Input, file: string, kernel?: Profile) => {
  const { policy, policies, suite: known = name } = ownValue(tables, name)!
  const suite = await ownValue(suites, known)!.load()
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
export const differing = (rows: readonly Row[]) =>
  rows.filter(({ expected, got }) => expected !== got && got !== 'absent').slice(0, 5)

/** Tests of one table: all its recorded rows, and those of ../shared where it lies beside the repository. */
const replayTable = (name: string, { own, golden: file, also = [], kernels = [] }: Table): void => {
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
}

/** Tests of the tables that have this part; of those without one for null. */
export const replayTables = (part: Part | null): void => {
  const chosen = Object.entries(tables).filter(([, table]) => (table.part ?? null) === part)
  describe.each(chosen)('%s', (name, table) => {
    replayTable(name, table)
  })
}
