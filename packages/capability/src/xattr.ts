/** The hooks on `security.capability`: what a write takes away, and what a reader is shown. */
import { EOPNOTSUPP, XATTR_CAPS_SUFFIX, XATTR_NAME_CAPS } from '@lsmkit/abi'
import { presentNsCap } from '@lsmkit/core'
import type { Dentry, HookGroup, LsmContext, MntIdmap } from '@lsmkit/core'

export const xattrHooks = (ctx: LsmContext): HookGroup => ({
  /** 1 when the file has the attribute: a change of its contents or owner takes it away. */
  inode_need_killpriv(dentry: Dentry): number {
    if (dentry.d_inode === null) return 0
    const value = ctx.host.__vfs_getxattr(dentry.d_inode, XATTR_NAME_CAPS)
    return typeof value !== 'number' && value.length > 0 ? 1 : 0
  },

  /** Asks nobody. */
  inode_killpriv(idmap: MntIdmap, dentry: Dentry): number {
    const rc = ctx.host.__vfs_removexattr(idmap, dentry, XATTR_NAME_CAPS)
    return rc === -EOPNOTSUPP ? 0 : rc
  },

  /** Answers for `capability` alone: the size, and the bytes in `buffer` when they are wanted. */
  inode_getsecurity(idmap, inode, name, buffer, alloc) {
    if (name !== XATTR_CAPS_SUFFIX) return -EOPNOTSUPP
    const stored = ctx.host.__vfs_getxattr(inode, XATTR_NAME_CAPS)
    if (typeof stored === 'number') return stored
    const shown = presentNsCap(idmap, inode.i_sb.s_user_ns, stored, ctx.current.task.cred.user_ns)
    if (typeof shown === 'number') return shown
    if (alloc) buffer.value = shown
    return shown.length
  },
})
