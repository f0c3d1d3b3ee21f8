/** Renaming (do_renameat2, vfs_rename of fs/namei.c). */
import {
  EBUSY, EEXIST, EINVAL, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, EXDEV, IN_ATTRIB, IN_MOVED_FROM, IN_MOVED_TO, IN_MOVE_SELF,
  MAY_WRITE, RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT, S_DEAD, S_SWAPFILE,
} from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import type { Renaming } from '../interfaces/vfs-names.ts'
import type { Machine } from '../machine.ts'
import { LAST_NORM, LOOKUP_RENAME_TARGET } from '../state/vfs/lookup-flags.ts'
import { mnt_want_write } from '../state/vfs/mount.ts'
import { getname } from '../state/vfs/names.ts'
import { inodeState } from '../state/vfs/state.ts'
import { may_delete, may_create } from './create-checks.ts'
import { d_ancestor, d_is_dir, d_exchange, d_move } from './dcache.ts'
import { ihold, iput } from './inode.ts'
import { is_local_mountpoint } from './mount-tree.ts'
import { lookup_one_qstr_excl, filename_parentat } from './path/lookup.ts'
import type { Nameidata } from './path/nameidata.ts'
import { inode_permission } from './path/permission.ts'
import { dont_mount } from './remove.ts'

const validFlags = (flags: number): boolean =>
  (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) === 0 &&
  ((flags & RENAME_EXCHANGE) === 0 || (flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)) === 0)

/** As `lock_rename`: the directory between the two parents, which may be neither source nor target. */
const lockTrap = (a: Dentry, b: Dentry): Dentry | null =>
  a === b ? null : (d_ancestor(b, a) ?? d_ancestor(a, b))

/** 0 or -errno: the checks of flags and trailing slashes on the names that were found. */
const shapeAllows = (old: Nameidata, oldDentry: Dentry, next: Nameidata, newDentry: Dentry, flags: number): number => {
  if ((flags & RENAME_NOREPLACE) !== 0 && newDentry.d_inode !== null) return -EEXIST
  if ((flags & RENAME_EXCHANGE) !== 0) {
    if (newDentry.d_inode === null) return -ENOENT
    if (!d_is_dir(newDentry) && next.trailing) return -ENOTDIR
  }
  if (d_is_dir(oldDentry)) return 0
  return old.trailing || ((flags & RENAME_EXCHANGE) === 0 && next.trailing) ? -ENOTDIR : 0
}

/** 0 or -errno: whether both names may be removed or made. A directory that changes its parent has to be writable. */
const may_rename = (machine: Machine, { idmap, old_dir, old_dentry, new_dir, new_dentry, flags }: Renaming): number => {
  const isDir = d_is_dir(old_dentry)
  const newIsDir = d_is_dir(new_dentry)
  const exchanges = (flags & RENAME_EXCHANGE) !== 0
  let rc = may_delete(machine, idmap, old_dir, old_dentry, isDir)
  if (rc !== 0) return rc
  if (new_dentry.d_inode === null) rc = may_create(machine, idmap, new_dir, new_dentry)
  else rc = may_delete(machine, idmap, new_dir, new_dentry, exchanges ? newIsDir : isDir)
  if (rc !== 0) return rc
  if (inodeState(old_dir).i_op.rename === null) return -EPERM
  if (new_dir === old_dir) return 0
  if (isDir) rc = inode_permission(machine, idmap, old_dentry.d_inode as Inode, MAY_WRITE)
  if (rc === 0 && exchanges && newIsDir) rc = inode_permission(machine, idmap, new_dentry.d_inode as Inode, MAY_WRITE)
  return rc
}

/** As `fsnotify_move`: both events with one cookie, then events for the replaced and the moved inode. */
const fsnotify_move = (
  machine: Machine, old_dir: Inode, new_dir: Inode, moved: Inode, from: string, to: string, replaced: Inode | null,
): void => {
  machine.fsnotify.renamed(old_dir, new_dir, moved, from, to)
  const cookie = machine.fsnotify.nextCookie()
  machine.fsnotify.name(IN_MOVED_FROM, old_dir, moved, from, cookie)
  machine.fsnotify.name(IN_MOVED_TO, new_dir, moved, to, cookie)
  if (replaced !== null) machine.fsnotify.inode(IN_ATTRIB, replaced)
  machine.fsnotify.inode(IN_MOVE_SELF, moved)
}

