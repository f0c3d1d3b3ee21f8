/** The named behaviours, and the program at the top of the README. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dataLines } from '../tsv.ts'
import { answerCase } from './case.ts'
import { readSetup } from './setup.ts'

const golden = join(import.meta.dirname, '../../../../shared/golden/landlock-cases.tsv')

/** Written from the kernel's source; those of the table are the same words. */
const cases: readonly (readonly [setup: string, operation: string, expected: string])[] = [
  ['-', 'create_ruleset NULL', 'EFAULT'],
  ['-', 'create_ruleset size 8', 'ok'],
  ['-', 'create_ruleset size 4096 with a zero tail', 'ok'],
  ['-', 'create_ruleset size 4097 with a zero tail', 'E2BIG'],
  ['-', 'create_ruleset with nothing handled', 'ENOMSG'],
  ['-', 'create_ruleset flags 4', 'EINVAL'],
  ['ruleset handles READ_FILE', 'add_rule WRITE_FILE', 'EINVAL'],
  ['ruleset handles READ_FILE', 'add_rule flags 1', 'EINVAL'],
  ['ruleset handles READ_FILE', 'add_rule on a file', 'EBADFD'],
  ['ruleset handles READ_FILE', 'add_rule parent_fd = the ruleset', 'EBADFD'],
  ['ruleset handles BIND_TCP', 'add_rule port 65535', 'ok'],
  ['ruleset handles BIND_TCP', 'add_rule port 65536', 'EINVAL'],
  ['no_new_privs', 'restrict_self flags 1', 'EINVAL'],
  ['no_new_privs', 'restrict_self fd -1', 'EBADF'],
  ['handled READ_FILE+WRITE_FILE, READ_FILE on a', 'open a/f for reading and writing', 'EACCES'],
  ['handled READ_FILE+WRITE_FILE, READ_FILE on a, WRITE_FILE on a/b', 'open a/b/g for reading and writing', 'ok'],
  ['layer1 READ_FILE on top, layer2 READ_FILE on a', 'read a/f', 'ok'],
  ['layer1 READ_FILE on top, layer2 READ_FILE on a', 'read c/h', 'EACCES'],
  ['handled everything, no rules', 'open a/f O_PATH', 'ok'],
  ['handled everything, no rules', 'chmod a/f', 'ok'],
  ['handled everything, no rules', 'chroot a', 'ok'],
  ['handled everything, no rules', 'access a/f', 'ok'],
  ['handled EXECUTE, no rules', 'exec a/f', 'EACCES'],
  ['EXECUTE on a/f', 'exec a/f', 'ok'],
  ['handled MAKE_CHAR, no rules', 'mkchar a/n', 'EACCES'],
  ['handled MAKE_CHAR, no rules', 'whiteout a/n', 'ok'],
  ['handled MAKE_REG, no rules', 'whiteout a/n', 'EACCES'],
  ['handled MAKE_SOCK, no rules', 'mksock a/n', 'EACCES'],
  ['handled MAKE_DIR, no rules', 'mkdir a/n', 'EACCES'],
  ['handled MAKE_SYM, no rules', 'symlink a/n', 'EACCES'],
  ['handled READ_FILE, no rules', 'rename a/f a/z', 'ok'],
  ['handled MAKE_REG, no rules', 'rename a/f a/z', 'EACCES'],
  ['handled REMOVE_FILE, no rules', 'rename a/f a/z', 'EACCES'],
  ['REFER on top', 'rename a/f c/f', 'ok'],
  ['REFER on top', 'link a/f c/f', 'ok'],
  ['REFER on a', 'rename a/f c/f', 'EXDEV'],
  ['handled READ_FILE+REFER, REFER on top, READ_FILE on a', 'rename a/f c/f', 'ok'],
  ['REFER on top, READ_FILE on c', 'exchange a/f c/h', 'EXDEV'],
  ['REFER on top', 'exchange a/f c/h', 'ok'],
  ['handled MAKE_REG+REFER, REFER on top', 'rename whiteout a/f a/z', 'EACCES'],
  ['REFER on top, layer2 READ_FILE on top', 'rename a/f c/f', 'EXDEV'],
  ['handled REFER+MAKE_DIR, REFER on top, MAKE_DIR on c', 'rename a/b c/b', 'EXDEV'],
  ['handled READ_FILE', 'umount', 'EPERM'],
  ['handled BIND_TCP, no rules', 'mount tmpfs as root', 'ok'],
  ['handled BIND_TCP, no rules', 'connect TCP 127.0.0.1:9', 'ECONNREFUSED'],
  ['handled IOCTL_DEV, no rules', 'read /dev/null', 'ok'],
  ['scoped SIGNAL', 'kill(parent,0)', 'EPERM'],
  ['scoped SIGNAL', 'kill child', 'ok'],
  ['handled READ_FILE', 'PTRACE_SEIZE outside', 'EPERM'],
]

test.each(cases)('%s: %s -> %s', (setup, operation, expected) => {
  expect(answerCase(setup, operation)).toBe(expected)
  expect(answerCase(setup, operation, { remembers: false })).toBe(expected)
})

test('words that say nothing are found out', () => {
  expect(readSetup('handled READ_FYLE, READ_FILE on a').other).toEqual(['handled READ_FYLE'])
  expect(answerCase('-', 'dance')).toBe('unknown wording `dance`')
})

describe.skipIf(!existsSync(golden))('../shared/golden/landlock-cases.tsv', () => {
  const rows = existsSync(golden) ? dataLines(readFileSync(golden, 'utf8')).map((line) => line.split('\t')) : []
  test.each(rows)('%s %s', (_id, _rule, setup, operation, expected) => {
    expect(answerCase(setup!, operation!)).toBe(expected)
  })
})

test('the first program of the README', () => {
  const readme = readFileSync(new URL('../../../packages/landlock/README.md', import.meta.url), 'utf8')
  const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const args = ['--conditions=lsmkit:source', '--input-type=module-typescript', '-e', program]
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })
  const promised = [...program.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map((match) => match[1])
  expect(promised).toHaveLength(5)
  expect({ printed: stdout.trimEnd().split('\n'), stderr }).toEqual({ printed: promised, stderr: '' })
})
