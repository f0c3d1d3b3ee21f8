/**
 * Extended attributes of an overlay: the real file's, without the overlay's own. One that is called as those are has
 * another `overlay.` in the layer, so that an overlay can lie on an overlay (fs/overlayfs/xattrs.c).
 */
import { CAP_SYS_ADMIN, EOPNOTSUPP, XATTR_NAME_MAX, XATTR_TRUSTED_PREFIX } from '@lsmkit/abi'
import { ns_capable_noaudit } from '@lsmkit/core'
import type { Dentry, Inode } from '@lsmkit/core'
import type { XattrHandler } from '../../state/vfs/driver.ts'
import type { Machine } from '../../machine.ts'
import { byteLength } from '../../state/vfs/names.ts'
import { isPrivateXattr } from './copy-data.ts'
import { copyattr } from './inodes.ts'
import { inodeRealPath, lowerPath, ovlFs, realOf, upperOf } from './node.ts'
import { asMounter, getRealXattr, wantWrite, removeRealXattr, setRealXattr } from './real.ts'
import { copyUpFor } from './copy-up.ts'
import type { OverlayXattrs } from '../../state/overlay/table.ts'

const ESCAPE = 'overlay.'

const getXattr = (machine: Machine, inode: Inode, name: string): Uint8Array | number =>
  asMounter(machine, inode.i_sb, () => getRealXattr(machine, inodeRealPath(inode), name))

/** Copies a lower file up first, unless the attribute to be removed does not exist. */
const setXattr = (machine: Machine, dentry: Dentry, name: string, value: Uint8Array | null, flags: number): number => {
  const ofs = ovlFs(dentry.d_sb)
  if (upperOf(dentry) === null) {
    const there = value !== null ? 0 : asMounter(machine, dentry.d_sb, () =>
      getRealXattr(machine, lowerPath(dentry), name))
    if (typeof there === 'number' && there < 0) return there
    const rc = copyUpFor(machine, dentry)
    if (rc !== 0) return rc
  }
  let rc = wantWrite(dentry.d_sb)
  if (rc !== 0) return rc
  const upper = upperOf(dentry) as Dentry
  rc = asMounter(machine, dentry.d_sb, () =>
    value === null ? removeRealXattr(machine, ofs, upper, name) : setRealXattr(machine, ofs, upper, name, value, flags))
  copyattr(dentry.d_inode as Inode)
  return rc
}

const escaping = (machine: Machine, prefix: string): XattrHandler => {
  const escaped = (name: string): string | number => {
    const full = `${prefix}${ESCAPE}${name}`
    return byteLength(full) > XATTR_NAME_MAX ? -EOPNOTSUPP : full
  }
  return {
    prefix,
    get(inode, name) {
      const full = escaped(name)
      return typeof full === 'number' ? full : getXattr(machine, inode, full)
    },
    set(_inode, name, value, flags, dentry) {
      const full = escaped(name)
      return typeof full === 'number' ? full : setXattr(machine, dentry, full, value, flags)
    },
  }
}

const unescaped = (machine: Machine): XattrHandler => ({
  prefix: '',
  get: (inode, name) => getXattr(machine, inode, name),
  set: (_inode, name, value, flags, dentry) => setXattr(machine, dentry, name, value, flags),
})

export const overlayXattrHandlers = (machine: Machine): OverlayXattrs => ({
  trusted: [escaping(machine, 'trusted.overlay.'), unescaped(machine)],
  user: [escaping(machine, 'user.overlay.'), unescaped(machine)],
})

export const listxattr = (machine: Machine, dentry: Dentry): readonly string[] | number => {
  const ofs = ovlFs(dentry.d_sb)
  const names = asMounter(machine, dentry.d_sb, () => machine.vfs.vfs_listxattr(realOf(dentry)))
  if (typeof names === 'number') return names
  const own = ofs.config.userxattr ? 'user.overlay.' : 'trusted.overlay.'
  const shown = names.filter((name) => {
    if (isPrivateXattr(ofs, name)) return false
    if (!name.startsWith(XATTR_TRUSTED_PREFIX)) return true
    return ns_capable_noaudit(machine.lsm, machine.current, machine.init_user_ns, CAP_SYS_ADMIN)
  })
  return shown.map((name) => (name.startsWith(own + ESCAPE) ? own + name.slice(own.length + ESCAPE.length) : name))
}
