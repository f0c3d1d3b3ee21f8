/** Plain lines are read as commander reads them, for every option of the table; others are left to it. */
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { plainLine } from './plain-line.ts'
import { addRunOptions } from './run/world-options.ts'
import { runRows } from './run/world-rows.ts'

const byCommander = (words: readonly string[]) => {
  let read = {}
  const command = addRunOptions(new Command()).exitOverride().configureOutput({ writeErr: () => {} })
    .argument('<program>').argument('[args...]').passThroughOptions()
    .action((operand: string, rest: string[], options: object) => {
      read = { operand, rest, options: { ...options } }
    })
  command.parse(words, { from: 'user' })
  return read
}

/** A value that the option takes, and another. */
const valuesOf = (flags: string): readonly [string, string] => {
  if (/--(uid|user|processes|connections|inodes|descriptors) /.test(flags)) return ['7', '8']
  if (/--(time) /.test(flags)) return ['7s', '8s']
  if (/--(memory|tables|output|files|traffic) /.test(flags)) return ['7MiB', '8MiB']
  if (flags.startsWith('--loops')) return ['on', 'off']
  return flags.startsWith('--kernel') ? ['6.18', '7.3'] : ['a=b', '--c']
}

const linesOf = (flags: string): string[][] => {
  const names = flags.replace(',', '').split(' ').filter((word) => word.startsWith('-'))
  if (!flags.endsWith('>')) return names.map((name) => [name])
  const [one, other] = valuesOf(flags)
  const name = names.at(-1)!
  return [[name, one], [`${name}=${one}`], [name, one, `${name}=${other}`, name, one], [`${name}=`]]
}

test.each(runRows().flatMap(({ flags }) => linesOf(flags)).map((words) => [words] as const))('%j', (words) => {
  const line = [...words, 'program.wasm', '--uid', '3', '--', '-q']
  const plain = plainLine(runRows(), line)
  // an option that does not take an empty value leaves it to commander, which says so
  if (plain === null) expect(() => byCommander(line)).toThrow()
  else expect(plain).toEqual(byCommander(line))
})

test('a line of all options', () => {
  const line = [...runRows().flatMap(({ flags }) => linesOf(flags)[0]!), 'program.wasm']
  expect(plainLine(runRows(), line)).toEqual(byCommander(line))
  expect(Object.keys(plainLine(runRows(), line)!.options)).toHaveLength(runRows().length)
})

test.each([
  [[]], [['--help']], [['-h', 'a.wasm']], [['--uid']], [['--uid', 'x', 'a.wasm']], [['--kernel', '5.4', 'a.wasm']],
  [['--', 'a.wasm']], [['-qq', 'a.wasm']], [['--quiet=1', 'a.wasm']], [['--no-such', 'a.wasm']], [['-5', 'a.wasm']],
])('%j is left to commander', (line) => {
  expect(plainLine(runRows(), line)).toBe(null)
})
