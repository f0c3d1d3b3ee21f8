/** The data of capget(2) and capset(2): one struct __user_cap_data_struct in version 1, two in 2 and 3. */
import { CapSet, type CapWords } from './cap-set.ts'
import {
  _LINUX_CAPABILITY_U32S_1, _LINUX_CAPABILITY_U32S_2, _LINUX_CAPABILITY_U32S_3, _LINUX_CAPABILITY_VERSION_1,
  _LINUX_CAPABILITY_VERSION_2, _LINUX_CAPABILITY_VERSION_3,
} from './capability.ts'

export interface UserCap {
  readonly effective: CapWords
  readonly permitted: CapWords
  readonly inheritable: CapWords
}

/** Structs that follow a header of this version; 0 for an unknown version. */
export const userCapWords = (version: number): number => {
  switch (version) {
    case _LINUX_CAPABILITY_VERSION_1: return _LINUX_CAPABILITY_U32S_1
    case _LINUX_CAPABILITY_VERSION_2: return _LINUX_CAPABILITY_U32S_2
    case _LINUX_CAPABILITY_VERSION_3: return _LINUX_CAPABILITY_U32S_3
    default: return 0
  }
}

/** Reads `words` structs of 12 bytes; undefined when the bytes are too few. */
export const unpackUserCap = (bytes: Uint8Array, words: number): UserCap | undefined => {
  if (bytes.length < words * 12) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = (at: number, index: number) => (index < words ? view.getInt32(index * 12 + at, true) : 0)
  return {
    effective: new CapSet(word(0, 0), word(0, 1)),
    permitted: new CapSet(word(4, 0), word(4, 1)),
    inheritable: new CapSet(word(8, 0), word(8, 1)),
  }
}

/** Writes `words` structs; with one, capabilities above 31 are left out. */
export const packUserCap = (cap: UserCap, words: number): Uint8Array => {
  const bytes = new Uint8Array(words * 12)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < words && index < 2; index++) {
    const half = index === 0 ? 'lo' : 'hi'
    view.setInt32(index * 12, cap.effective[half], true)
    view.setInt32(index * 12 + 4, cap.permitted[half], true)
    view.setInt32(index * 12 + 8, cap.inheritable[half], true)
  }
  return bytes
}
