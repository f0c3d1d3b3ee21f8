/**
 * `security_inode_init_security`: the attributes a new inode gets, collected from every LSM and handed over at
 * once.
 */
import { EOPNOTSUPP, S_PRIVATE } from '@lsmkit/abi'
import type { InitXattrs, Inode, Qstr, Xattr, XattrSlots } from '../objects/fs.ts'
import type { Ref } from '../objects/ref.ts'
import type { Shape } from './shape.ts'

/**
 * `lsm_get_xattr_slot`, for LSMs that answer inode_init_security: the entry to fill in, or null when the caller keeps
 * no attributes. `name` is without its `security.` prefix.
 */
const EMPTY = new Uint8Array()
export const lsm_get_xattr_slot = (xattrs: XattrSlots | null, xattr_count: Ref<number>): Xattr | null => {
  if (xattrs === null) return null
  const slot = { name: '', value: EMPTY }
  xattrs.push(slot)
  xattr_count.value = xattrs.length
  return slot
}

/**
 * Nobody reserved a slot, or the inode is private: nobody is asked. Without a callback LSMs get no array, and only
 * their refusals matter. With nothing collected the last LSM's value is the answer.
 */
const inode_init_security: Shape = {
  walk: (members, { env }) => (
    inode: Inode,
    dir: Inode,
    qstr: Qstr | null,
    initxattrs: InitXattrs | null,
    fs_data: unknown,
  ): number => {
    if ((inode.i_flags & S_PRIVATE) !== 0 || env.xattr_count === 0) return 0
    const xattrs: XattrSlots | null = initxattrs === null ? null : []
    let rc = -EOPNOTSUPP
    const asked = members()
    for (let i = 0; i < asked.length; i++) {
      rc = asked[i]!.fn(inode, dir, qstr, xattrs, { value: xattrs?.length ?? 0 })
      if (rc !== 0 && rc !== -EOPNOTSUPP) return rc
    }
    if (xattrs !== null && xattrs.length > 0) rc = initxattrs!(inode, xattrs, fs_data)
    return rc === -EOPNOTSUPP ? 0 : rc
  },
  idle: () => 0,
}

export const initShapes: Readonly<Record<string, Shape>> = { inode_init_security }
