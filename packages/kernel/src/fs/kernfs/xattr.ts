/** Extended attributes of kernfs nodes (fs/kernfs/inode.c). */
import {
  EEXIST, ENODATA, ENOMEM, ENOSPC, EOPNOTSUPP, XATTR_CREATE, XATTR_REPLACE, XATTR_SECURITY_PREFIX,
  XATTR_TRUSTED_PREFIX, XATTR_USER_PREFIX,
} from '@lsmkit/abi'
import { COST } from '../../state/memory-costs.ts'
import { is_empty_dir_inode } from '../../vfs/empty-dir.ts'
import type { XattrHandler } from '../../state/vfs/driver.ts'
import { kernfsNode } from './file.ts'
import type { KernfsNode } from '../../state/kernfs/node.ts'

const MAX_USER_XATTRS = 128
const USER_XATTR_SIZE_LIMIT = 128 << 10

const setXattr = (kn: KernfsNode, name: string, value: Uint8Array | null, flags: number): number => {
  const before = kn.xattr(name)
  const isThere = before !== undefined
  if (isThere && (flags & XATTR_CREATE) !== 0) return -EEXIST
  if (!isThere && (flags & XATTR_REPLACE) !== 0) return -ENODATA
  const space = (of: Uint8Array | null | undefined): number => (of ? COST.xattr + 2 * name.length + of.length : 0)
  if (!kn.charge(space(value) - space(before))) return -ENOMEM
  if (value === null) kn.xattrs.delete(name)
  else kn.xattrs.set(name, value)
  return 0
}

/** As `kernfs_vfs_user_xattr_add`: counts the new value and the old one. */
const hasUserRoom = (kn: KernfsNode, value: Uint8Array): boolean => {
  let count = 1
  let size = value.length
  for (const [name, { length }] of kn.xattrs) {
    if (!name.startsWith(XATTR_USER_PREFIX)) continue
    count++
    size += length
  }
  return count <= MAX_USER_XATTRS && size <= USER_XATTR_SIZE_LIMIT
}

const handler = (prefix: string): XattrHandler => ({
  prefix,
  get: (inode, name) =>
    is_empty_dir_inode(inode) ? -EOPNOTSUPP : (kernfsNode(inode).xattr(prefix + name) ?? -ENODATA),
  set(inode, name, value, flags) {
    if (is_empty_dir_inode(inode)) return -EOPNOTSUPP
    const kn = kernfsNode(inode)
    if (prefix === XATTR_USER_PREFIX) {
      if (kn.root.rules.user_xattr !== true) return -EOPNOTSUPP
      if (value !== null && !hasUserRoom(kn, value)) return -ENOSPC
    }
    return setXattr(kn, prefix + name, value, flags)
  },
})

export const s_xattr: readonly XattrHandler[] =
  [XATTR_TRUSTED_PREFIX, XATTR_SECURITY_PREFIX, XATTR_USER_PREFIX].map(handler)
