/** Inodes of tmpfs are made, labelled and evicted (mm/shmem.c). */
import { ENOSPC, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { Dentry, Inode, MntIdmap, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { InodeOperations, FileOperations } from '../../state/vfs/driver.ts'
import { INHERITED, setFlags } from './attributes.ts'
import { BOGO_INODE_SIZE } from '../../state/ceiling.ts'
import { BOGO_DIRENT_SIZE, tmpfsDirs } from './dir.ts'
import { TmpfsNode, tmpfsNode, tmpfsSuper } from './node.ts'
import { Pages } from './pages.ts'
import { shmem_initxattrs } from './xattrs.ts'

/** Operations by kind of inode. */
export interface TmpfsOperations {
  readonly file: InodeOperations
  readonly dir: InodeOperations
  readonly link: InodeOperations
  /** Of devices, FIFOs and sockets. */
  readonly special: InodeOperations
  readonly file_fops: FileOperations
}

/** tmpfs of one machine. */
export class TmpfsDriver {
  readonly machine: Machine
  readonly operations: TmpfsOperations

  constructor(machine: Machine, operations: (own: TmpfsDriver) => TmpfsOperations) {
    this.machine = machine
    this.operations = operations(this)
  }
}

/** As `shmem_get_inode`; -ENOSPC if no more fit or an LSM refuses it. */
export const get_inode = (
  own: TmpfsDriver, idmap: MntIdmap, sb: SuperBlock, dir: Inode | null, mode: number, dev: number,
): Inode | number => {
  const { machine, operations } = own
  const { vfs } = machine
  const fs = tmpfsSuper(sb)
  if (!fs.reserve(BOGO_INODE_SIZE)) return -ENOSPC
  const now = machine.now()
  const type = mode & S_IFMT
  const node = new TmpfsNode(type === S_IFREG ? new Pages() : null, now.sec, now.nsec)
  const ops = type === S_IFREG ? operations.file
    : type === S_IFDIR ? operations.dir : type === S_IFLNK ? operations.link : operations.special
  const fop = type === S_IFREG ? operations.file_fops : type === S_IFDIR ? tmpfsDirs : vfs.special_fops(type)
  const inode = vfs.new_inode(sb, mode, ops, fop, node)
  if (inode === null) {
    fs.used_ispace -= BOGO_INODE_SIZE
    return -ENOSPC
  }
  vfs.inode_init_owner(idmap, inode, dir, mode)
  inode.i_rdev = dev
  const inherited = dir === null ? 0 : tmpfsNode(dir).fsflags & INHERITED
  if (inherited !== 0) setFlags(inode, inherited)
  if (type === S_IFDIR) {
    inode.i_nlink = 2
    inode.i_size = 2 * BOGO_DIRENT_SIZE
  }
  vfs.dquot_initialize(inode)
  const rc = vfs.dquot_alloc_inode(inode)
  if (rc === 0) return inode
  vfs.dquot_drop(inode)
  vfs.evictIfUnused(inode)
  return rc
}

/** Labels a new inode; if an LSM refuses, the inode is evicted. */
export const init_security = (machine: Machine, inode: Inode, dir: Inode, dentry: Dentry | null): number => {
  const name = dentry === null ? null : dentry.d_name
  const rc = machine.lsm.inode_init_security.ask(inode, dir, name, shmem_initxattrs, null)
  if (rc !== 0) machine.vfs.evictIfUnused(inode)
  return rc
}

export const evict_inode = ({ vfs }: Machine, inode: Inode): void => {
  const { pages, xattrs } = tmpfsNode(inode)
  const fs = tmpfsSuper(inode.i_sb)
  fs.used_ispace -= BOGO_INODE_SIZE + (xattrs?.space ?? 0)
  fs.used_blocks -= pages?.count ?? 0
  vfs.dquot_free_space(inode, inode.i_blocks * 512)
  vfs.dquot_free_inode(inode)
  vfs.dquot_drop(inode)
  pages?.truncate(0)
}
