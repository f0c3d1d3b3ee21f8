/** Changing the size of a file, by path or by descriptor (fs/open.c). */
import {
  ATTR_CTIME, ATTR_FILE, ATTR_FORCE, ATTR_MTIME, ATTR_SIZE, EINVAL, EISDIR, EPERM, FMODE_WRITE, MAY_WRITE, O_WRONLY,
  S_APPEND, S_IFDIR, S_IFMT, S_IFREG,
} from '@lsmkit/abi'
import type { Dentry, File, Inode, MntIdmap, Path } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { AttrChange } from '../state/vfs/iattr.ts'
import { mnt_want_write } from '../state/vfs/mount.ts'
import { get_write_access, put_write_access } from './file.ts'
import { break_lease } from './leases.ts'
import { inode_permission } from './path/permission.ts'
import { dentry_needs_remove_privs } from './privs.ts'

/** Sets the size, and removes set-id bits and file capabilities. `file` is null for a truncation by name. */
export const do_truncate = (
  machine: Machine, idmap: MntIdmap, dentry: Dentry, length: number, time_attrs: number, file: File | null,
): number => {
  if (length < 0) return -EINVAL
  const attr = new AttrChange(ATTR_SIZE | time_attrs)
  attr.ia_size = length
  if (file !== null) {
    attr.ia_file = file
    attr.ia_valid |= ATTR_FILE
  }
  const kill = dentry_needs_remove_privs(machine, idmap, dentry)
  if (kill < 0) return kill
  if (kill !== 0) attr.ia_valid |= kill | ATTR_FORCE
  return machine.vfs.notify_change(idmap, dentry, attr)
}

export const vfs_truncate = (machine: Machine, path: Path, length: number): number => {
  const inode = path.dentry.d_inode as Inode
  const type = inode.i_mode & S_IFMT
  if (type === S_IFDIR) return -EISDIR
  if (type !== S_IFREG) return -EINVAL
  let rc = mnt_want_write(path.mnt)
  if (rc !== 0) return rc
  const { mnt_idmap } = path.mnt
  rc = inode_permission(machine, mnt_idmap, inode, MAY_WRITE)
  if (rc !== 0) return rc
  if ((inode.i_flags & S_APPEND) !== 0) return -EPERM
  rc = get_write_access(inode)
  if (rc !== 0) return rc
  rc = break_lease(machine, inode, O_WRONLY) || machine.lsm.path_truncate.ask(path)
  if (rc === 0) rc = do_truncate(machine, mnt_idmap, path.dentry, length, 0, null)
  put_write_access(inode)
  return rc
}

export const do_ftruncate = (machine: Machine, file: File, length: number): number => {
  const inode = file.f_inode
  if ((inode.i_mode & S_IFMT) !== S_IFREG || (file.f_mode & FMODE_WRITE) === 0) return -EINVAL
  if ((inode.i_flags & S_APPEND) !== 0) return -EPERM
  const rc = machine.lsm.file_truncate.ask(file)
  if (rc !== 0) return rc
  const { mnt, dentry } = file.f_path
  return do_truncate(machine, mnt.mnt_idmap, dentry, length, ATTR_MTIME | ATTR_CTIME, file)
}
