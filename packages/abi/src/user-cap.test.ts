import { expect, test } from 'vitest'
import { CAP_FULL_SET, CapSet, capCopy, capSetOf } from './cap-set.ts'
import { _LINUX_CAPABILITY_VERSION_1, _LINUX_CAPABILITY_VERSION_2, _LINUX_CAPABILITY_VERSION_3 } from './capability.ts'
import { packUserCap, unpackUserCap, userCapWords } from './user-cap.ts'

const cap = { effective: capSetOf(0, 33), permitted: capCopy(CAP_FULL_SET), inheritable: capSetOf(31, 63) }

test('two structs: effective, permitted, inheritable; low words before high words', () => {
  const bytes = packUserCap(cap, 2)
  expect([...new Uint32Array(bytes.buffer)]).toEqual([1, 0xffffffff, 0x80000000, 2, 0x1ff, 0x80000000])
  expect(unpackUserCap(bytes, 2)).toEqual(cap)
})

test('one struct keeps capabilities 0 to 31', () => {
  const bytes = packUserCap(cap, 1)
  expect(bytes).toHaveLength(12)
  expect(unpackUserCap(bytes, 1)).toEqual({
    effective: capSetOf(0),
    permitted: new CapSet(-1, 0),
    inheritable: capSetOf(31),
  })
})

test('too few bytes are refused', () => {
  expect(unpackUserCap(new Uint8Array(23), 2)).toBeUndefined()
  expect(unpackUserCap(new Uint8Array(11), 1)).toBeUndefined()
})

test('structs of each version', () => {
  const versions = [_LINUX_CAPABILITY_VERSION_1, _LINUX_CAPABILITY_VERSION_2, _LINUX_CAPABILITY_VERSION_3, 0]
  expect(versions.map(userCapWords)).toEqual([1, 2, 2, 0])
})
