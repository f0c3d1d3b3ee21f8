/** Removing names (do_unlinkat, do_rmdir of fs/namei.c). */
import {
  EBUSY, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, IN_ATTRIB, IN_DELETE, S_DEAD, S_KERNEL_FILE, S_SWAPFILE,
} from '@lsmkit/abi'
import type { Dentry, Inode, MntIdmap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { LAST_DOT, LAST_DOTDOT, LAST_NORM, LAST_ROOT } from '../state/vfs/lookup-flags.ts'
import { mnt_want_write } from '../state/vfs/mount.ts'
import { getname } from '../state/vfs/names.ts'
import { inodeState } from '../state/vfs/state.ts'
import { may_delete } from './create-checks.ts'
import { d_is_dir, DCACHE_CANT_MOUNT, DCACHE_MOUNTED, d_drop } from './dcache.ts'
import { ihold, iput } from './inode.ts'
import { detach_mounts, is_local_mountpoint } from './mount-tree.ts'
import { filename_parentat, lookup_one_qstr_excl } from './path/lookup.ts'

/** Called after a removal: forbids mounts on the name, and detaches those of other namespaces. */
export const dont_mount = (machine: Machine, dentry: Dentry): void => {
  dentry.d_flags |= DCACHE_CANT_MOUNT
  if ((dentry.d_flags & DCACHE_MOUNTED) !== 0) detach_mounts(machine, dentry)
}

export const vfs_unlink = (machine: Machine, idmap: MntIdmap, dir: Inode, dentry: Dentry): number => {
  const target = dentry.d_inode
  let rc = may_delete(machine, idmap, dir, dentry, false)
  if (rc !== 0) return rc
  const { unlink } = inodeState(dir).i_op
  if (unlink === null || target === null || (target.i_flags & S_SWAPFILE) !== 0) return -EPERM
  if (is_local_mountpoint(machine, dentry)) return -EBUSY
  rc = machine.lsm.inode_unlink.ask(dir, dentry)
  if (rc !== 0) return rc
  rc = unlink(dir, dentry)
  if (rc !== 0) return rc
  dont_mount(machine, dentry)
  machine.fsnotify.inode(IN_ATTRIB, target)
  // the caller holds one reference
  if (target.i_nlink === 0 && inodeState(target).i_count <= 1) machine.fsnotify.removed(target)
  machine.fsnotify.name(IN_DELETE, dir, target, dentry.d_name.name)
  d_drop(machine, dentry)
  return 0
}

export const do_unlinkat = (machine: Machine, dfd: number, name: unknown): number => {
  const path = getname(name)
  if (typeof path === 'number') return path
  const nd = filename_parentat(machine, dfd, path, 0)
  if (typeof nd === 'number') return nd
  if (nd.last_type !== LAST_NORM) return -EISDIR
  const parent = nd.path()
  let rc = mnt_want_write(parent.mnt)
  if (rc !== 0) return rc
  const dentry = lookup_one_qstr_excl(machine, nd.last, parent.dentry, 0)
  if (typeof dentry === 'number') return dentry
  const inode = dentry.d_inode
  if (inode === null) return -ENOENT
  if (nd.trailing) return d_is_dir(dentry) ? -EISDIR : -ENOTDIR
  ihold(inode)
  rc = machine.lsm.path_unlink.ask(parent, dentry)
  if (rc === 0) rc = machine.vfs.vfs_unlink(parent.mnt.mnt_idmap, parent.dentry.d_inode as Inode, dentry)
  iput(machine, inode)
  return rc
}

export const vfs_rmdir = (machine: Machine, idmap: MntIdmap, dir: Inode, dentry: Dentry): number => {
  let rc = may_delete(machine, idmap, dir, dentry, true)
  if (rc !== 0) return rc
  const { rmdir } = inodeState(dir).i_op
  if (rmdir === null) return -EPERM
  const target = dentry.d_inode as Inode
  if (is_local_mountpoint(machine, dentry) || (target.i_flags & S_KERNEL_FILE) !== 0) return -EBUSY
  rc = machine.lsm.inode_rmdir.ask(dir, dentry)
  if (rc !== 0) return rc
  rc = rmdir(dir, dentry)
  if (rc !== 0) return rc
  target.i_flags |= S_DEAD
  dont_mount(machine, dentry)
  if (inodeState(target).i_count === 0) machine.fsnotify.removed(target)
  machine.fsnotify.name(IN_DELETE, dir, target, dentry.d_name.name)
  d_drop(machine, dentry)
  return 0
}

export const do_rmdir = (machine: Machine, dfd: number, name: unknown): number => {
  const path = getname(name)
  if (typeof path === 'number') return path
  const nd = filename_parentat(machine, dfd, path, 0)
  if (typeof nd === 'number') return nd
  if (nd.last_type === LAST_DOTDOT) return -ENOTEMPTY
  if (nd.last_type === LAST_DOT) return -EINVAL
  if (nd.last_type === LAST_ROOT) return -EBUSY
  const parent = nd.path()
  let rc = mnt_want_write(parent.mnt)
  if (rc !== 0) return rc
  const dentry = lookup_one_qstr_excl(machine, nd.last, parent.dentry, 0)
  if (typeof dentry === 'number') return dentry
  if (dentry.d_inode === null) return -ENOENT
  rc = machine.lsm.path_rmdir.ask(parent, dentry)
  return rc !== 0 ? rc : machine.vfs.vfs_rmdir(parent.mnt.mnt_idmap, parent.dentry.d_inode as Inode, dentry)
}
