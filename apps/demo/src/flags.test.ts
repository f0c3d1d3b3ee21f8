import { expect, test } from 'vitest'
import { parseFlags, usage } from './flags.ts'

test.each([
  {
    args: ['--lsm', 'selinux', '--policy', 'p.33', '--file-contexts', 'f'],
    flags: { lsms: ['selinux'], ask: false, full: false, json: false, help: false, policy: 'p.33', fileContexts: 'f' },
  },
  { args: [], flags: { lsms: ['capability', 'warden'], ask: false, json: false, help: false } },
  { args: ['--lsm', 'warden,smack'], flags: { lsms: ['warden', 'smack'], ask: false, json: false, help: false } },
  { args: ['--ask'], flags: { lsms: ['capability', 'warden'], ask: true, json: false, help: false } },
  { args: ['--full'], flags: { lsms: ['capability', 'warden'], ask: false, full: true, json: false, help: false } },
  { args: ['--lsm=', '--json'], flags: { lsms: [], ask: false, json: true, help: false } },
])('$args', ({ args, flags }) => {
  expect(parseFlags(args)).toEqual({ full: false, policy: null, fileContexts: null, ...flags })
})

test.each([
  { args: ['--lsm', 'wardn'], says: 'did you mean `warden`?' },
  { args: ['--lms', 'warden'], says: "Unknown option '--lms'" },
  { args: ['warden'], says: 'warden' },
  { args: ['--file-contexts', 'f'], says: 'goes with `--policy`' },
])('$args is wrong', ({ args, says }) => {
  expect(parseFlags(args)).toContain(says)
})

test('the help fits 80 columns and lists the console', () => {
  expect(Math.max(...usage.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(usage).toContain('  --serve [--port N] ')
})
