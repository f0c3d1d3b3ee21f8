/** Every operation that golden/operations.md describes is known to its suite. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readInput } from '../input.ts'
import { playedRow } from '../suites/hook-trace.ts'
import { parseTable } from '../tsv.ts'
import { bpfDecideOperations } from './bpf-decide.ts'
import { describedNames } from './described.ts'
import { describedTraces, unplayableTraces } from './hook-trace-described.ts'
import { hookTraceOperations } from './hook-trace.ts'
import type { Operations } from './operation.ts'
import { selinuxOperations } from './selinux.ts'
import { smackOperations } from './smack.ts'

const file = join(import.meta.dirname, '../../../../shared/golden/operations.md')
const suites: Readonly<Record<string, Operations>> = {
  'smack-fs': smackOperations, 'selinux-ops': selinuxOperations, 'bpf-decide': bpfDecideOperations,
}

test('names are told from what they do', () => {
  const text = [
    '## a-b', '```', 'one, two_x: both', 'three: x, y: z', 'no name', '```',
    '## hook-trace', '```', 'a_b: f, x_; c_d, e_f (g_h: i); j', '```', '',
  ].join('\n')
  expect(describedNames(text)).toEqual({ 'a-b': ['one', 'two_x', 'three'], 'hook-trace': ['a_b', 'c_d', 'e_f'] })
})

describe.each(Object.entries(suites))('%s', (suite, operations) => {
  test.skipIf(!existsSync(file))('plays all that is described', () => {
    const names = describedNames(readFileSync(file, 'utf8'))[suite]!
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !Object.hasOwn(operations, name))).toEqual([])
  })
})

describe('hook-trace', () => {
  const title = 'what is described is recorded, made by a macro, written down, or told why not'
  test.skipIf(!existsSync(file))(title, async () => {
    const { text, path } = await readInput(join(import.meta.dirname, '../../recorded/hook-trace.tsv.gz'))
    const known = new Set([
      ...parseTable(text, path, ['id']).map(({ id }) => id!), ...Object.keys(hookTraceOperations),
      ...Object.keys(describedTraces), ...Object.keys(unplayableTraces),
    ])
    const names = describedNames(readFileSync(file, 'utf8'))['hook-trace']!
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !known.has(name))).toEqual([])
  })

  test.each(Object.entries(describedTraces))('%s', (id, { errno, setup, calls }) => {
    const { got } = playedRow({ n: '0', id, setup, calls, errno, syscalls: '-', hooks: '-' })
    expect(got.split(':')[0]).toBe(errno)
  })

  test.each(Object.entries(hookTraceOperations))('%s is played', (id) => {
    const { got } = playedRow({ n: '0', id, setup: '-', calls: '-', errno: '-', syscalls: '-', hooks: '-' })
    expect(got).toMatch(/^(OK|E[A-Z0-9]+): /)
  })
})
