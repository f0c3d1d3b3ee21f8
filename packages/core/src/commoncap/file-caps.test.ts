import { capSetOf, capToHex, CapSet, EINVAL, ENODATA, EOPNOTSUPP, ERANGE, packVfsCap } from '@lsmkit/abi'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { UserNamespace } from '../objects/cred.ts'
import { nop_mnt_idmap } from '../objects/fs.ts'
import { get_vfs_caps_from_disk, rootid_owns_currentns } from './file-caps.ts'
import { initUserNamespace } from './user-ns.ts'

const init = initUserNamespace()
const nested = (parent: UserNamespace, root: number): UserNamespace => ({
  ...initUserNamespace(), parent, level: parent.level + 1, uid_map: [{ first: 0, lower_first: root, count: 10 }],
})
const container = nested(init, 1000)
const inner = nested(container, 1001)
const rawCap = capSetOf(13)

const bytes = (revision: number, rootid = 0, flags = 0) =>
  packVfsCap({ magic_etc: (revision << 24) | flags, permitted: rawCap, inheritable: new CapSet(), rootid })!
const read = (value: Uint8Array | number, ns = init) => get_vfs_caps_from_disk(nop_mnt_idmap, init, value, ns)

test.each([
  { what: 'no attribute', value: -ENODATA, rc: -ENODATA },
  { what: 'a file system without attributes', value: -EOPNOTSUPP, rc: -ENODATA },
  { what: 'another error', value: -5, rc: -5 },
  { what: 'no bytes', value: new Uint8Array(0), rc: -EINVAL },
  { what: 'three bytes', value: new Uint8Array(3), rc: -EINVAL },
  { what: 'revision 0', value: new Uint8Array(20), rc: -EINVAL },
  { what: 'revision 2 in 24 bytes', value: new Uint8Array([0, 0, 0, 2, ...Array<number>(20).fill(0)]), rc: -EINVAL },
  { what: 'more bytes than any revision has', value: new Uint8Array(25), rc: -ERANGE },
])('$what: $rc', ({ value, rc }) => {
  expect(read(value)).toBe(rc)
})

test.each([1, 2, 3])('revision %i is read, and capabilities nobody knows are left out', (revision) => {
  const found = read(packVfsCap({
    magic_etc: (revision << 24) | 1, permitted: new CapSet(-1, -1), inheritable: rawCap, rootid: 0,
  })!)
  expect(found).toMatchObject({ rootid: 0 })
  if (typeof found === 'number') return
  expect(capToHex(found.permitted)).toBe(revision === 1 ? '00000000ffffffff' : '000001ffffffffff')
  expect(capToHex(found.inheritable)).toBe('0000000000002000')
})

test.each([
  { what: 'revision 2, reader in the initial namespace', value: bytes(2), ns: init, counts: true },
  { what: 'revision 2, reader below', value: bytes(2), ns: inner, counts: true },
  { what: 'root of the container, reader in it', value: bytes(3, 1000), ns: container, counts: true },
  { what: 'root of the container, reader below', value: bytes(3, 1000), ns: inner, counts: true },
  { what: 'root of the container, reader above', value: bytes(3, 1000), ns: init, counts: false },
  { what: 'a root of nobody', value: bytes(3, 77), ns: inner, counts: false },
  { what: 'no id at all', value: bytes(3, 0xffffffff), ns: init, counts: false },
])('$what: counts $counts', ({ value, ns, counts }) => {
  const found = read(value, ns)
  expect(typeof found === 'number' ? found : found.permitted).toEqual(counts ? rawCap : -ENODATA)
})

test('rootid: uid 0 of the namespace or of one above it', () => {
  expect(rootid_owns_currentns(inner, 1001)).toBe(true)
  expect(rootid_owns_currentns(inner, 0)).toBe(true)
  expect(rootid_owns_currentns(container, 1001)).toBe(false)
  expect(rootid_owns_currentns(init, 0xffffffff)).toBe(false)
})

test('every value of 0 to 32 bytes is read or refused with an errno', () => {
  const known = new Set([-EINVAL, -ENODATA, -ERANGE])
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 32 }),
    // a plausible header in front, so that the sizes of the three revisions are met
    fc.tuple(fc.constantFrom(0, 1, 2, 3, 4), fc.constantFrom(0, 1, 2, 0xff), fc.uint8Array({ maxLength: 28 }))
      .map(([revision, flags, rest]) => Uint8Array.of(flags, 0, 0, revision, ...rest)),
  )
  fc.assert(fc.property(value, (disk) => {
    const before = disk.slice()
    const found = read(disk, inner)
    expect(disk).toEqual(before)
    const isRight = typeof found === 'number' ? known.has(found) : [12, 20, 24].includes(disk.length)
    expect(isRight).toBe(true)
  }))
})
