/**
 * Permission to change `security.*` attributes that no LSM has claimed. The framework calls these before the hooks
 * inode_setxattr and inode_removexattr, directly and not through a slot.
 */
import {
  CAP_SETFCAP, CAP_SYS_ADMIN, EINVAL, EPERM, XATTR_NAME_CAPS, XATTR_SECURITY_PREFIX,
} from '@lsmkit/abi'
import type { Current } from '../current.ts'
import type { Dentry, MntIdmap } from '../objects/fs.ts'
import { capable_wrt_inode_uidgid, ns_capable } from './ns-capable.ts'
import type { CapableHook } from './ns-capable.ts'

/** 0 or -EPERM. `security.capability` passes: `cap_convert_nscap` has judged it before the framework is reached. */
export const cap_inode_setxattr = (lsm: CapableHook, current: Current, dentry: Dentry, name: string): number => {
  if (!name.startsWith(XATTR_SECURITY_PREFIX) || name === XATTR_NAME_CAPS) return 0
  return ns_capable(lsm, current, dentry.d_sb.s_user_ns, CAP_SYS_ADMIN) ? 0 : -EPERM
}

/** 0, -EPERM, or -EINVAL for the capabilities of a name without an inode. */
export const cap_inode_removexattr = (
  lsm: CapableHook,
  current: Current,
  idmap: MntIdmap,
  dentry: Dentry,
  name: string,
): number => {
  if (!name.startsWith(XATTR_SECURITY_PREFIX)) return 0
  if (name === XATTR_NAME_CAPS) {
    if (dentry.d_inode === null) return -EINVAL
    return capable_wrt_inode_uidgid(lsm, current, idmap, dentry.d_inode, CAP_SETFCAP) ? 0 : -EPERM
  }
  return ns_capable(lsm, current, dentry.d_sb.s_user_ns, CAP_SYS_ADMIN) ? 0 : -EPERM
}
