/** `security.capability` across namespaces: what a writer's bytes become on disk, and what a reader is shown. */
import {
  CAP_SETFCAP, EINVAL, EOVERFLOW, EPERM, packVfsCap, unpackVfsCap, VFS_CAP_FLAGS_EFFECTIVE, VFS_CAP_REVISION_2,
  VFS_CAP_REVISION_3, XATTR_CAPS_SZ_1, XATTR_CAPS_SZ_2, XATTR_CAPS_SZ_3,
} from '@lsmkit/abi'
import type { VfsCap } from '@lsmkit/abi'
import type { Current } from '../current.ts'
import type { UserNamespace } from '../objects/cred.ts'
import { nop_mnt_idmap } from '../objects/fs.ts'
import type { Inode, MntIdmap } from '../objects/fs.ts'
import { rootid_owns_currentns } from './file-caps.ts'
import { from_vfsuid, make_vfsuid } from './idmap.ts'
import { capable_wrt_inode_uidgid, ns_capable } from './ns-capable.ts'
import type { CapableHook } from './ns-capable.ts'
import { from_kuid, INVALID_UID, make_kuid, uid_valid } from './user-ns.ts'

/** As `validheader`: revision 2 or 3 in its own size and no flag but the effective bit. Revision 1 is history. */
export const readNsCap = (value: Uint8Array): VfsCap | undefined => {
  if (value.length === XATTR_CAPS_SZ_1) return undefined
  const cap = unpackVfsCap(value)
  if (cap === undefined) return undefined
  const revision = (cap.magic_etc & ~VFS_CAP_FLAGS_EFFECTIVE) >>> 0
  return revision === VFS_CAP_REVISION_2 || revision === VFS_CAP_REVISION_3 ? cap : undefined
}

const rewrite = (cap: VfsCap, revision: number, rootid: number): Uint8Array =>
  packVfsCap({ ...cap, magic_etc: revision | (cap.magic_etc & VFS_CAP_FLAGS_EFFECTIVE), rootid })!

/**
 * As `cap_convert_nscap`, for `setxattr` of `security.capability` with a value that is not empty: the bytes to store,
 * or -EINVAL for a bad header or a root id that means nothing here, -EPERM without CAP_SETFCAP over the inode.
 */
export const cap_convert_nscap = (
  lsm: CapableHook,
  current: Current,
  idmap: MntIdmap,
  inode: Inode,
  value: Uint8Array,
): Uint8Array | number => {
  const cap = readNsCap(value)
  if (cap === undefined) return -EINVAL
  if (!capable_wrt_inode_uidgid(lsm, current, idmap, inode, CAP_SETFCAP)) return -EPERM
  const fs_ns = inode.i_sb.s_user_ns
  if (value.length === XATTR_CAPS_SZ_2 && idmap === nop_mnt_idmap && ns_capable(lsm, current, fs_ns, CAP_SETFCAP))
    return value
  const vfsroot = make_kuid(current.task.cred.user_ns, value.length === XATTR_CAPS_SZ_3 ? cap.rootid : 0)
  if (!uid_valid(vfsroot)) return -EINVAL
  const kroot = from_vfsuid(idmap, fs_ns, vfsroot)
  if (!uid_valid(kroot)) return -EINVAL
  const rootid = from_kuid(fs_ns, kroot)
  return rootid === INVALID_UID ? -EINVAL : rewrite(cap, VFS_CAP_REVISION_3, rootid)
}

/**
 * The translation inside `cap_inode_getsecurity`: what a reader in `ns` is shown of the stored bytes. Includes the root
 * id if it has a name other than 0 there (revision 3), but not for uid 0 of `ns` or of one above it (revision 2);
 * -EOVERFLOW for any other, -EINVAL for a bad header.
 */
export const presentNsCap = (
  idmap: MntIdmap,
  fs_ns: UserNamespace,
  value: Uint8Array,
  ns: UserNamespace,
): Uint8Array | number => {
  const cap = readNsCap(value)
  if (cap === undefined) return -EINVAL
  const vfsroot = make_vfsuid(idmap, fs_ns, make_kuid(fs_ns, cap.rootid))
  const mapped = uid_valid(vfsroot) ? from_kuid(ns, vfsroot) : INVALID_UID
  if (mapped !== INVALID_UID && mapped !== 0) return rewrite(cap, VFS_CAP_REVISION_3, mapped)
  return rootid_owns_currentns(ns, vfsroot) ? rewrite(cap, VFS_CAP_REVISION_2, 0) : -EOVERFLOW
}
