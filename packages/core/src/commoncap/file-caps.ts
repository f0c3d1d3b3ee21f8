/** Capabilities of a file as execve sees them: the bytes of `security.capability` judged and turned into sets. */
import {
  CAP_FULL_SET, capIntersect, EINVAL, ENODATA, EOPNOTSUPP, ERANGE, unpackVfsCap, VFS_CAP_REVISION_3,
  VFS_CAP_REVISION_MASK, XATTR_CAPS_SZ,
} from '@lsmkit/abi'
import type { CapSet } from '@lsmkit/abi'
import type { UserNamespace } from '../objects/cred.ts'
import type { MntIdmap } from '../objects/fs.ts'
import { make_vfsuid } from './idmap.ts'
import { make_kuid, uid_valid } from './user-ns.ts'

/** `struct cpu_vfs_cap_data`. Sets hold known capabilities only; `rootid` is a kuid. */
export interface CpuVfsCapData {
  readonly magic_etc: number
  readonly permitted: CapSet
  readonly inheritable: CapSet
  readonly rootid: number
}

/** Whether `kroot` is uid 0 of `ns` or of a namespace above it. */
export const rootid_owns_currentns = (ns: UserNamespace, kroot: number): boolean => {
  if (!uid_valid(kroot)) return false
  for (let at: UserNamespace | null = ns; at !== null; at = at.parent) if (make_kuid(at, 0) === kroot) return true
  return false
}

/**
 * As `get_vfs_caps_from_disk`. `value` is what `__vfs_getxattr` answered of a file system that belongs to `fs_ns`; `ns`
 * is the reader's namespace.
 * -ENODATA for a file that has none, or none that counts here; -EINVAL for bytes of no known shape.
 */
export const get_vfs_caps_from_disk = (
  idmap: MntIdmap,
  fs_ns: UserNamespace,
  value: Uint8Array | number,
  ns: UserNamespace,
): CpuVfsCapData | number => {
  if (typeof value === 'number') return value === -ENODATA || value === -EOPNOTSUPP ? -ENODATA : value
  if (value.length > XATTR_CAPS_SZ) return -ERANGE
  const disk = unpackVfsCap(value)
  if (disk === undefined) return -EINVAL
  const version3 = (disk.magic_etc & VFS_CAP_REVISION_MASK) === VFS_CAP_REVISION_3
  const rootid = make_vfsuid(idmap, fs_ns, make_kuid(fs_ns, version3 ? disk.rootid : 0))
  if (!rootid_owns_currentns(ns, rootid)) return -ENODATA
  return {
    magic_etc: disk.magic_etc,
    permitted: capIntersect(disk.permitted, CAP_FULL_SET),
    inheritable: capIntersect(disk.inheritable, CAP_FULL_SET),
    rootid,
  }
}
