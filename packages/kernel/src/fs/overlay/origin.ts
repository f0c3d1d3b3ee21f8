/**
 * Where a file was copied up from: a file handle of the real inode, kept in an attribute
 * (fs/overlayfs/copy_up.c, namei.c).
 */
import { CAP_DAC_READ_SEARCH, EINVAL, EIO, ENODATA, EOPNOTSUPP, EPERM, ESTALE, S_IFMT } from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Dentry, Inode, SuperBlock, VfsMount } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { is_subdir } from '../../vfs/dcache.ts'
import { decodeHandle, encodeHandle, MAX_HANDLE_SZ } from '../../vfs/file-handles.ts'
import type { FileHandle } from '../../vfs/file-handles.ts'
import { inodeState, superState } from '../../state/vfs/state.ts'
import { isDirDentry } from './node.ts'
import type { OvlFs, OvlPath } from './node.ts'
import type { OvlXattr } from './real.ts'
import { checkSetOwn, upperPlace, getOwn, isWhiteout, setOwn, upperMnt } from './real.ts'

// struct ovl_fb
const FH_MAGIC = 0xfb
const FH_FLAG_BIG_ENDIAN = 1
const FH_FLAG_ANY_ENDIAN = 2
const FH_FLAG_PATH_UPPER = 4
const FH_FLAGS = FH_FLAG_BIG_ENDIAN | FH_FLAG_ANY_ENDIAN | FH_FLAG_PATH_UPPER
const UUID_AT = 5
const UUID_SIZE = 16
/** Bytes before the handle of the file system. */
export const FH_HEADER = UUID_AT + UUID_SIZE

const NO_UUID = new Uint8Array(UUID_SIZE)
export const isNullUuid = (uuid: Uint8Array): boolean => uuid.every((byte) => byte === 0)
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])
export const uuidOf = (sb: SuperBlock): Uint8Array => superState(sb).s_op.uuid?.(sb) ?? NO_UUID

/** 0 for a handle, -ENODATA for one of a newer kernel or another machine, -EINVAL for something else. */
export const checkHandle = (fh: Uint8Array): number => {
  if (fh.length < FH_HEADER || fh.length < (fh[2] as number) || fh[1] !== FH_MAGIC) return -EINVAL
  const flags = fh[3] as number
  if ((fh[0] as number) > 0 || (flags & ~FH_FLAGS) !== 0) return -ENODATA
  return (flags & FH_FLAG_ANY_ENDIAN) === 0 && (flags & FH_FLAG_BIG_ENDIAN) !== 0 ? -ENODATA : 0
}

/** Whether inodes of this file system can be found again by handles; the caller needs a capability for that. */
export const canDecode = (machine: Machine, sb: SuperBlock): boolean =>
  capable(machine.lsm, machine.current, CAP_DAC_READ_SEARCH) && superState(sb).s_op.exports

export const encodeReal = (ofs: OvlFs, inode: Inode, isUpper: boolean): Uint8Array | number => {
  const handle: FileHandle = { handle_bytes: MAX_HANDLE_SZ, handle_type: 0, f_handle: new Uint8Array() }
  if (encodeHandle(inode, handle, MAX_HANDLE_SZ) !== 0) return -EIO
  const fh = new Uint8Array(FH_HEADER + handle.handle_bytes)
  fh.set([0, FH_MAGIC, fh.length, isUpper ? FH_FLAG_PATH_UPPER : 0, handle.handle_type])
  if (ofs.config.uuid !== 'off') fh.set(uuidOf(inode.i_sb), UUID_AT)
  fh.set(handle.f_handle, FH_HEADER)
  return fh
}

/** The handle of a file that is copied up; empty if its file system has no handles, so that the origin is unknown. */
export const originHandle = (machine: Machine, ofs: OvlFs, origin: Dentry): Uint8Array | number => {
  if (!ofs.config.index && !canDecode(machine, origin.d_sb)) return new Uint8Array()
  return encodeReal(ofs, origin.d_inode as Inode, false)
}

/** Links and devices have no origin if the overlay uses user.* attributes, which cannot be set on them. */
export const setOrigin = (machine: Machine, ofs: OvlFs, fh: Uint8Array, upper: Dentry): number => {
  const rc = checkSetOwn(machine, ofs, upper, 'origin', fh, 0)
  return rc === -EPERM ? 0 : rc
}

/** The handle in an attribute; null if there is no usable one. */
export const getHandle = (machine: Machine, ofs: OvlFs, upper: Dentry, name: OvlXattr): Uint8Array | null => {
  const path = upperPlace(ofs, upper)
  // the kernel asks for the size first
  const probe = getOwn(machine, ofs, path, name)
  if (typeof probe === 'number' || probe.length === 0) return null
  const fh = getOwn(machine, ofs, path, name)
  return typeof fh === 'number' || checkHandle(fh) !== 0 ? null : fh
}

export const hasOriginXattr = (machine: Machine, ofs: OvlFs, upper: Dentry): boolean =>
  typeof getOwn(machine, ofs, upperPlace(ofs, upper), 'origin') !== 'number'

