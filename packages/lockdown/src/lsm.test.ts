import { createStack, OptionError } from '@lsmkit/core'
import { conformanceKit } from '@lsmkit/testkit'
import type { World } from '@lsmkit/testkit'
import { EPERM, LOCKDOWN_KEXEC, LOCKDOWN_TRACEFS } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import type { LockdownLevel } from './level.ts'
import { lockdown } from './lsm.ts'
import { aLockdown } from '../test/locked.ts'

test('one hook, no state on objects, the kernel\'s id, in front of all', () => {
  const { stack } = aLockdown()
  expect(stack.names).toEqual(['lockdown'])
  expect(stack.ids).toEqual([108])
  const own = lockdown()
  expect(own.early).toBe(true)
  expect(own.blobs).toEqual({})
  let hooks: string[] = []
  createStack({ lsms: [{ ...own, hooks: (ctx) => {
    const group = own.hooks(ctx)
    hooks = Object.keys(group)
    return group
  } }], capability: 'none' })
  expect(hooks).toEqual(['locked_down'])
})

test.each(['', 'all', 1, null, 'Integrity'])('a level that is none is refused: %j', (level) => {
  expect(() => lockdown({ level: level as LockdownLevel })).toThrow(OptionError)
})

test.each([
  { level: 'none', cmdline: '', shown: '[none] integrity confidentiality\n', log: [] },
  {
    level: 'integrity', cmdline: '', shown: 'none [integrity] confidentiality\n',
    log: ['Kernel is locked down from Kernel configuration; see man kernel_lockdown.7'],
  },
  {
    level: 'none', cmdline: 'quiet lockdown=confidentiality', shown: 'none integrity [confidentiality]\n',
    log: ['Kernel is locked down from command line; see man kernel_lockdown.7'],
  },
  {
    level: 'integrity', cmdline: 'lockdown=confidentiality', shown: 'none integrity [confidentiality]\n',
    log: [
      'Kernel is locked down from Kernel configuration; see man kernel_lockdown.7',
      'Kernel is locked down from command line; see man kernel_lockdown.7',
    ],
  },
  {
    level: 'confidentiality', cmdline: 'lockdown=integrity', shown: 'none integrity [confidentiality]\n',
    log: ['Kernel is locked down from Kernel configuration; see man kernel_lockdown.7'],
  },
] as const)('built with $level, booted with `$cmdline`', ({ level, cmdline, shown, log }) => {
  const locked = aLockdown({ level }, cmdline)
  expect(locked.shown()).toBe(shown)
  expect(locked.log).toEqual(log)
})

test.each([
  'lockdown=none', 'lockdown', 'lockdown=Integrity', 'lockdown=',
])('`%s` is no level to boot with', (cmdline) => {
  const locked = aLockdown({}, cmdline)
  expect(locked.shown()).toBe('[none] integrity confidentiality\n')
  expect(locked.log).toEqual(['Malformed early option \'lockdown\''])
})

/** Asked, and raised in between. */
const rising = (world: World): void => {
  const { stack } = world
  const file = stack.pseudoFs.flatMap((fs) => [...fs.files()]).find(({ name }) => name === 'lockdown')!
  const io = { file: world.aFile({ inode: world.anInode() }), pos: 0, answer: null, state: null }
  for (const level of ['none', 'integrity', 'confidentiality']) {
    file.write!(io, new TextEncoder().encode(level))
    stack.lsm.locked_down.ask(LOCKDOWN_KEXEC)
    stack.lsm.locked_down.ask(LOCKDOWN_TRACEFS)
  }
  expect(stack.lsm.locked_down.ask(LOCKDOWN_TRACEFS)).toBe(-EPERM)
}

describe.each(['none', 'integrity', 'confidentiality'] as const)('conformance at level %s', (level) => {
  test.each(conformanceKit(() => lockdown({ level }), { scenario: rising }))('$name', async ({ run }) => {
    await expect(Promise.resolve().then(run)).resolves.toBeUndefined()
  })
})
