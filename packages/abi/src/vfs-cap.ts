/** The bytes of `security.capability` (struct vfs_cap_data, revisions 1 to 3): layout only, no rule of validity. */
import { CapSet, type CapWords } from './cap-set.ts'
import {
  VFS_CAP_REVISION_1, VFS_CAP_REVISION_2, VFS_CAP_REVISION_3, VFS_CAP_REVISION_MASK, XATTR_CAPS_SZ_1, XATTR_CAPS_SZ_2,
  XATTR_CAPS_SZ_3,
} from './capability.ts'

export interface VfsCap {
  /** Revision (top byte) and flags, unsigned. */
  readonly magic_etc: number
  readonly permitted: CapWords
  readonly inheritable: CapWords
  /** User id that root of a name space had, on disk; revision 3 only, else 0. */
  readonly rootid: number
}

/** Bytes of a revision's struct (its `magic_etc & VFS_CAP_REVISION_MASK`); 0 for an unknown one. */
export const vfsCapSize = (revision: number): number => {
  switch (revision >>> 0) {
    case VFS_CAP_REVISION_1: return XATTR_CAPS_SZ_1
    case VFS_CAP_REVISION_2: return XATTR_CAPS_SZ_2
    case VFS_CAP_REVISION_3: return XATTR_CAPS_SZ_3
    default: return 0
  }
}

/** Reads a value of exactly its revision's size; undefined when size or revision does not fit. */
export const unpackVfsCap = (bytes: Uint8Array): VfsCap | undefined => {
  if (bytes.length < 4) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const magic_etc = view.getUint32(0, true)
  const size = vfsCapSize(magic_etc & VFS_CAP_REVISION_MASK)
  if (size === 0 || size !== bytes.length) return undefined
  const wide = size !== XATTR_CAPS_SZ_1
  return {
    magic_etc,
    permitted: new CapSet(view.getInt32(4, true), wide ? view.getInt32(12, true) : 0),
    inheritable: new CapSet(view.getInt32(8, true), wide ? view.getInt32(16, true) : 0),
    rootid: size === XATTR_CAPS_SZ_3 ? view.getUint32(20, true) : 0,
  }
}

/** Writes the struct of the revision in `magic_etc`; undefined for an unknown revision. */
export const packVfsCap = (cap: VfsCap): Uint8Array | undefined => {
  const size = vfsCapSize(cap.magic_etc & VFS_CAP_REVISION_MASK)
  if (size === 0) return undefined
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, cap.magic_etc, true)
  view.setInt32(4, cap.permitted.lo, true)
  view.setInt32(8, cap.inheritable.lo, true)
  if (size !== XATTR_CAPS_SZ_1) {
    view.setInt32(12, cap.permitted.hi, true)
    view.setInt32(16, cap.inheritable.hi, true)
  }
  if (size === XATTR_CAPS_SZ_3) view.setUint32(20, cap.rootid, true)
  return bytes
}
