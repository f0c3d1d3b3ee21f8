/** A row that a suite cannot play differs; it does not end the run. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readInput } from '../input.ts'
import { UsageError } from '../suite.ts'
import type { Input, Row } from '../suite.ts'
import { suites } from './index.ts'

const recorded = join(import.meta.dirname, '../../recorded')
const ROWS = 12

const tables: Readonly<Record<string, string>> = {
  'lsm-order': 'lsm-order.tsv.gz', 'lsm-syscalls': 'lsm-syscalls.tsv.gz', 'cap-text': 'cap-text.tsv.gz',
  'caps-exec': 'caps-exec.tsv.gz', 'caps-setuid': 'caps-setuid.tsv.gz', 'caps-prctl': 'caps-prctl.tsv.gz',
  'capability-corpus': 'capability-kernel-corpus.tsv.gz', 'smack-transcript': 'smack-transcript.tsv.gz',
  'smack-corpus': 'smack-access-corpus.tsv.gz', 'smack-fs': 'smack-fs.tsv.gz', 'hook-trace': 'hook-trace.tsv.gz',
  'bpf-hooks': 'bpf-hooks.tsv.gz', 'bpf-decide': 'bpf-decide.tsv.gz', 'bpf-scalars': 'bpf-scalars.tsv.gz',
  'bpf-helpers': 'bpf-helpers.tsv.gz',
  'bpf-sweep': 'bpf-sweep.tsv.xz', 'selinux-ops': 'selinux-ops.tsv.gz', 'posix-sessions': 'posix-sessions.jsonl.gz',
  'overlay-sessions': 'overlay-sessions.tsv.gz', 'cgroup-sessions': 'cgroup-sessions.tsv.gz',
  'epoll-sessions': 'epoll-sessions.tsv.gz',
  'landlock-sessions': 'landlock-sessions.tsv.gz', 'lockdown-sessions': 'lockdown-sessions.tsv.gz',
  'safesetid-sessions': 'safesetid-sessions.tsv.gz', 'loadpin-sessions': 'loadpin-sessions.tsv.gz',
  'apparmor-sessions': 'apparmor-sessions.jsonl.gz',
}
const options: Readonly<Record<string, string>> = {
  policy: join(recorded, 'selinux-ops-policy.bin.gz'), policies: join(recorded, 'apparmor-policies.tar.xz'),
}

const damages: Readonly<Record<string, (cells: string[], row: number) => string[]>> = {
  'cut off': (cells, row) => cells.slice(0, 1 + row % cells.length),
  'with words that nobody knows': (cells, row) =>
    cells.map((cell, at) => (at === 0 || (at + row) % 3 !== 0 ? cell : 'nonsense')),
  'with every cell but the first one empty': (cells) => cells.map((cell, at) => (at === 0 ? cell : '')),
}

/** The head as it is, and a few rows, each damaged by cells; a line without tabs is cut and garbled as it stands. */
const damaged = (text: string, damage: (cells: string[], row: number) => string[]): string => {
  const lines = text.split('\n').filter((line) => line !== '')
  const head = lines.findIndex((line) => !line.startsWith('#')) + 1
  const rows = lines.slice(head, head + ROWS)
  return [...lines.slice(0, head), ...rows.map((line, row) => {
    const separator = line.includes('\t') ? '\t' : ','
    return damage(line.split(separator), row).join(separator)
  })].join('\n')
}

const runSuite = async (name: string, input: Input): Promise<Row[]> => {
  const suite = await suites[name]!.load()
  const rows: Row[] = []
  for await (const row of suite.run([input], options, [input.path])) rows.push(row)
  return rows
}

const withText = (input: Input, text: string): Input =>
  ({ path: input.path, text, bytes: new TextEncoder().encode(text) })

describe.each(Object.entries(tables))('%s', (name, file) => {
  test.each(Object.entries(damages))('rows %s', async (_, damage) => {
    const input = await readInput(join(recorded, file))
    const run = runSuite(name, withText(input, damaged(input.text, damage)))
    const rows = await run.catch((error: unknown) => {
      if (error instanceof UsageError) return []
      throw error
    })
    expect(rows.length).toBeLessThanOrEqual(10_000)
  })

  test('nothing at all', async () => {
    const input = await readInput(join(recorded, file))
    const rows = await runSuite(name, withText(input, '')).catch((error: unknown) => {
      if (error instanceof UsageError) return []
      throw error
    })
    expect(rows).toEqual([])
  })
})

test('every recorded table is tried', () => {
  expect(Object.values(tables).filter((file) => !existsSync(join(recorded, file)))).toEqual([])
})
