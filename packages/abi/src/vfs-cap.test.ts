import { expect, test } from 'vitest'
import { CapSet, capSetOf } from './cap-set.ts'
import {
  VFS_CAP_FLAGS_EFFECTIVE, VFS_CAP_REVISION_1, VFS_CAP_REVISION_2, VFS_CAP_REVISION_3, VFS_CAP_FLAGS_MASK,
  VFS_CAP_REVISION_MASK,
} from './capability.ts'
import { packVfsCap, unpackVfsCap, vfsCapSize } from './vfs-cap.ts'

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/\w\w/g) ?? [], (pair) => parseInt(pair, 16))

test('flags and revision share the word', () => {
  expect(VFS_CAP_FLAGS_MASK + VFS_CAP_REVISION_MASK).toBe(0xffffffff)
})

test.each([
  {
    why: 'revision 1 has one word a set',
    hex: '01000001 00040000 01000000',
    cap: {
      magic_etc: VFS_CAP_REVISION_1 | VFS_CAP_FLAGS_EFFECTIVE,
      permitted: capSetOf(10),
      inheritable: capSetOf(0),
      rootid: 0,
    },
  },
  {
    why: 'revision 2 interleaves low and high words',
    hex: '01000002 00040000 00000080 00010000 80000000',
    cap: {
      magic_etc: VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
      permitted: capSetOf(10, 40),
      inheritable: capSetOf(31, 39),
      rootid: 0,
    },
  },
  {
    why: 'revision 3 ends with the root id',
    hex: '00000003 ffffffff 00000000 ff010000 00000000 ffffffff',
    cap: {
      magic_etc: VFS_CAP_REVISION_3,
      permitted: new CapSet(-1, 0x1ff),
      inheritable: new CapSet(),
      rootid: 0xffffffff,
    },
  },
])('$why', ({ hex, cap }) => {
  expect(packVfsCap(cap)).toEqual(bytesOf(hex))
  expect(unpackVfsCap(bytesOf(hex))).toEqual(cap)
})

test('a view into a larger buffer is read where it begins', () => {
  const whole = bytesOf('ffff 01000001 00040000 01000000 ff')
  expect(unpackVfsCap(whole.subarray(2, 14))?.permitted).toEqual(capSetOf(10))
})

test.each([
  { why: 'nothing', bytes: new Uint8Array(0) },
  { why: 'half a magic', bytes: bytesOf('0100') },
  { why: 'a revision 2 cut short', bytes: bytesOf('01000002 00'.repeat(15)) },
  { why: 'a revision 1 of the size of 2', bytes: bytesOf('01000001 00'.repeat(16)) },
  { why: 'a revision 2 of the size of 3', bytes: bytesOf('01000002 00'.repeat(20)) },
  { why: 'revision 0', bytes: bytesOf('01000000 00'.repeat(8)) },
  { why: 'revision 4', bytes: bytesOf('01000004 00'.repeat(20)) },
  { why: 'revision 0x80, sign bit set', bytes: bytesOf('01000080 00'.repeat(16)) },
])('$why is refused', ({ bytes }) => {
  expect(unpackVfsCap(bytes)).toBeUndefined()
})

test('unknown revisions have no size and no bytes', () => {
  const revisions = [VFS_CAP_REVISION_1, VFS_CAP_REVISION_2, VFS_CAP_REVISION_3, 0, 0xff000000]
  expect(revisions.map(vfsCapSize)).toEqual([12, 20, 24, 0, 0])
  expect(packVfsCap({ magic_etc: 0, permitted: new CapSet(), inheritable: new CapSet(), rootid: 0 })).toBeUndefined()
})
