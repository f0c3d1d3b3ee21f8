import { expect, test } from 'vitest'
import type { UserNamespace } from '../objects/cred.ts'
import { nop_mnt_idmap } from '../objects/fs.ts'
import { from_vfsuid, make_vfsuid } from './idmap.ts'
import {
  from_kgid, from_kuid, from_kuid_munged, in_userns, init_user_ns_of, initUserNamespace, INVALID_UID, kuid_has_mapping,
  make_kgid, make_kuid,
} from './user-ns.ts'

const child = (parent: UserNamespace, uid_map: UserNamespace['uid_map']): UserNamespace => ({
  ...initUserNamespace(), parent, level: parent.level + 1, uid_map, gid_map: uid_map,
})
const init = initUserNamespace()
/** Root is 1000 outside; 1 to 999 are 100000 and up. */
const container = child(init, [
  { first: 0, lower_first: 1000, count: 1 },
  { first: 1, lower_first: 100000, count: 999 },
])
const empty = child(container, [])

test.each([
  { ns: 'init', uid: 0, kuid: 0 },
  { ns: 'init', uid: 4294967294, kuid: 4294967294 },
  { ns: 'init', uid: -1, kuid: INVALID_UID },
  { ns: 'container', uid: 0, kuid: 1000 },
  { ns: 'container', uid: 1, kuid: 100000 },
  { ns: 'container', uid: 999, kuid: 100998 },
  { ns: 'container', uid: 1000, kuid: INVALID_UID },
  { ns: 'empty', uid: 0, kuid: INVALID_UID },
] as const)('uid $uid of $ns is kuid $kuid', ({ ns, uid, kuid }) => {
  const at = { init, container, empty }[ns]
  expect(make_kuid(at, uid)).toBe(kuid)
  expect(make_kgid(at, uid)).toBe(kuid)
  if (kuid === INVALID_UID) return
  expect(from_kuid(at, kuid)).toBe(uid)
  expect(from_kgid(at, kuid)).toBe(uid)
})

test('an id without a name is told as the overflow id, and is not mapped', () => {
  expect(from_kuid(container, 0)).toBe(INVALID_UID)
  expect(from_kuid_munged(container, 0)).toBe(65534)
  expect(from_kuid_munged(container, 1000)).toBe(0)
  expect(kuid_has_mapping(container, 0)).toBe(false)
  expect(kuid_has_mapping(container, 100500)).toBe(true)
})

test('a namespace is in itself and in those above it', () => {
  expect(in_userns(init, empty)).toBe(true)
  expect(in_userns(container, container)).toBe(true)
  expect(in_userns(empty, container)).toBe(false)
  expect(in_userns(container, child(init, []))).toBe(false)
  expect(init_user_ns_of(empty)).toBe(init)
})

test('an id-mapped mount shows 1000 as 2000, and nothing else', () => {
  const map = [{ first: 1000, lower_first: 2000, count: 1 }]
  const idmap = { uid_map: map, gid_map: map }
  expect(make_vfsuid(idmap, init, 1000)).toBe(2000)
  expect(make_vfsuid(idmap, init, 1001)).toBe(INVALID_UID)
  expect(from_vfsuid(idmap, init, 2000)).toBe(1000)
  expect(from_vfsuid(idmap, init, 1000)).toBe(INVALID_UID)
  expect(make_vfsuid(nop_mnt_idmap, container, 5)).toBe(5)
  // the file system belongs to the container: what it stores as 1000 is kuid 1000 only where the container knows it
  expect(make_vfsuid(idmap, container, 100999)).toBe(INVALID_UID)
})
