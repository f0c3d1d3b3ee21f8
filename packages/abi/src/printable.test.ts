import { expect, test } from 'vitest'
import { printable } from './printable.ts'

test.each([
  ['plain `text`, é and 字', 'plain `text`, é and 字'],
  ['\u001B[31mred\u001B[0m', '\\x1b[31mred\\x1b[0m'],
  ['a\0b\u007F\u009Bc\rd', 'a\\x00b\\x7f\\x9bc\\x0dd'],
  ['first\n\tsecond', 'first\n\tsecond'],
  ['user\u202Etxt.exe', 'user\\u202etxt.exe'],
])('%j is shown as %s', (text, shown) => expect(printable(text)).toBe(shown))
