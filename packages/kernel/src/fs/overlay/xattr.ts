/**
 * Extended attributes of an overlay: the real file's, without the overlay's own. One that is called as those are has
 * another `overlay.` in the layer, so that an overlay can lie on an overlay (fs/overlayfs/xattrs.c).
 */
import {
  CAP_SYS_ADMIN, EOPNOTSUPP, XATTR_NAME_MAX, XATTR_TRUSTED_PREFIX,
} from '@lsmkit/abi'
import { ns_capable_noaudit } from '@lsmkit/core'
import type { Dentry, Inode } from '@lsmkit/core'
import type { XattrHandler } from '../../state/vfs/driver.ts'
import type { Machine } from '../../machine.ts'
import { byteLength } from '../../state/vfs/names.ts'
import { isPrivateXattr } from './copy-data.ts'
import type { CopyUps } from './copy-up.ts'
import { copyattr } from './inodes.ts'
import { inodeRealPath, lowerPath, ovlFs, realOf, upperOf } from './node.ts'
import type { RealOperations } from './real.ts'

const ESCAPE = 'overlay.'

export const overlayXattrs = (
  { vfs, lsm, current, init_user_ns }: Machine,
  { asMounter, getxattr, setxattr, removexattr, wantWrite }: RealOperations,
  { copyUpFor }: CopyUps,
) => {
  const get = (inode: Inode, name: string): Uint8Array | number =>
    asMounter(inode.i_sb, () => getxattr(inodeRealPath(inode), name))

  /** A lower file is copied up for it, unless what is to be removed is not there. */
  const set = (dentry: Dentry, name: string, value: Uint8Array | null, flags: number): number => {
    const ofs = ovlFs(dentry.d_sb)
    if (upperOf(dentry) === null) {
      const there = value !== null ? 0 : asMounter(dentry.d_sb, () => getxattr(lowerPath(dentry), name))
      if (typeof there === 'number' && there < 0) return there
      const rc = copyUpFor(dentry)
      if (rc !== 0) return rc
    }
    let rc = wantWrite(dentry.d_sb)
    if (rc !== 0) return rc
    const upper = upperOf(dentry) as Dentry
    rc = asMounter(dentry.d_sb, () =>
      value === null ? removexattr(ofs, upper, name) : setxattr(ofs, upper, name, value, flags))
    copyattr(dentry.d_inode as Inode)
    return rc
  }

  const escaping = (prefix: string): XattrHandler => {
    const escaped = (name: string): string | number => {
      const full = `${prefix}${ESCAPE}${name}`
      return byteLength(full) > XATTR_NAME_MAX ? -EOPNOTSUPP : full
    }
    return {
      prefix,
      get(inode, name) {
        const full = escaped(name)
        return typeof full === 'number' ? full : get(inode, full)
      },
      set(_inode, name, value, flags, dentry) {
        const full = escaped(name)
        return typeof full === 'number' ? full : set(dentry, full, value, flags)
      },
    }
  }
  const all: XattrHandler = {
    prefix: '',
    get,
    set: (_inode, name, value, flags, dentry) => set(dentry, name, value, flags),
  }

  const handlers = { trusted: [escaping('trusted.overlay.'), all], user: [escaping('user.overlay.'), all] } as const

  const listxattr = (dentry: Dentry): readonly string[] | number => {
    const ofs = ovlFs(dentry.d_sb)
    const names = asMounter(dentry.d_sb, () => vfs.vfs_listxattr(realOf(dentry)))
    if (typeof names === 'number') return names
    const own = ofs.config.userxattr ? 'user.overlay.' : 'trusted.overlay.'
    const shown = names.filter((name) => {
      if (isPrivateXattr(ofs, name)) return false
      if (!name.startsWith(XATTR_TRUSTED_PREFIX)) return true
      return ns_capable_noaudit(lsm, current, init_user_ns, CAP_SYS_ADMIN)
    })
    return shown.map((name) => (name.startsWith(own + ESCAPE) ? own + name.slice(own.length + ESCAPE.length) : name))
  }

  return { handlers, listxattr }
}
