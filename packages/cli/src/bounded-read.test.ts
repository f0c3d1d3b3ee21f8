import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lsm } from '../test/test-io.ts'
import { decodedText, readBounded, TooLong } from './bounded-read.ts'
import { held } from './commands/learn/host-log.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-bounded-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(cwd, name), content)
  return join(cwd, name)
}

test('a file is read whole, and no further than was said', () => {
  const path = file('ten', 'x'.repeat(10))
  expect(Buffer.from(readBounded(path, 10)).toString()).toBe('x'.repeat(10))
  expect(() => readBounded(path, 9)).toThrow(TooLong)
  expect(() => readBounded('/dev/zero', 2 ** 22)).toThrow('it is longer than 4194304 bytes')
})

test('a text has a bound of lines', () => {
  expect(decodedText(new TextEncoder().encode('ä\nb\n'))).toBe('ä\nb\n')
  expect(() => decodedText(new Uint8Array(4_000_001).fill(10))).toThrow('it has more than 4000000 lines')
})

test.each([
  ['selinux', 'info', '/dev/zero'],
  ['smack', 'check', '/dev/zero'],
  ['scenario', '/dev/zero'],
  ['policy', 'diff', '/dev/zero', '/dev/zero'],
])('a device has no end: lsm %s', async (...args) => {
  expect(await lsm(args, { cwd })).toMatchObject({ code: 3, stderr: expect.stringContaining('longer than') })
}, 60_000)

const record = (subject: string): string =>
  `lsm=SMACK fn=f action=denied subject="${subject}" object="B" requested=r pid=1 comm="a" name="f"\n`

test('a log is read in pieces: records over the ends of them, and a line that never ends', async () => {
  const padding = `${'x'.repeat(3 * 2 ** 20)}\n`
  file('log', record('A') + padding + record('A').repeat(20_000) + padding.trimEnd())
  file('rules', 'A B r\n')
  const { code, stdout } = await lsm(['replay', 'log', '--smack-rules', 'rules'], { cwd })
  expect(code).toBe(1)
  expect(stdout).toContain('20001 records: 0 newly denied, 1 newly allowed')
})

test('what is learned from is held, and so has a bound', () => {
  expect(held([1, 2], 'log')).toEqual([1, 2])
  function* endless(): Generator<number> {
    for (;;) yield 1
  }
  expect(() => held(endless(), 'log')).toThrow('`log` has more than 1000000 records to learn from')
})

test('more changes than anybody reads are a typed error', async () => {
  file('many', Array.from({ length: 100_002 }, (_, i) => record(`L${i}`)).join(''))
  file('all', Array.from({ length: 100_002 }, (_, i) => `L${i} B r\n`).join(''))
  const { code, stderr } = await lsm(['replay', 'many', '--smack-rules', 'all'], { cwd })
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('more than 100000 accesses would be') })
}, 120_000)
