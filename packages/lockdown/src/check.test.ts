import {
  EPERM, LOCKDOWN_CONFIDENTIALITY_MAX, LOCKDOWN_INTEGRITY_MAX, LOCKDOWN_IOPORT, LOCKDOWN_KCORE, LOCKDOWN_KEXEC,
  LOCKDOWN_NONE, lockdownName,
} from '@lsmkit/abi'
import { kernelText } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { lockdownReasons } from './reasons.ts'
import { aLockdown } from '../test/locked.ts'

const reasons = Array.from({ length: LOCKDOWN_CONFIDENTIALITY_MAX + 1 }, (_, what) => what)

test('every reason that has a number has a text', () => {
  expect(Object.keys(lockdownReasons).map(Number)).toEqual(reasons)
  expect(reasons.map(lockdownName).filter((name) => !name.startsWith('LOCKDOWN_'))).toEqual([])
})

describe.each([
  { level: 'none', highest: LOCKDOWN_NONE },
  { level: 'integrity', highest: LOCKDOWN_INTEGRITY_MAX },
  { level: 'confidentiality', highest: LOCKDOWN_CONFIDENTIALITY_MAX },
] as const)('level $level', ({ level, highest }) => {
  test.each(reasons)('reason %i', (what) => {
    const { asked } = aLockdown({ level })
    const isRefused = what <= highest || what >= LOCKDOWN_CONFIDENTIALITY_MAX
    expect(asked(what).rc).toBe(isRefused ? -EPERM : 0)
  })
})

test.each([LOCKDOWN_CONFIDENTIALITY_MAX, 31, 1000, 0x7fffffff])('%i is no reason', (what) => {
  const { asked, log } = aLockdown()
  expect(asked(what)).toMatchObject({ rc: -EPERM, reason: 'Invalid lockdown reason' })
  expect(log).toEqual([])
})

test('what is said: the command and the reason', () => {
  const { asked, log, stack } = aLockdown({ level: 'integrity' })
  const line = 'Lockdown: kexec: kexec of unsigned images is restricted; see man kernel_lockdown.7'
  expect(asked(LOCKDOWN_KEXEC)).toMatchObject({ rc: -EPERM, reason: line })
  expect(log.at(-1)).toBe(line)
  const [record] = stack.audit.records
  expect(record).toMatchObject({
    object: { kind: 'lockdown', reason: 'LOCKDOWN_KEXEC' }, details: { level: 'integrity' },
  })
  expect(kernelText(record!)).toContain('lockdown')
})

test('ten lines in five seconds, and a record of each refusal', () => {
  let now = 0
  const { asked, log, stack } = aLockdown({ level: 'confidentiality', now: () => now })
  const before = log.length
  for (let i = 0; i < 25; i++) asked(LOCKDOWN_IOPORT)
  expect(log.length - before).toBe(10)
  expect(stack.audit.records.filter(({ kind }) => kind === 'denial')).toHaveLength(25)
  now = 5001
  asked(LOCKDOWN_KCORE)
  expect(log.at(-1)).toBe('Lockdown: kexec: /proc/kcore access is restricted; see man kernel_lockdown.7')
})