/** The real name behind a handle on `mnt`; null: not there, -errno: of an upper one that is gone. */
export const decodeReal = (
  machine: Machine, ofs: OvlFs, fh: Uint8Array, mnt: VfsMount, connected: boolean,
): Dentry | number | null => {
  if (!capable(machine.lsm, machine.current, CAP_DAC_READ_SEARCH)) return null
  const expected = ofs.config.uuid === 'off' ? NO_UUID : uuidOf(mnt.mnt_sb)
  if (!sameBytes(fh.subarray(UUID_AT, FH_HEADER), expected)) return null
  const f_handle = fh.slice(FH_HEADER, fh[2])
  const handle = { handle_bytes: f_handle.length, handle_type: fh[4] as number, f_handle }
  const found = decodeHandle(mnt.mnt_sb, handle)
  const isGone = typeof found !== 'number' && inodeState(found.d_inode as Inode).aliases === 0
  if (typeof found === 'number' || isGone) {
    const rc = typeof found === 'number' ? found : -ESTALE
    return rc === -ESTALE && ((fh[3] as number) & FH_FLAG_PATH_UPPER) === 0 ? null : rc
  }
  return connected && isDirDentry(found) && !is_subdir(found, mnt.mnt_root) ? null : found
}

/** The lower file that a handle names; -ESTALE when no layer knows it. */
export const decodeOrigin = (
  machine: Machine, ofs: OvlFs, fh: Uint8Array, connected: boolean, upper: Dentry | null,
): OvlPath | number => {
  for (const layer of ofs.lower.slice(0, ofs.numlowerlayer)) {
    if (layer.fsid !== 0 && ofs.fs[layer.fsid]?.bad_uuid === true) continue
    const dentry = decodeReal(machine, ofs, fh, layer.mnt, connected)
    if (dentry === null) continue
    if (typeof dentry === 'number') return dentry
    if (upper !== null && !isWhiteout(machine, ofs, upperPlace(ofs, upper))) {
      const [a, b] = [upper.d_inode as Inode, dentry.d_inode as Inode]
      if (((a.i_mode ^ b.i_mode) & S_IFMT) !== 0) return -ESTALE
    }
    return { layer, dentry }
  }
  return -ESTALE
}

/** Where `upper` was copied up from; null: from nowhere, or that is gone. */
export const originOf = (machine: Machine, ofs: OvlFs, upper: Dentry): OvlPath | number | null => {
  const fh = getHandle(machine, ofs, upper, 'origin')
  if (fh === null) return null
  const origin = decodeOrigin(machine, ofs, fh, false, upper)
  return origin === -ESTALE ? null : origin
}

/** 0 if the attribute has this handle, -ENODATA if it has no handle, -ESTALE for another one. */
export const verifyHandle = (machine: Machine, ofs: OvlFs, dentry: Dentry, name: OvlXattr, fh: Uint8Array): number => {
  const stored = getHandle(machine, ofs, dentry, name)
  return stored === null ? -ENODATA : sameBytes(stored, fh) ? 0 : -ESTALE
}

export const verifyOrSet = (
  machine: Machine, ofs: OvlFs, dentry: Dentry, name: OvlXattr, fh: Uint8Array, set: boolean,
): number => {
  const rc = verifyHandle(machine, ofs, dentry, name, fh)
  return set && rc === -ENODATA ? setOwn(machine, ofs, dentry, name, fh) : rc
}

/** As verifyOrSet, of a real file. */
export const verifyReal = (
  machine: Machine, ofs: OvlFs, dentry: Dentry, name: OvlXattr, real: Dentry, isUpper: boolean, set: boolean,
): number => {
  const fh = encodeReal(ofs, real.d_inode as Inode, isUpper)
  return typeof fh === 'number' ? fh : verifyOrSet(machine, ofs, dentry, name, fh, set)
}

/** The upper directory that an entry of the index stands for; null if it stores none. */
export const indexUpper = (machine: Machine, ofs: OvlFs, index: Dentry): Dentry | number | null => {
  if (!isDirDentry(index)) return index
  const fh = getHandle(machine, ofs, index, 'upper')
  if (fh === null) return null
  const upper = decodeReal(machine, ofs, fh, upperMnt(ofs), true)
  if (upper === null) return -ESTALE
  return typeof upper !== 'number' && !isDirDentry(upper) ? -EIO : upper
}

/** A size other than the digest's, or a version of tomorrow, is -EIO; 0: no such attribute; else its length. */
export const metacopyOf = (machine: Machine, ofs: OvlFs, path: { mnt: VfsMount; dentry: Dentry }): number => {
  const value = getOwn(machine, ofs, path, 'metacopy')
  if (typeof value === 'number') return value === -ENODATA || value === -EOPNOTSUPP ? 0 : value
  if (value.length === 0) return METACOPY_MIN
  return value.length < METACOPY_MIN ? -EIO : value.length
}
/** Bytes of `struct ovl_metacopy` without a digest. */
export const METACOPY_MIN = 4
