/**
 * Prints docs/syscalls.md from the system call table: `node scripts/run.mjs source scripts/syscalls-page.ts` writes it
 * anew. A test compares the two.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { syscallTable } from '../packages/kernel/src/syscalls/table.ts'
import type { SyscallRow } from '../packages/kernel/src/syscalls/table.ts'

export const pagePath = join(import.meta.dirname, '../docs/syscalls.md')

const LEVELS: readonly (readonly [SyscallRow['level'], string])[] = [
  ['supported', 'Everything that a program can observe is there.'],
  ['partial', 'All calls work, except for what the last column lists.'],
  ['absent', 'Answers ENOSYS.'],
]

const rows = Object.entries(syscallTable as Readonly<Record<string, SyscallRow>>).sort(([, a], [, b]) => a.nr - b.nr)
const count = (level: SyscallRow['level']): number => rows.filter(([, row]) => row.level === level).length

export const syscallPage = (): string =>
  [
    '# System calls',
    '',
    'This page lists the calls of x86-64 Linux 6.12, and how much of each `@lsmkit/kernel` has. It is printed from',
    '`packages/kernel/src/syscalls/table.ts` by `scripts/syscalls-page.ts`.',
    '',
    '| level | calls | meaning |',
    '|---|---|---|',
    ...LEVELS.map(([level, means]) => `| ${level} | ${count(level)} | ${means} |`),
    '',
    'Programs that sleep: a call that would sleep answers -ERESTARTSYS and has changed nothing; the runner of the',
    'program waits for `machine.sleepOn`, at most until `machine.sleepUntil`, and makes the same call again.',
    '',
    '| number | call | level | what is left out |',
    '|---|---|---|---|',
    ...rows.map(([name, { nr, level, why }]) => `| ${nr} | ${name} | ${level} | ${why} |`),
    '',
  ].join('\n')

if (process.argv[1] === import.meta.filename) writeFileSync(pagePath, syscallPage())
