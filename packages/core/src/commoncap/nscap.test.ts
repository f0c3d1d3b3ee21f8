import {
  CAP_SETFCAP, CAP_SYS_ADMIN, CapSet, capSetOf, EINVAL, EOVERFLOW, EPERM, packVfsCap, unpackVfsCap,
} from '@lsmkit/abi'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Current } from '../current.ts'
import type { UserNamespace } from '../objects/cred.ts'
import { nop_mnt_idmap } from '../objects/fs.ts'
import { plainObjects } from '../objects/factories.ts'
import { cap_capable } from './cap-capable.ts'
import { cap_convert_nscap, presentNsCap } from './nscap.ts'
import { initUserNamespace } from './user-ns.ts'
import { cap_inode_removexattr, cap_inode_setxattr } from './xattr-guard.ts'

const lsm = { capable: { ask: cap_capable } }
const init = initUserNamespace()
const ids = [{ first: 0, lower_first: 1000, count: 10 }]
const container: UserNamespace = {
  ...initUserNamespace(), parent: init, level: 1, owner: 1000, uid_map: ids, gid_map: ids,
}

const sb = plainObjects.super_block(1, { name: 'tmpfs', fs_flags: 0 }, init)
const inode = (owner: number) => Object.assign(plainObjects.inode(0o100644, sb, 1), { i_uid: owner, i_gid: owner })
const dentry = (owner: number) =>
  Object.assign(plainObjects.dentry({ name: 'f', len: 1 }, sb), { d_inode: inode(owner) })
const writer = (user_ns: UserNamespace, ...effective: number[]) => {
  const cred = Object.assign(plainObjects.cred(user_ns), { cap_effective: capSetOf(...effective) })
  return new Current(plainObjects.task(1, 1, cred, cred))
}
const bytes = (revision: number, { rootid = 0, flags = 1 } = {}) =>
  packVfsCap({ magic_etc: (revision << 24) | flags, permitted: capSetOf(13, 40), inheritable: new CapSet(), rootid })!

const root = writer(init, CAP_SETFCAP)
const inside = writer(container, CAP_SETFCAP)

test.each([
  { what: 'over the file system: revision 2 as it is', current: root, value: bytes(2), stored: bytes(2) },
  { what: 'revision 3 with its root', current: root, value: bytes(3, { rootid: 7 }), stored: bytes(3, { rootid: 7 }) },
  { what: 'from a container: its own root', current: inside, value: bytes(2), stored: bytes(3, { rootid: 1000 }) },
  { what: 'its ids', current: inside, value: bytes(3, { rootid: 5 }), stored: bytes(3, { rootid: 1005 }) },
  { what: 'a root without a name', current: inside, value: bytes(3, { rootid: 10 }), stored: -EINVAL },
  { what: 'an inode the container does not know', current: inside, owner: 0, value: bytes(2), stored: -EPERM },
  { what: 'no setfcap', current: writer(init, CAP_SYS_ADMIN), value: bytes(2), stored: -EPERM },
  { what: 'a bad header before the permission', current: writer(init), value: new Uint8Array(3), stored: -EINVAL },
  { what: 'revision 1 is history', current: root, value: bytes(1), stored: -EINVAL },
  { what: 'an unknown flag', current: root, value: bytes(2, { flags: 2 }), stored: -EINVAL },
])('write: $what', ({ current, owner = 1001, value, stored }) => {
  expect(cap_convert_nscap(lsm, current, nop_mnt_idmap, inode(owner), value)).toEqual(stored)
})

test.each([
  { what: 'revision 2', value: bytes(2), ns: init, shown: bytes(2) },
  { what: 'revision 2 inside a container', value: bytes(2), ns: container, shown: bytes(2) },
  { what: 'root 0', value: bytes(3), ns: init, shown: bytes(2) },
  { what: 'from outside', value: bytes(3, { rootid: 1000 }), ns: init, shown: bytes(3, { rootid: 1000 }) },
  { what: 'from inside', value: bytes(3, { rootid: 1000 }), ns: container, shown: bytes(2) },
  { what: 'another id inside', value: bytes(3, { rootid: 1003 }), ns: container, shown: bytes(3, { rootid: 3 }) },
  { what: 'a stranger', value: bytes(3, { rootid: 77 }), ns: container, shown: -EOVERFLOW },
  { what: 'revision 1', value: bytes(1), ns: init, shown: -EINVAL },
  { what: 'no bytes', value: new Uint8Array(0), ns: init, shown: -EINVAL },
])('read: $what', ({ value, ns, shown }) => {
  expect(presentNsCap(nop_mnt_idmap, init, value, ns)).toEqual(shown)
})

test('what is written reads back the same, from the same namespace', () => {
  const caps = fc.record({ lo: fc.integer(), hi: fc.integer() }).map(({ lo, hi }) => new CapSet(lo, hi))
  const rootids = fc.integer({ min: 0, max: 9 })
  fc.assert(fc.property(caps, caps, rootids, fc.boolean(), (permitted, inheritable, rootid, eff) => {
    const value = packVfsCap({ magic_etc: 0x03000000 | Number(eff), permitted, inheritable, rootid })!
    const stored = cap_convert_nscap(lsm, inside, nop_mnt_idmap, inode(1001), value)
    const shown = presentNsCap(nop_mnt_idmap, init, stored as Uint8Array, container)
    expect(unpackVfsCap(shown as Uint8Array)).toMatchObject({ permitted, inheritable, rootid })
  }))
})

test('bytes of any length are stored, shown, or refused with an errno', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 32 }), (value) => {
    for (const answer of [
      cap_convert_nscap(lsm, inside, nop_mnt_idmap, inode(1001), value),
      presentNsCap(nop_mnt_idmap, init, value, container),
    ]) {
      const isRight = typeof answer === 'number' ? [-EINVAL, -EOVERFLOW].includes(answer) : answer.length >= 20
      expect(isRight).toBe(true)
    }
  }))
})

test.each([
  { name: 'user.foo', caps: [], set: 0, remove: 0 },
  { name: 'security.foo', caps: [CAP_SETFCAP], set: -EPERM, remove: -EPERM },
  { name: 'security.foo', caps: [CAP_SYS_ADMIN], set: 0, remove: 0 },
  { name: 'security.capability', caps: [], set: 0, remove: -EPERM },
  { name: 'security.capability', caps: [CAP_SYS_ADMIN], set: 0, remove: -EPERM },
  { name: 'security.capability', caps: [CAP_SETFCAP], set: 0, remove: 0 },
])('$name with $caps: set $set, remove $remove', ({ name, caps, set, remove }) => {
  const current = writer(init, ...caps)
  expect(cap_inode_setxattr(lsm, current, dentry(0), name)).toBe(set)
  expect(cap_inode_removexattr(lsm, current, nop_mnt_idmap, dentry(0), name)).toBe(remove)
})

test('a name without a file has no capabilities to remove', () => {
  const negative = plainObjects.dentry({ name: 'f', len: 1 }, sb)
  const rc = cap_inode_removexattr(lsm, writer(init, CAP_SETFCAP), nop_mnt_idmap, negative, 'security.capability')
  expect(rc).toBe(-EINVAL)
})
