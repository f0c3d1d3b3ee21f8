import { EPERM } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { task } from '../test/dispatch-support.ts'
import type { Host } from './host.ts'
import type { LsmContext } from './lsm-context.ts'
import { securityOff } from './security-off.ts'

const capability = { id: 100, hooks: () => ({ vm_enough_memory: () => 0, settime: () => -EPERM }) }

test('no LSM is registered, and the capability functions decide', () => {
  const off = securityOff({ capability })
  expect([off.names, off.ids, off.pseudoFs]).toEqual([[], [], []])
  expect(off.lsm.settime.ask({} as never, null)).toBe(-EPERM)
})

test('the kernel that boots from it is whom the stubs call back', () => {
  const off = securityOff({ capability })
  const asked: unknown[] = []
  off.current.task = task
  off.host = { ...off.host, __vm_enough_memory: (_mm: unknown, ...rest: number[]) => (asked.push(rest), 7) } as Host
  expect(off.lsm.vm_enough_memory.ask({} as never, 3)).toBe(7)
  expect(asked).toEqual([[3, 1]])
})

test('functions bound to call sites answer first, and 0 asks the stub', () => {
  let rc = -13
  const off = securityOff({ capability, overrides: { settime: () => rc } })
  expect(off.lsm.settime.ask({} as never, null)).toBe(-13)
  rc = 0
  expect(off.lsm.settime.ask({} as never, null)).toBe(-EPERM)
})

test('the rules of a later kernel hold for the stubs and for the kernel on them', () => {
  const asked: string[] = []
  const lsm = { id: 100, hooks: ({ profile }: LsmContext) => (asked.push(profile), {}) }
  expect(securityOff({ capability: lsm, profile: '6.18' }).profile).toBe('6.18')
  expect(securityOff({ capability: lsm }).profile).toBe('6.12')
  expect(asked).toEqual(['6.18', '6.12'])
})
