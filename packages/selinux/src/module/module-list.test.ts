/** Lists of modules in all of their forms. */
import { expect, test } from 'vitest'
import { SourceError } from '../source/errors.ts'
import { readModuleList } from './module-list.ts'

test.each([
  { text: 'apache = module\nkernel = base # always\nzebra = off\n',
    is: ['1 apache module', '2 kernel base', '3 zebra off'] },
  { text: '# Layer: apps\n\n  apache\t=\tmodule\r\n', is: ['3 apache module'] },
  { text: 'apache\nhttpd-extra\n', is: ['1 apache module', '2 httpd-extra module'] },
  { text: 'apache\t2.6.10\n', is: ['1 apache module'] },
  { text: '100 apache pp \n400 own cil disabled\n', is: ['1 apache module', '2 own off'] },
  { text: '100 apache pp hidden by a higher priority\n400 apache pp\n', is: ['2 apache module'] },
  { text: 'apache = module\napache = off\n', is: ['2 apache off'] },
  { text: '', is: [] },
])('$text', ({ text, is }) => {
  const entries = readModuleList({ name: 'list', text })
  expect(entries.map(({ name, line, where }) => `${line} ${name} ${where}`)).toEqual(is)
})

test.each(['apache = maybe', 'a b c', '(type a_t)', '100 apache exe', '/usr/share/apache.pp', 'apache =', '1x'])(
  '%s is refused with its place', (line) => {
    const read = () => readModuleList({ name: 'list', text: `kernel = base\n ${line}\n` })
    expect(read).toThrow(SourceError)
    expect(read).toThrow(expect.objectContaining({ place: expect.objectContaining({ line: 2, column: 2 }) }))
  })
