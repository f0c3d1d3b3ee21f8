import { expect, test } from 'vitest'
import { parseSysctlInt } from './int-sysctl.ts'

test('a page of blanks hides no number behind it', () => {
  expect(parseSysctlInt(new TextEncoder().encode(`${' '.repeat(4096)}2`))).toBeNull()
})
