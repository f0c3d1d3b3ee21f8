import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { lsmNames, parseFlags, usage } from './flags.mjs'
import { columns, modules } from './stacks.ts'

test.each([
  {
    args: ['--lsm', 'selinux', '--policy', 'p.33', '--file-contexts', 'f'],
    flags: { lsms: ['selinux'], ask: false, full: false, json: false, help: false, policy: 'p.33', fileContexts: 'f' },
  },
  { args: [], flags: { lsms: null, ask: false, json: false, help: false } },
  { args: ['--lsm', 'warden,smack'], flags: { lsms: ['warden', 'smack'], ask: false, json: false, help: false } },
  { args: ['--ask'], flags: { lsms: null, ask: true, json: false, help: false } },
  { args: ['--full'], flags: { lsms: null, ask: false, full: true, json: false, help: false } },
  { args: ['--lsm=', '--json'], flags: { lsms: [], ask: false, json: true, help: false } },
])('$args', ({ args, flags }) => {
  expect(parseFlags(args)).toEqual({ full: false, policy: null, fileContexts: null, ...flags })
})

test.each([
  { args: ['--lsm', 'wardn'], says: 'did you mean `warden`?' },
  { args: ['--lms', 'warden'], says: 'did you mean `--lsm`?' },
  { args: ['--ful'], says: 'did you mean `--full`?' },
  { args: ['--lsm', 'qqq'], says: 'known: capability' },
  { args: ['warden'], says: 'warden' },
  { args: ['--file-contexts', 'f'], says: 'goes with `--policy`' },
])('$args is wrong', ({ args, says }) => {
  expect(parseFlags(args)).toContain(says)
})

test('the help fits 80 columns and lists the console', () => {
  expect(Math.max(...usage.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(usage).toContain('  --serve [--port N] ')
})

test('the names that are known before anything is built are those of the modules', () => {
  expect(Object.keys(modules)).toEqual(lsmNames)
})

test('one stack is booted alone, beside security off', () => {
  expect(columns(['smack', 'yama']).map(({ title }) => title)).toEqual(['security off', 'capability + smack + yama'])
  expect(columns(null)).toHaveLength(10)
})

test.each([
  { args: ['--help'], code: 0, stdout: usage, stderr: '' },
  { args: ['--lsm', 'smak'], code: 2, stdout: '', stderr: 'did you mean `smack`?' },
])('`start $args` is answered before anything is set up', ({ args, code, stdout, stderr }) => {
  const run = fileURLToPath(new URL('../../../scripts/run.mjs', import.meta.url))
  const ran = spawnSync(process.execPath, [run, 'start', ...args], {
    encoding: 'utf8',
  })
  expect(ran.status).toBe(code)
  expect(ran.stdout.trim()).toBe(stdout)
  expect(ran.stderr).toContain(stderr)
})
