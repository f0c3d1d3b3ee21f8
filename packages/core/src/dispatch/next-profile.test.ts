import { EACCES, EOPNOTSUPP } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { anEnv, anInode, member, strategyNames } from '../../test/dispatch-support.ts'
import { createDispatch } from './create-dispatch.ts'
import { linuxNext } from './next-profile.ts'
import type { Member } from './strategy.ts'

const cold = { onSettle() {}, onFault() {} }

test.each(strategyNames)('%s: the hooks of `next` are dispatched like those of 6.12', (strategy) => {
  const asked: unknown[][] = []
  const says = (rc: number) => [member('m0', 0, (...args) => (asked.push(args), rc))]
  const members: Record<string, readonly Member[]> = {
    inode_permission: says(-EACCES), unix_find: says(-EACCES), lsmprop_to_secctx: says(5), namespace_free: says(0),
  }
  const { lsm, attach } = createDispatch({
    members,
    env: anEnv(),
    cold,
    strategy,
    profile: linuxNext,
    programs: { lsm: 'bpf', id: 109, position: 1 },
  })
  const idmap = { uid_map: [], gid_map: [] }
  expect(lsm.inode_permission.ask(idmap, anInode(true), 4)).toBe(0)
  expect(asked).toEqual([])
  expect(lsm.inode_permission.ask(idmap, anInode(), 4)).toBe(-EACCES)
  expect(lsm.unix_find.ask({} as never, {} as never, 0)).toBe(-EACCES)
  const prop = { selinux: { secid: 1 }, smack: { skp: null }, apparmor: { label: null }, bpf: { secid: 2 } }
  expect(lsm.lsmprop_to_secctx.ask(prop, {} as never, 0)).toBe(5)
  lsm.namespace_free.tell({ ns_type: 0, inum: 1 })
  expect(asked).toHaveLength(4)
  expect(lsm.secid_to_secctx.ask(1, {} as never)).toBe(-EOPNOTSUPP)
  lsm.cred_getlsmprop.tell({} as never, prop)
  expect(prop).toEqual({ selinux: { secid: 0 }, smack: { skp: null }, apparmor: { label: null }, bpf: { secid: 0 } })
  expect(lsm.uring_allowed.ask()).toBe(0)
  const link = attach('uring_allowed', () => -EACCES)
  expect(lsm.uring_allowed.ask()).toBe(-EACCES)
  link.detach()
  expect(lsm.uring_allowed.ask()).toBe(0)
})
