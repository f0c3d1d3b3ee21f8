/** No option of `lsm selinux` is ignored: one without effect is a usage error. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Command, Option } from 'commander'
import { lsm } from '../../../test/test-io.ts'
import { createProgram } from '../../program.ts'
import { selinuxOptionPairs } from './option-pairs.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-options-'))
afterAll(() => rmSync(cwd, { recursive: true }))
beforeAll(() => {
  for (const folder of ['out', 'tree/policy/modules/apps', 'tree/policy/support']) {
    mkdirSync(join(cwd, folder), { recursive: true })
  }
  for (const name of ['policy.cil', 'own.te', 'tree/policy/modules.conf', 'tree/build.conf']) {
    writeFileSync(join(cwd, name), '')
  }
})

const program = createProgram({} as never, () => {}, [])

const commandOf = (path: string): Command => path.split(' ').reduce(
  (command, word) => command.commands.find((one) => one.name() === word)!, program)

const NUMBERS = new Set(['uid', 'uidMin', 'uidMax'])

const written = (option: Option): string[] => [
  option.long!,
  ...(option.required ? [option.argChoices?.[0] ?? (NUMBERS.has(option.attributeName()) ? '1' : 'x')] : []),
]

/** A command line with these options, and all that the command cannot do without. */
const lineOf = (path: string, keys: readonly string[]): string[] => {
  const command = commandOf(path)
  const options = command.options.filter((option) => option.mandatory || keys.includes(option.attributeName()))
  const words = command.registeredArguments.filter(({ required }) => required).map(() => 'x')
  return [...path.split(' '), ...words, ...options.flatMap(written)]
}

test.each(selinuxOptionPairs)('$command $option, needs $needs, beside $beside', async (pair) => {
  const { command, option, needs, beside } = pair
  const keys = commandOf(command).options.map((one) => one.attributeName())
  for (const key of [option, ...needs ?? [], ...beside === undefined ? [] : [beside]]) expect(keys).toContain(key)
  const { code, stderr } = await lsm(lineOf(command, [option, ...beside === undefined ? [] : [beside]]), { cwd })
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^error: `--[a-z0-9-]+` has no effect /) })
})

const COMPILE = [
  '--policy-version 33', '--dialect 3.8', '--handle-unknown allow', '-m', '-N', '-D', '-P', '-X 5', '-G', '-Q', '-O',
]

/** By what is on the command line: options that have no effect there. */
test.each([
  { line: 'compile policy.cil', idle: ['--devel', '--interfaces out'] },
  { line: 'compile own.te', idle: COMPILE },
  { line: 'compile own.te -o out/own.pp', idle: COMPILE },
  { line: 'compile tree', idle: [...COMPILE, '--mls', '--no-mls', '--devel', '--interfaces out', '-f out/contexts'] },
  { line: 'compile tree -o out', idle: [...COMPILE, '--mls', '-f out/contexts'] },
  { line: 'compile tree -o out/all.cil', idle: [...COMPILE, '--mls'] },
  { line: 'compile tree -o out/policy.33', idle: ['--mls', '--no-mls', '--devel', '--interfaces out'] },
  { line: 'module add out own.te', idle: [
    '--base-contexts x', '-a x', '--literal', '--exact', '-m', '--local x',
  ] },
  { line: 'module add policy.cil own.te', idle: ['--priority 3', '-p x', '--policy-version 33'] },
  { line: 'query policy.cil -k role_allow', idle: ['-p x', '-b x', '-x 1', '-p x --all-perms'] },
  { line: 'fmt own.te', idle: ['--kind if'] },
  { line: 'android analyze policy.cil dups', idle: ['-r', '-d'] },
  { line: 'android analyze policy.cil attribute domain', idle: ['-d'] },
])('$line', async ({ line, idle }) => {
  for (const option of idle) {
    const { code, stderr } = await lsm(['selinux', ...line.split(' '), ...option.split(' ')], { cwd })
    expect([option, code, stderr]).toEqual([option, 2, expect.stringContaining('has no effect')])
  }
})

test('an option that is not written is not refused, whatever its default is', async () => {
  expect((await lsm(['selinux', 'compile', 'own.te'], { cwd })).stderr).not.toContain('no effect')
})