export const vfs_rename = (machine: Machine, renaming: Renaming): number => {
  const { old_dir, old_dentry, new_dir, new_dentry, flags } = renaming
  const source = old_dentry.d_inode as Inode
  const target = new_dentry.d_inode
  if (source === target) return 0
  let rc = may_rename(machine, renaming)
  if (rc !== 0) return rc
  rc = machine.lsm.inode_rename.ask(old_dir, old_dentry, new_dir, new_dentry, flags)
  if (rc !== 0) return rc
  if (((source.i_flags | (target?.i_flags ?? 0)) & S_SWAPFILE) !== 0) return -EPERM
  if (is_local_mountpoint(machine, old_dentry) || is_local_mountpoint(machine, new_dentry)) return -EBUSY
  const isDir = d_is_dir(old_dentry)
  rc = inodeState(old_dir).i_op.rename?.(renaming.idmap, old_dir, old_dentry, new_dir, new_dentry, flags) ?? -EPERM
  if (rc !== 0) return rc
  const from = old_dentry.d_name.name
  const to = new_dentry.d_name.name
  if ((flags & RENAME_EXCHANGE) !== 0) {
    d_exchange(machine, old_dentry, new_dentry)
    fsnotify_move(machine, old_dir, new_dir, source, from, to, null)
    fsnotify_move(machine, new_dir, old_dir, target as Inode, to, from, null)
    return 0
  }
  if (target !== null) {
    if (isDir) target.i_flags |= S_DEAD
    dont_mount(machine, new_dentry)
  }
  d_move(machine, old_dentry, new_dentry)
  fsnotify_move(machine, old_dir, new_dir, source, from, to, target)
  return 0
}

/** Looks up both names and renames: 0 or -errno. */
const renameBetween = (machine: Machine, old: Nameidata, next: Nameidata, flags: number): number => {
  const old_path = old.path()
  const new_path = next.path()
  const trap = lockTrap(new_path.dentry, old_path.dentry)
  const old_dentry = lookup_one_qstr_excl(machine, old.last, old_path.dentry, 0)
  if (typeof old_dentry === 'number') return old_dentry
  if (old_dentry.d_inode === null) return -ENOENT
  const target_flags = (flags & RENAME_EXCHANGE) !== 0 ? 0 : LOOKUP_RENAME_TARGET
  const new_dentry = lookup_one_qstr_excl(machine, next.last, new_path.dentry, target_flags)
  if (typeof new_dentry === 'number') return new_dentry
  let rc = shapeAllows(old, old_dentry, next, new_dentry, flags)
  if (rc !== 0) return rc
  if (old_dentry === trap) return -EINVAL
  if (new_dentry === trap) return (flags & RENAME_EXCHANGE) !== 0 ? -EINVAL : -ENOTEMPTY
  rc = machine.lsm.path_rename.ask(old_path, old_dentry, new_path, new_dentry, flags)
  if (rc !== 0) return rc
  const target = new_dentry.d_inode
  if (target !== null) ihold(target)
  rc = machine.vfs.vfs_rename({
    idmap: old_path.mnt.mnt_idmap,
    old_dir: old_path.dentry.d_inode as Inode,
    old_dentry,
    new_dir: new_path.dentry.d_inode as Inode,
    new_dentry,
    flags,
  })
  if (target !== null) iput(machine, target)
  return rc
}

export const do_renameat2 = (
  machine: Machine, olddfd: number, from: unknown, newdfd: number, to: unknown, flags: number,
): number => {
  if (!validFlags(flags)) return -EINVAL
  const oldname = getname(from)
  if (typeof oldname === 'number') return oldname
  const old = filename_parentat(machine, olddfd, oldname, 0)
  if (typeof old === 'number') return old
  const newname = getname(to)
  if (typeof newname === 'number') return newname
  const next = filename_parentat(machine, newdfd, newname, 0)
  if (typeof next === 'number') return next
  if (old.mnt !== next.mnt) return -EXDEV
  if (old.last_type !== LAST_NORM) return -EBUSY
  if (next.last_type !== LAST_NORM) return (flags & RENAME_NOREPLACE) !== 0 ? -EEXIST : -EBUSY
  const rc = mnt_want_write(old.path().mnt)
  return rc !== 0 ? rc : renameBetween(machine, old, next, flags)
}
