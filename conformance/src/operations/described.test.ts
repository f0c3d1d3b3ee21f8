/** Every operation that golden/operations.md describes is known to its suite. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bpfDecideOperations } from './bpf-decide.ts'
import { describedNames } from './described.ts'
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
