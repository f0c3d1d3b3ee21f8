/** Extended attributes of tmpfs, which take of the room for inodes (mm/shmem.c). */
import {
  EEXIST, ENODATA, ENOMEM, ENOSPC, XATTR_CREATE, XATTR_REPLACE, XATTR_SECURITY_PREFIX, XATTR_TRUSTED_PREFIX,
  XATTR_USER_PREFIX,
} from '@lsmkit/abi'
import type { Inode, InitXattrs } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { byteLength } from '../../state/vfs/names.ts'
import { inodeState } from '../../state/vfs/state.ts'
import type { XattrHandler } from '../../state/vfs/driver.ts'
import { labelName, tmpfsNode, tmpfsSuper, xattrMemory, xattrSpace } from './node.ts'
import { SimpleXattrs } from './simple-xattrs.ts'

/** As `shmem_xattr_handler_set`: takes room for the new value before it gives back that of the old one. */
const setStoredXattr = (inode: Inode, name: string, value: Uint8Array | null, flags: number): number => {
  const node = tmpfsNode(inode)
  const fs = tmpfsSuper(inode.i_sb)
  const before = node.xattrs?.get(name) ?? null
  const nameBytes = byteLength(name)
  const space = value === null ? 0 : xattrSpace(nameBytes, value)
  const memory = (value === null ? 0 : xattrMemory(name, value)) - (before === null ? 0 : xattrMemory(name, before))
  if (!fs.reserve(space)) return -ENOSPC
  const refused =
    before !== null && (flags & XATTR_CREATE) !== 0 ? -EEXIST
      : before === null && (flags & XATTR_REPLACE) !== 0 ? -ENODATA
        : inodeState(inode).charge(memory) ? 0 : -ENOMEM
  if (refused !== 0) {
    fs.used_ispace -= space
    return refused
  }
  const freed = before === null ? 0 : xattrSpace(nameBytes, before)
  fs.used_ispace -= freed
  const xattrs = (node.xattrs ??= new SimpleXattrs())
  xattrs.space += space - freed
  if (value === null) xattrs.delete(name)
  else xattrs.set(name, value)
  return 0
}

export const tmpfsXattrs = (machine: Machine): readonly XattrHandler[] =>
  [XATTR_SECURITY_PREFIX, XATTR_TRUSTED_PREFIX, XATTR_USER_PREFIX].map((prefix) => ({
    prefix,
    get: (inode, name) => tmpfsNode(inode).xattrs?.get(prefix + name) ?? -ENODATA,
    set(inode, name, value, flags) {
      const rc = setStoredXattr(inode, prefix + name, value, flags)
      if (rc === 0) machine.vfs.touchChanged(inode)
      return rc
    },
  }))

/** As `shmem_initxattrs`: stores the attributes that LSMs give a new inode. */
export const shmem_initxattrs: InitXattrs = (inode, xattrs) => {
  const node = tmpfsNode(inode)
  const fs = tmpfsSuper(inode.i_sb)
  const kept = (node.xattrs ??= new SimpleXattrs())
  for (let i = 0; i < xattrs.length; i++) {
    const { name: suffix, value } = xattrs[i]!
    const { name, bytes } = labelName(suffix)
    const space = xattrSpace(bytes, value)
    if (!fs.reserve(space)) return -ENOSPC
    kept.space += space
    // the charge of the inode includes its labels, so this cannot fail
    inodeState(inode).force(xattrMemory(name, value))
    kept.set(name, value)
  }
  return 0
}
