/** `security.capability` as people write it: a text to the attribute's bytes and back, as setcap and getcap do. */
import {
  CAP_EMPTY_SET, capEqual, capFromHex, capIsEmpty, capUnion, packVfsCap, unpackVfsCap, VFS_CAP_FLAGS_EFFECTIVE,
  VFS_CAP_REVISION_2, VFS_CAP_REVISION_3, VFS_CAP_REVISION_MASK, VFS_CAP_REVISION_SHIFT,
} from '@lsmkit/abi'
import type { CapWords, VfsCap } from '@lsmkit/abi'
import { capFromText } from './cap-from-text.ts'
import { capToText } from './cap-to-text.ts'
import { CapsError } from './errors.ts'

/** The getcap form of one attribute. */
export interface FileCapsText {
  /** 1, 2 or 3. */
  readonly version: number
  readonly text: string
  /** User id of the root of the namespace the capabilities belong to; 0 before version 3. */
  readonly rootid: number
}

/**
 * The attribute's bytes: version 2, or 3 with a `rootid`. The effective bit is one for the whole file, so the text's
 * effective set has to be empty or all of what the file gives: CapsError `bad-attribute` otherwise, as `setcap` fails.
 */
export const fileCapsFromText = (text: string, rootid = 0): Uint8Array => {
  const { effective, permitted, inheritable } = capFromText(text)
  const all = !capIsEmpty(effective)
  if (all && !capEqual(effective, capUnion(permitted, inheritable))) {
    throw new CapsError('bad-attribute', 'only some of the capabilities are effective', 'effective',
      'a file has one effective bit for all it gives: add `e` everywhere or nowhere')
  }
  const magic = (rootid === 0 ? VFS_CAP_REVISION_2 : VFS_CAP_REVISION_3) | (all ? VFS_CAP_FLAGS_EFFECTIVE : 0)
  return packVfsCap({ magic_etc: magic, permitted, inheritable, rootid })!
}

/** Effective is shown for all that the file gives. Throws CapsError `bad-attribute` for bytes of no known shape. */
export const fileCapsToText = (bytes: Uint8Array): FileCapsText => {
  const cap = unpackVfsCap(bytes)
  if (cap === undefined) {
    throw new CapsError('bad-attribute', `${bytes.length} bytes are not a valid \`security.capability\``, 'attribute',
      'version 1 has 12 bytes, 2 has 20, 3 has 24, and the first four are the version')
  }
  return { version: versionOf(cap), text: textOf(cap), rootid: cap.rootid }
}

const versionOf = (cap: VfsCap): number => (cap.magic_etc & VFS_CAP_REVISION_MASK) >>> VFS_CAP_REVISION_SHIFT

const textOf = ({ magic_etc, permitted, inheritable }: VfsCap): string => {
  const effective = magic_etc & VFS_CAP_FLAGS_EFFECTIVE ? capUnion(permitted, inheritable) : CAP_EMPTY_SET
  return capToText({ effective, permitted, inheritable })
}

/** A mask as /proc/PID/status prints it: up to 16 hexadecimal digits, `0x` allowed. Throws CapsError `bad-mask`. */
export const capMask = (hex: string, place = 'mask'): CapWords => {
  const mask = capFromHex(hex.trim())
  if (mask !== undefined) return mask
  throw new CapsError('bad-mask', `\`${hex}\` is not a mask`, place, 'up to 16 hexadecimal digits')
}
