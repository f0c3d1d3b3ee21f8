/** The operations of each kind of tmpfs inode. */
import type { Machine } from '../../machine.ts'
import { bound } from '../../state/bound.ts'
import { inodeOperations } from '../../state/vfs/driver.ts'
import { fileattr_get, fileattr_set, getattr, listxattr, set_acl, setattr, setFileAcl } from './attributes.ts'
import { byMknod } from './by-mknod.ts'
import type { Mknod } from './by-mknod.ts'
import { tmpfsFiles } from './file.ts'
import { TmpfsDriver } from './inodes.ts'
import type { TmpfsOperations } from './inodes.ts'
import { rename, rmdir, unlink } from './moves.ts'
import { link, lookup, mknod, symlink, tmpfile } from './names.ts'
import { simple_get_link } from '../../state/vfs/simple-link.ts'

const operationsOf = (own: TmpfsDriver): TmpfsOperations => {
  const { machine } = own
  const stored = bound(machine, { setattr, listxattr })
  const flags = { fileattr_get, ...bound(machine, { fileattr_set }) }
  const names = bound(own, { symlink, rename, tmpfile })
  const acls = bound(machine, { set_acl })
  // hot: a closure is quicker than a bound function
  const make: Mknod = (idmap, dir, dentry, mode, dev) => mknod(own, idmap, dir, dentry, mode, dev)
  return {
    file: inodeOperations({ getattr, ...stored, ...flags, ...bound(machine, { set_acl: setFileAcl }) }),
    link: inodeOperations({
      getattr, listxattr: stored.listxattr, get_link: simple_get_link,
    }),
    special: inodeOperations({ getattr, ...stored, ...acls }),
    dir: inodeOperations({
      lookup: (dir, dentry) => lookup(machine, dir, dentry),
      mknod: make,
      ...byMknod(make),
      ...names,
      ...bound(machine, { link, rmdir }),
      unlink: (dir, dentry) => unlink(machine, dir, dentry),
      getattr, ...stored, ...flags, ...acls,
    }),
    file_fops: tmpfsFiles(machine),
  }
}

export const tmpfsDriver = (machine: Machine): TmpfsDriver => new TmpfsDriver(machine, operationsOf)
