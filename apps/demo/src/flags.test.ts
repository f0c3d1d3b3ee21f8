import { expect, test } from 'vitest'
import { parseFlags } from './flags.ts'

test.each([
  { args: [], flags: { lsms: ['capability', 'warden'], ask: false, json: false, help: false } },
  { args: ['--lsm', 'warden,smack'], flags: { lsms: ['warden', 'smack'], ask: false, json: false, help: false } },
  { args: ['--ask'], flags: { lsms: ['capability', 'warden'], ask: true, json: false, help: false } },
  { args: ['--lsm=', '--json'], flags: { lsms: [], ask: false, json: true, help: false } },
])('$args', ({ args, flags }) => {
  expect(parseFlags(args)).toEqual(flags)
})

test.each([
  { args: ['--lsm', 'wardn'], says: 'did you mean `warden`?' },
  { args: ['--lms', 'warden'], says: "Unknown option '--lms'" },
  { args: ['warden'], says: 'warden' },
])('$args is wrong', ({ args, says }) => {
  expect(parseFlags(args)).toContain(says)
})
