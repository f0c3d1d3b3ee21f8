/** The `#!` line, by table: what of it is the interpreter, and what its one argument. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseScriptLine } from './script.ts'

const SIZE = 256
/** The first bytes of a file, filled up with NUL as the kernel's buffer is. */
const buffer = (text: string): Uint8Array => {
  const buf = new Uint8Array(SIZE)
  buf.set(new TextEncoder().encode(text).subarray(0, SIZE))
  return buf
}

test.each([
  ['#!/bin/sh\n', '/bin/sh', null],
  ['#! \t /bin/sh \t \n', '/bin/sh', null],
  ['#!/bin/sh -e\n', '/bin/sh', '-e'],
  ['#!/bin/sh  -e  -x \n', '/bin/sh', '-e  -x'],
  ['#!/bin/sh', '/bin/sh', null],
  ['#!/bin/sh -e', '/bin/sh', '-e'],
  ['#!sh\0rest\n', 'sh', null],
  ['#!/bin/sh a\0b\n', '/bin/sh', 'a'],
  // NUL is no blank: the interpreter is there, and empty
  ['#!', '', null],
  ['#!/bin/sh\r\n', '/bin/sh\r', null],
  [`#!/${'x'.repeat(252)}\n`, `/${'x'.repeat(252)}`, null],
  [`#!/${'x'.repeat(251)} y`, `/${'x'.repeat(251)}`, null],
  // an argument may be cut: only the interpreter must be whole
  [`#!/bin/sh ${'a'.repeat(300)}`, '/bin/sh', 'a'.repeat(SIZE - 11)],
])('%j', (text, interpreter, argument) => {
  expect(parseScriptLine(buffer(text))).toEqual({ interpreter, argument })
})

test.each([
  ['blanks alone', `#!${' '.repeat(300)}`],
  ['a line of blanks', '#!  \t \nsh\n'],
  ['an empty line', '#!\n'],
  ['a name that may go on behind the buffer', `#!/${'x'.repeat(300)}`],
  ['blanks and then a name that may go on', `#!${' '.repeat(100)}${'x'.repeat(300)}`],
])('no interpreter: %s', (_, text) => expect(parseScriptLine(buffer(text))).toBeNull())

test('any bytes: neither blanks in an interpreter nor line ends in either', () => {
  const bytes = fc.uint8Array({ minLength: 0, maxLength: SIZE - 2 })
  fc.assert(fc.property(bytes, (rest) => {
    const buf = new Uint8Array(SIZE)
    buf.set([0x23, 0x21, ...rest])
    const line = parseScriptLine(buf)
    if (line === null) return true
    return !/[ \t\n\0]/.test(line.interpreter) && (line.argument === null || !/[\n\0]/.test(line.argument))
  }), { numRuns: 2000 })
})
