/** New names in the directories of tmpfs, and the files behind them (mm/shmem.c). */
import { ENAMETOOLONG, ENOMEM, ENOSPC, PATH_MAX, S_IFLNK } from '@lsmkit/abi'
import type { Dentry, File, Inode, MntIdmap } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { COST } from '../../state/memory-costs.ts'
import { byteLength, isTooLong } from '../../state/vfs/names.ts'
import { inodeState } from '../../state/vfs/state.ts'
import { reserveHoles, account_pages } from './blocks.ts'
import { BOGO_INODE_SIZE } from '../../state/ceiling.ts'
import { BOGO_DIRENT_SIZE, offsetAdd } from './dir.ts'
import { tmpfsNode, tmpfsSuper } from './node.ts'
import { Pages } from './pages.ts'
import type { TmpfsDriver } from './inodes.ts'
import { get_inode, init_security } from './inodes.ts'

/** A text of a link that is shorter, with its NUL, takes no page. */
const SHORT_SYMLINK_LEN = 128

/** Adds a new name to the directory. */
const addName = (machine: Machine, dir: Inode, dentry: Dentry, inode: Inode): void => {
  offsetAdd(dir, dentry)
  dir.i_size += BOGO_DIRENT_SIZE
  machine.vfs.touchModified(dir)
  machine.vfs.d_instantiate(dentry, inode)
}

export const mknod = (
  own: TmpfsDriver, idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number, dev: number,
): number => {
  const inode = get_inode(own, idmap, dir.i_sb, dir, mode, dev)
  if (typeof inode === 'number') return inode
  let rc = own.machine.vfs.simple_acl_create(dir, inode)
  if (rc !== 0) own.machine.vfs.evictIfUnused(inode)
  else rc = init_security(own.machine, inode, dir, dentry)
  if (rc !== 0) return rc
  addName(own.machine, dir, dentry, inode)
  return 0
}

/** Takes a page for a long text. */
const storeText = (machine: Machine, inode: Inode): number => {
  const pages = new Pages()
  const rc = reserveHoles(machine, inode, pages, 0, 1)
  if (rc !== 0) return rc
  pages.allocate(0, 1)
  tmpfsNode(inode).pages = pages
  account_pages(machine, inode, 0, 0)
  return 0
}

export const symlink = (own: TmpfsDriver, idmap: MntIdmap, dir: Inode, dentry: Dentry, target: string): number => {
  const length = byteLength(target)
  if (length + 1 > PATH_MAX) return -ENAMETOOLONG
  const inode = get_inode(own, idmap, dir.i_sb, dir, S_IFLNK | 0o777, 0)
  if (typeof inode === 'number') return inode
  let rc = init_security(own.machine, inode, dir, dentry)
  if (rc !== 0) return rc
  if (length >= SHORT_SYMLINK_LEN) rc = storeText(own.machine, inode)
  // two bytes a unit at most
  if (rc === 0 && !inodeState(inode).charge(2 * target.length)) rc = -ENOMEM
  if (rc !== 0) {
    own.machine.vfs.evictIfUnused(inode)
    return rc
  }
  inode.i_size = length
  inodeState(inode).makeRare().i_link = target
  addName(own.machine, dir, dentry, inode)
  return 0
}

export const link = (machine: Machine, old_dentry: Dentry, dir: Inode, dentry: Dentry): number => {
  const inode = old_dentry.d_inode as Inode
  if (!inodeState(inode).hasRoom(COST.dentry)) return -ENOMEM
  if (inode.i_nlink > 0 && !tmpfsSuper(inode.i_sb).reserve(BOGO_INODE_SIZE)) return -ENOSPC
  inode.i_nlink++
  machine.vfs.touchChanged(inode)
  addName(machine, dir, dentry, inode)
  return 0
}

export const tmpfile = (own: TmpfsDriver, idmap: MntIdmap, dir: Inode, file: File, mode: number): number => {
  const inode = get_inode(own, idmap, dir.i_sb, dir, mode, 0)
  if (typeof inode === 'number') return inode
  let rc = init_security(own.machine, inode, dir, null)
  if (rc === 0) rc = own.machine.vfs.simple_acl_create(dir, inode)
  if (rc !== 0) return rc
  inode.i_nlink = 0
  own.machine.vfs.d_tmpfile(file.f_path.dentry, inode)
  return 0
}

export const lookup = (machine: Machine, _dir: Inode, dentry: Dentry): number => {
  if (isTooLong(dentry.d_name.name)) return -ENAMETOOLONG
  machine.vfs.d_add(dentry, null)
  return 0
}
