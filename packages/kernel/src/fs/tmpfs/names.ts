/** New names in the directories of tmpfs, and the files behind them (mm/shmem.c). */
import { ENAMETOOLONG, ENOMEM, ENOSPC, PATH_MAX, S_IFLNK } from '@lsmkit/abi'
import type { Dentry, File, Inode, MntIdmap, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { COST } from '../../state/memory-costs.ts'
import { byteLength, isTooLong } from '../../state/vfs/names.ts'
import { inodeState } from '../../state/vfs/state.ts'
import { tmpfsBlocks } from './blocks.ts'
import { byMknod } from './by-mknod.ts'
import { BOGO_INODE_SIZE } from '../../state/ceiling.ts'
import { BOGO_DIRENT_SIZE, offsetAdd } from './dir.ts'
import { tmpfsNode, tmpfsSuper } from './node.ts'
import { Pages } from './pages.ts'

/** A shorter text of a link, its end counted, is kept beside the inode. */
const SHORT_SYMLINK_LEN = 128

/** How the inodes behind new names are made. */
export interface TmpfsMaking {
  get_inode(idmap: MntIdmap, sb: SuperBlock, dir: Inode | null, mode: number, dev: number): Inode | number
  init_security(inode: Inode, dir: Inode, dentry: Dentry | null): number
}

export const tmpfsNames = (machine: Machine, { get_inode, init_security }: TmpfsMaking) => {
  const { d_add, d_instantiate, d_tmpfile, evictIfUnused, simple_acl_create, touchChanged, touchModified } = machine.vfs
  const { account, reserveHoles } = tmpfsBlocks(machine)

  /** The new name is in the directory. */
  const addName = (dir: Inode, dentry: Dentry, inode: Inode): void => {
    offsetAdd(dir, dentry)
    dir.i_size += BOGO_DIRENT_SIZE
    touchModified(dir)
    d_instantiate(dentry, inode)
  }

  const mknod = (idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number, dev: number): number => {
    const inode = get_inode(idmap, dir.i_sb, dir, mode, dev)
    if (typeof inode === 'number') return inode
    let rc = simple_acl_create(dir, inode)
    if (rc !== 0) evictIfUnused(inode)
    else rc = init_security(inode, dir, dentry)
    if (rc !== 0) return rc
    addName(dir, dentry, inode)
    return 0
  }

  const { create, mkdir } = byMknod(mknod)

  /** A long text takes a page. */
  const storeText = (inode: Inode): number => {
    const pages = new Pages()
    const rc = reserveHoles(inode, pages, 0, 1)
    if (rc !== 0) return rc
    pages.allocate(0, 1)
    tmpfsNode(inode).pages = pages
    account(inode, 0, 0)
    return 0
  }

  const symlink = (idmap: MntIdmap, dir: Inode, dentry: Dentry, target: string): number => {
    const length = byteLength(target)
    if (length + 1 > PATH_MAX) return -ENAMETOOLONG
    const inode = get_inode(idmap, dir.i_sb, dir, S_IFLNK | 0o777, 0)
    if (typeof inode === 'number') return inode
    let rc = init_security(inode, dir, dentry)
    if (rc !== 0) return rc
    if (length >= SHORT_SYMLINK_LEN) rc = storeText(inode)
    // two bytes a unit at most
    if (rc === 0 && !inodeState(inode).charge(2 * target.length)) rc = -ENOMEM
    if (rc !== 0) {
      evictIfUnused(inode)
      return rc
    }
    inode.i_size = length
    inodeState(inode).makeRare().i_link = target
    addName(dir, dentry, inode)
    return 0
  }

  const link = (old_dentry: Dentry, dir: Inode, dentry: Dentry): number => {
    const inode = old_dentry.d_inode as Inode
    if (!inodeState(inode).hasRoom(COST.dentry)) return -ENOMEM
    if (inode.i_nlink > 0 && !tmpfsSuper(inode.i_sb).reserve(BOGO_INODE_SIZE)) return -ENOSPC
    inode.i_nlink++
    touchChanged(inode)
    addName(dir, dentry, inode)
    return 0
  }

  const tmpfile = (idmap: MntIdmap, dir: Inode, file: File, mode: number): number => {
    const inode = get_inode(idmap, dir.i_sb, dir, mode, 0)
    if (typeof inode === 'number') return inode
    let rc = init_security(inode, dir, null)
    if (rc === 0) rc = simple_acl_create(dir, inode)
    if (rc !== 0) return rc
    inode.i_nlink = 0
    d_tmpfile(file.f_path.dentry, inode)
    return 0
  }

  const lookup = (_dir: Inode, dentry: Dentry): number => {
    if (isTooLong(dentry.d_name.name)) return -ENAMETOOLONG
    d_add(dentry, null)
    return 0
  }

  return { lookup, mknod, create, mkdir, symlink, link, tmpfile }
}
export type TmpfsNames = ReturnType<typeof tmpfsNames>
