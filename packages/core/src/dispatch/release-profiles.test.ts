/** A dispatch over the hooks of 6.18 and of 7.3: their own hooks, signatures and guards. */
import { EACCES, EOPNOTSUPP } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { anEnv, anInode, member } from '../../test/dispatch-support.ts'
import { createDispatch } from './create-dispatch.ts'
import { linux618, linux73 } from './release-profiles.ts'
import type { Member } from './strategy.ts'

const cold = { onSettle() {}, onFault() {} }
const asked: unknown[][] = []
const answers = (rc: number): readonly Member[] => [member('m0', 0, (...args) => (asked.push(args), rc))]
const programs = { lsm: 'bpf', id: 109, position: 1 }

test('6.18', () => {
  const members = { uring_allowed: answers(-EACCES), inode_permission: answers(-EACCES) }
  const { lsm } = createDispatch({ members, env: anEnv(), cold, profile: linux618, programs })
  expect(lsm.uring_allowed.ask()).toBe(-EACCES)
  expect(lsm.inode_permission.ask(anInode(true), 4)).toBe(0)
  expect(lsm.inode_permission.ask(anInode(), 4)).toBe(-EACCES)
  expect(lsm.lsmprop_to_secctx.ask({} as never, {} as never, 0)).toBe(-EOPNOTSUPP)
  expect('unix_find' in lsm).toBe(false)
  expect('backing_file_alloc' in lsm).toBe(false)
})

test('7.3', () => {
  const members = { unix_find: answers(-EACCES), inode_listsecurity: answers(3) }
  const { lsm, attach } = createDispatch({ members, env: anEnv(), cold, profile: linux73, programs })
  expect(lsm.unix_find.ask({} as never, {} as never, 0)).toBe(-EACCES)
  expect(lsm.inode_listsecurity.ask(anInode(true), { value: '' }, { value: 9 })).toBe(0)
  expect(lsm.inode_listsecurity.ask(anInode(), { value: '' }, { value: 9 })).toBe(3)
  const prop = { selinux: { secid: 1 }, smack: { skp: null }, apparmor: { label: null }, bpf: { secid: 2 } }
  lsm.cred_getlsmprop.tell({} as never, prop)
  expect([prop.selinux.secid, prop.bpf.secid]).toEqual([0, 0])
  expect('namespace_init' in lsm).toBe(false)
  expect(() => attach('file_alloc_security', () => 0)).toThrow(expect.objectContaining({ code: expect.any(String) }))
  attach('inode_removexattr', () => -EACCES, { sleepable: true }).detach()
})
