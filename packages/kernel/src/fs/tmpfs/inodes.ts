/** Inodes of tmpfs: made, labelled, evicted, and what can be done with each kind (mm/shmem.c). */
import { ENOSPC, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { Dentry, Inode, KeyMap, MntIdmap, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { inodeState } from '../../state/vfs/state.ts'
import { inodeOperations } from '../../state/vfs/driver.ts'
import type { InodeOperations } from '../../state/vfs/driver.ts'
import { INHERITED, setFlags, tmpfsAttributes } from './attributes.ts'
import { BOGO_INODE_SIZE } from '../../state/ceiling.ts'
import { BOGO_DIRENT_SIZE, tmpfsDirs } from './dir.ts'
import { tmpfsFiles } from './file.ts'
import { tmpfsMoves } from './moves.ts'
import { tmpfsNames } from './names.ts'
import { TmpfsNode, tmpfsNode, tmpfsSuper } from './node.ts'
import { Pages } from './pages.ts'
import { shmem_initxattrs } from './xattrs.ts'

export const tmpfsInodes = (lsm: KeyMap, machine: Machine) => {
  const {
    dquot_alloc_inode, dquot_drop, dquot_free_inode, dquot_free_space, dquot_initialize, evictIfUnused,
    inode_init_owner, new_inode, special_fops,
  } = machine.vfs
  const fileOps = tmpfsFiles(machine)
  const { setattr, getattr, listxattr, fileattr_get, fileattr_set, set_acl, setFileAcl } = tmpfsAttributes(machine)

  /** As `shmem_get_inode`; -ENOSPC when no more fit or an LSM refused it. */
  const get_inode = (
    idmap: MntIdmap, sb: SuperBlock, dir: Inode | null, mode: number, dev: number,
  ): Inode | number => {
    const fs = tmpfsSuper(sb)
    if (!fs.reserve(BOGO_INODE_SIZE)) return -ENOSPC
    const now = machine.now()
    const type = mode & S_IFMT
    const node = new TmpfsNode(type === S_IFREG ? new Pages() : null, now.sec, now.nsec)
    const ops = type === S_IFREG ? fileInode : type === S_IFDIR ? dirInode : type === S_IFLNK ? linkInode : specialInode
    const fop = type === S_IFREG ? fileOps : type === S_IFDIR ? tmpfsDirs : special_fops(type)
    const inode = new_inode(sb, mode, ops, fop, node)
    if (inode === null) {
      fs.used_ispace -= BOGO_INODE_SIZE
      return -ENOSPC
    }
    inode_init_owner(idmap, inode, dir, mode)
    inode.i_rdev = dev
    const inherited = dir === null ? 0 : tmpfsNode(dir).fsflags & INHERITED
    if (inherited !== 0) setFlags(inode, inherited)
    if (type === S_IFDIR) {
      inode.i_nlink = 2
      inode.i_size = 2 * BOGO_DIRENT_SIZE
    }
    dquot_initialize(inode)
    const rc = dquot_alloc_inode(inode)
    if (rc === 0) return inode
    dquot_drop(inode)
    evictIfUnused(inode)
    return rc
  }

  /** Labels a new inode; when an LSM refuses, the inode is gone again. */
  const init_security = (inode: Inode, dir: Inode, dentry: Dentry | null): number => {
    const rc = lsm.inode_init_security.ask(inode, dir, dentry === null ? null : dentry.d_name, shmem_initxattrs, null)
    if (rc !== 0) evictIfUnused(inode)
    return rc
  }

  const evict_inode = (inode: Inode): void => {
    const { pages, xattrs } = tmpfsNode(inode)
    const fs = tmpfsSuper(inode.i_sb)
    fs.used_ispace -= BOGO_INODE_SIZE + (xattrs?.space ?? 0)
    fs.used_blocks -= pages?.count ?? 0
    dquot_free_space(inode, inode.i_blocks * 512)
    dquot_free_inode(inode)
    dquot_drop(inode)
    pages?.truncate(0)
  }

  const fileInode: InodeOperations = inodeOperations({
    setattr, getattr, listxattr, fileattr_get, fileattr_set, set_acl: setFileAcl,
  })
  const linkInode = inodeOperations({
    getattr,
    listxattr,
    get_link: (_dentry, inode) => inodeState(inode).rare?.i_link ?? '',
  })
  const specialInode = inodeOperations({ setattr, getattr, listxattr, set_acl })
  const names = tmpfsNames(machine, { get_inode, init_security })
  const dirInode = inodeOperations({
    ...names, ...tmpfsMoves(machine, names), setattr, getattr, listxattr, fileattr_get, fileattr_set, set_acl,
  })

  return { get_inode, evict_inode, init_security }
}

export type TmpfsInodes = ReturnType<typeof tmpfsInodes>
