/** origin: a file keeps the name of the program that made it, in an attribute, and opens for that program alone. */
import { EACCES, EOPNOTSUPP } from '@lsmkit/abi'
import { defineBlob, defineLsm, lsm_get_xattr_slot } from '@lsmkit/core'
import type { Inode } from '@lsmkit/core'

const ATTRIBUTE = 'security.origin'

export const origin = () => {
  // State on every inode of this stack. '' has no origin, and opens for everybody.
  const label = defineBlob((_inode: Inode) => ({ madeBy: '' }))
  return defineLsm({
    name: 'origin',
    abi: '1.0',
    blobs: { inode: label },
    xattrs: 1,
    hooks: ({ current, audit, host }) => ({
      // A file came into the cache: its label is read back from the disk.
      d_instantiate(_dentry, inode) {
        if (inode === null || label(inode).madeBy !== '') return
        const value = host.__vfs_getxattr(inode, ATTRIBUTE)
        if (typeof value !== 'number') label(inode).madeBy = new TextDecoder().decode(value)
      },
      // A file is made: the file system writes the attribute together with it.
      inode_init_security(inode, _dir, _name, xattrs, count) {
        const { comm, cred } = current.task
        const slot = cred.euid === 0 ? null : lsm_get_xattr_slot(xattrs, count)
        if (slot === null) return -EOPNOTSUPP
        label(inode).madeBy = comm
        slot.name = 'origin'
        slot.value = new TextEncoder().encode(comm)
        return 0
      },
      file_open(file) {
        const { madeBy } = label(file.f_inode)
        return madeBy === '' || madeBy === current.task.comm ? 0 : audit.deny(-EACCES, `it belongs to ${madeBy}`)
      },
    }),
  })
}
