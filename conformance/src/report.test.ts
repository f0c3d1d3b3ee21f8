/** Files of another kind are told, and are no success. */
import { afterEach, expect, test, vi } from 'vitest'
import { report } from './report.ts'
import { capText } from './suites/cap-text.ts'
import { posixSessions } from './suites/posix-sessions.ts'

const input = (text: string) => [{ path: 'x', bytes: new TextEncoder().encode(text), text }]
const log = vi.spyOn(console, 'log').mockReturnValue()
afterEach(() => log.mockClear())

test('a table without a row', async () => {
  await expect(report(capText, capText.run(input('# text\n'), {}, ['x']))).rejects.toThrow('no row to compare')
  expect(log).toHaveBeenCalledWith('0 of 0 agree')
})

test('a line that is not JSON differs and does not end the suite', async () => {
  const suite = posixSessions()
  expect(await report(suite, suite.run(input('\n# text\n'), {}, ['x']))).toBe(1)
  expect(log).toHaveBeenLastCalledWith('0 of 1 agree, calls 0/0, unknown 1')
})

test('a row that differs is not an unknown one', async () => {
  const rows = ['a', 'b', 'unknown wording `b`', 'not played: b'].map((got, i) => ({ id: `${i}`, expected: 'a', got }))
  expect(await report(capText, rows)).toBe(1)
  expect(log).toHaveBeenLastCalledWith('1 of 4 agree, unknown 2')
})
