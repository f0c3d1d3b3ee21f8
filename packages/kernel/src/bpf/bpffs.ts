/** Names of a bpffs: directories, links, and names that keep maps, programs and links (kernel/bpf/inode.c). */
import { EIO, ENAMETOOLONG, ENOSPC, EPERM, S_IALLUGO, S_IFDIR, S_IFLNK, S_IFMT } from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, Inode, MntIdmap, SuperBlock } from '@lsmkit/core'
import type { Pinned } from './pinned.ts'
import { takePinned } from './pinned.ts'
import type { Machine } from '../machine.ts'
import { isTooLong } from '../state/vfs/names.ts'
import { inodeState } from '../state/vfs/state.ts'
import { fileOperations, inodeOperations } from '../state/vfs/driver.ts'
import type { FileOperations, InodeOperations } from '../state/vfs/driver.ts'
import { bound } from '../state/bound.ts'
import { simple_get_link } from '../state/vfs/simple-link.ts'

/** As `bpf_get_inode`: no LSM labels the inode, because the whole file system has one label. */
export const newInode = (
  machine: Machine, sb: SuperBlock, mode: number, fops: FileOperations, dir: Inode | null = null,
): Inode | number => {
  const type = mode & S_IFMT
  const i_op = type === S_IFDIR ? machine.bpfTable.operations.dirInode : type === S_IFLNK ? linkInode : fileInode
  const inode = machine.vfs.new_inode(sb, mode, i_op, fops, null)
  if (inode === null) return -ENOSPC
  machine.vfs.inode_init_owner(nop_mnt_idmap, inode, dir, mode)
  return inode
}

const addName = (machine: Machine, dir: Inode, dentry: Dentry, inode: Inode): number => {
  machine.vfs.d_instantiate(dentry, inode)
  machine.vfs.touchModified(dir)
  return 0
}

const mkdir = (machine: Machine, _idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number => {
  const inode = newInode(machine, dir.i_sb, mode | S_IFDIR, machine.vfs.simple_dir_operations, dir)
  if (typeof inode === 'number') return inode
  inode.i_nlink = 2
  dir.i_nlink++
  return addName(machine, dir, dentry, inode)
}

const symlink = (machine: Machine, _idmap: MntIdmap, dir: Inode, dentry: Dentry, target: string): number => {
  const inode = newInode(machine, dir.i_sb, S_IFLNK | 0o777, fileOperations({}), dir)
  if (typeof inode === 'number') return inode
  inodeState(inode).makeRare().i_link = target
  return addName(machine, dir, dentry, inode)
}

/** Names with a dot are reserved for the kernel. */
const lookup = (machine: Machine, dir: Inode, dentry: Dentry): number => {
  const { name } = dentry.d_name
  if ((dir.i_mode & S_IALLUGO) !== 0 && name.includes('.')) return -EPERM
  if (isTooLong(name)) return -ENAMETOOLONG
  machine.vfs.d_add(dentry, null)
  return 0
}

export const bpffsDir = (machine: Machine): InodeOperations => {
  const { simple_link: link, simple_unlink: unlink, simple_rmdir: rmdir, simple_rename: rename } = machine.vfs
  return inodeOperations({ ...bound(machine, { lookup, mkdir, symlink }), link, unlink, rmdir, rename })
}

const linkInode = inodeOperations({ get_link: simple_get_link })

const fileInode = inodeOperations({})

/** A pinned object is opened by BPF_OBJ_GET, never by open(2). */
const fileOps = fileOperations({ open: () => -EIO })

export const isDir = (machine: Machine, inode: Inode): boolean =>
  inodeState(inode).i_op === machine.bpfTable.operations.dirInode

export const pinnedOf = (inode: Inode): Pinned | null =>
  inodeState(inode).i_op === fileInode ? (inodeState(inode).fs as Pinned | null) : null

/** As `bpf_mkmap` and its kin: the name is one more user. */
export const addPinned = (machine: Machine, dir: Inode, dentry: Dentry, mode: number, held: Pinned): number => {
  const inode = newInode(machine, dir.i_sb, mode, fileOps, dir)
  if (typeof inode === 'number') return inode
  inodeState(inode).fs = held
  takePinned(held)
  return addName(machine, dir, dentry, inode)
}
