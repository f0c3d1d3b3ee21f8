/** Descriptions are followed like the operations that somebody has written down. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readInput } from '../../input.ts'
import { selinuxOps } from '../../suites/selinux-ops.ts'
import { clausesOf } from './clauses.ts'
import { describedOperation } from './described.ts'
import { flagsIn, numberOf } from './words.ts'

test.each([
  ['open("f", O_WRONLY|O_APPEND)', [['open', '"f"', 'O_WRONLY|O_APPEND']]],
  ['socket(tcp), bind(127.0.0.1:5558): port type hp_t', [['socket', 'tcp'], ['bind', '127.0.0.1:5558']]],
  ['fcntl(fd O_RDWR|O_APPEND, F_SETFL, 0): drops O_APPEND', [['fcntl', 'fd O_RDWR|O_APPEND', 'F_SETFL', '0']]],
  ['prlimit64(p, RLIMIT_NOFILE, {100, 200}, NULL)', [['prlimit64', 'p', 'RLIMIT_NOFILE', '{100, 200}', 'NULL']]],
  ['execve("x") of e_t on a mount', [['execve', '"x"']]],
  ['own tcp socket, getsockname', [['tcp'], ['getsockname']]],
])('%s', (description, expected) => {
  expect(clausesOf(description).map(({ name, args }) => [name, ...(args ?? [])])).toEqual(expected)
})

test.each([
  ['O_RDWR|O_APPEND', 0o2002], ['0x1234', 0x1234], ['02777', 0o2777], ['4 MiB', 4 << 20], ['R|X', 5], ['CAD_OFF', 0],
  ['nothing', null], ['O_RDWR|nothing', null],
])('%s is %s', (text, value) => {
  expect(numberOf(text)).toBe(value)
})

test('flags of one kind among other words', () => {
  expect(flagsIn('fd O_RDWR, MAP_SHARED', 'O_')).toBe(2)
})

test.each(['', 'does what nobody knows', 'levitate'])('`%s` is not understood', (description) => {
  expect(describedOperation(description)).toBeNull()
})

describe('recorded operations', () => {
  /** Their descriptions leave something out: how it is set up, who does it, or which program, event or request. */
  const WRITTEN_DOWN = new Set([
    'setcon_traced', 'wait_child_other', 'cap_mlock', 'cap_fowner_sticky', 'cap_fsetid_chmod', 'cap_fsetid_write',
    'key_add_session', 'nl_diag_matrix', 'bpf_prog_load', 'bpf_map_getfd', 'bpf_test_run', 'perf_cpu',
    'perf_tracepoint',
  ])
  /** Every third: each runs once for each permission it needs. */
  const THIRD = 3

  test('come out the same by their descriptions', { timeout: 60_000 }, async () => {
    const recorded = join(import.meta.dirname, '../../../recorded')
    const file = join(recorded, 'selinux-ops.tsv.gz')
    const { text, ...input } = await readInput(file)
    const some = text.split('\n').filter((line, i) => i === 0 || i % THIRD === 1).join('\n')
    const options = { policy: join(recorded, 'selinux-ops-policy.bin.gz'), described: '1' }
    const rows = selinuxOps.run([{ ...input, text: some }], options, [file])
    const differing: string[] = []
    let count = 0
    for await (const { id, expected, got } of rows) {
      count++
      if (expected !== got) differing.push(id.split(' ')[1]!)
    }
    expect(count).toBeGreaterThan(20)
    expect(differing.filter((name) => !WRITTEN_DOWN.has(name))).toEqual([])
  })
})
