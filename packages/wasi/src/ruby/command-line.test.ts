import { expect, test } from 'vitest'
import { parseRubyCommand } from './command-line.ts'

test.each([
  { argv: 'ruby a.rb', script: { kind: 'file', name: 'a.rb' }, options: [], args: [] },
  { argv: 'ruby a.rb -e x', script: { kind: 'file', name: 'a.rb' }, options: [], args: ['-e', 'x'] },
  { argv: 'ruby -w -I lib -Iext a.rb 1 2', script: { kind: 'file' }, options: ['-w', '-I', 'lib', '-Iext'],
    args: ['1', '2'] },
  { argv: 'ruby -e p -ex y', script: { kind: 'text', name: '-e', text: 'p\nx' }, options: [], args: ['y'] },
  { argv: 'ruby -rjson -r set -e p', script: { libraries: ['json', 'set'] }, options: [], args: [] },
  { argv: 'ruby', script: { kind: 'stdin', name: '-' }, options: [], args: [] },
  { argv: 'ruby - a', script: { kind: 'stdin' }, options: [], args: ['a'] },
  { argv: 'ruby --disable=gems -- -x.rb', script: { kind: 'file', name: '-x.rb' }, options: ['--disable=gems'],
    args: [] },
  { argv: 'ruby --disable gems a.rb', script: { kind: 'file', name: 'a.rb' }, options: ['--disable', 'gems'],
    args: [] },
  { argv: 'ruby -v a.rb', script: { kind: 'file' }, options: ['-v'], args: [] },
])('$argv', ({ argv, script, options, args }) => {
  expect(parseRubyCommand(argv.split(' '))).toMatchObject({ kind: 'run', script, options, args })
})

test.each(['ruby --version a.rb', 'ruby --help', 'ruby -v'])('%s only tells', (argv) => {
  expect(parseRubyCommand(argv.split(' '))).toMatchObject({ kind: 'run', script: null })
})

test.each([
  ['ruby -n -e p', '-n'], ['ruby -c a.rb', '-c'], ['ruby --bogus', '--bogus'], ['ruby -e', '-e'], ['ruby -r', '-r'],
  ['ruby -I', '-I'],
])('%s is refused and says why', (argv, word) => {
  const command = parseRubyCommand(argv.split(' '))
  expect(command.kind).toBe('refused')
  expect(command).toMatchObject({ message: expect.stringContaining(word) as string })
})
