/** Whole look-ups: the start of a walk, its end, and the second try in ref-walk mode (fs/namei.c). */
import {
  AT_FDCWD, CAP_DAC_READ_SEARCH, EACCES, EAGAIN, EBADF, ECHILD, ENOENT, ENOTDIR, ESTALE, EXDEV, MAY_EXEC, S_DEAD,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Dentry, FsStruct, Inode, MntIdmap, Path, VfsMount } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { audit_inode } from '../../state/audit-names.ts'
import { fget_raw } from '../../state/vfs/fdtable.ts'
import {
  LOOKUP_CACHED, LOOKUP_DIRECTORY, LOOKUP_IN_ROOT, LOOKUP_IS_SCOPED, LOOKUP_LINKAT_EMPTY, LOOKUP_RCU,
} from '../../state/vfs/lookup-flags.ts'
import { path_is_under } from '../../state/vfs/mount.ts'
import { getname } from '../../state/vfs/names.ts'
import { inodeState } from '../../state/vfs/state.ts'
import { d_can_lookup, d_lookup, d_invalidate, d_alloc } from '../dcache.ts'
import { Nameidata, nd_jump_root, ND_JUMPED, ND_ROOT_PRESET, terminate_walk, try_to_unlazy } from './nameidata.ts'
import { inode_permission } from './permission.ts'
import { link_path_walk, lookup_last, revalidate } from './walk.ts'

const SLASH = 0x2f

/** Starts the walk at an open directory: 0 or -errno. */
const startAtFd = (machine: Machine, nd: Nameidata): number => {
  const file = fget_raw(machine.current.task, nd.dfd)
  if (file === null) return -EBADF
  if ((nd.flags & LOOKUP_LINKAT_EMPTY) !== 0 && file.f_cred !== machine.current.task.cred) {
    if (!ns_capable(machine.lsm, machine.current, file.f_cred.user_ns, CAP_DAC_READ_SEARCH)) return -ENOENT
  }
  const { mnt, dentry } = file.f_path
  if (nd.name !== '' && !d_can_lookup(dentry)) return -ENOTDIR
  nd.goto(mnt, dentry)
  return 0
}

/** As `path_init`: sets the start of the walk. 0 or -errno. */
export const path_init = (machine: Machine, nd: Nameidata, flags: number): number => {
  if ((flags & (LOOKUP_RCU | LOOKUP_CACHED)) === LOOKUP_CACHED) return -EAGAIN
  nd.flags = nd.name === '' ? flags & ~LOOKUP_RCU : flags
  nd.state |= ND_JUMPED
  nd.depth = 0
  nd.mnt = nd.dentry = null
  if ((nd.state & ND_ROOT_PRESET) !== 0) {
    if (nd.name !== '' && !d_can_lookup(nd.rootDentry as Dentry)) return -ENOTDIR
    nd.goto(nd.rootMnt as VfsMount, nd.rootDentry as Dentry)
    return 0
  }
  nd.rootMnt = nd.rootDentry = null
  const fs = machine.current.task.fs as FsStruct
  if (nd.name.charCodeAt(0) === SLASH && (flags & LOOKUP_IN_ROOT) === 0) return nd_jump_root(nd, fs)
  if (nd.dfd === AT_FDCWD) nd.goto(fs.pwd.mnt, fs.pwd.dentry)
  else {
    const rc = startAtFd(machine, nd)
    if (rc !== 0) return rc
  }
  if ((flags & LOOKUP_IS_SCOPED) !== 0) {
    nd.rootMnt = nd.mnt
    nd.rootDentry = nd.dentry
  }
  return 0
}

export const complete_walk = (nd: Nameidata): number => {
  if ((nd.flags & LOOKUP_RCU) !== 0) {
    nd.flags &= ~LOOKUP_CACHED
    try_to_unlazy(nd)
  }
  if ((nd.flags & LOOKUP_IS_SCOPED) === 0) return 0
  const root = { mnt: nd.rootMnt as VfsMount, dentry: nd.rootDentry as Dentry }
  return path_is_under(nd.path(), root) ? 0 : -EXDEV
}

/** As `path_lookupat`: walks the whole path. 0 or -errno; `nd` has the place. */
export const path_lookupat = (machine: Machine, nd: Nameidata, flags: number): number => {
  let rc = path_init(machine, nd, flags)
  let name = nd.name
  while (rc === 0) {
    rc = link_path_walk(machine, name, nd)
    if (rc !== 0) break
    const link = lookup_last(machine, nd)
    if (typeof link === 'number') {
      rc = link
      break
    }
    name = link
  }
  if (rc === 0) rc = complete_walk(nd)
  if (rc === 0 && (nd.flags & LOOKUP_DIRECTORY) !== 0 && !d_can_lookup(nd.dentry as Dentry)) rc = -ENOTDIR
  return rc
}

const path_parentat = (machine: Machine, nd: Nameidata, flags: number): number => {
  let rc = path_init(machine, nd, flags)
  if (rc === 0) rc = link_path_walk(machine, nd.name, nd)
  return rc === 0 ? complete_walk(nd) : rc
}

/** As `filename_lookup`: the place of `name`, or -errno. `root`: replaces the caller's root. */
export const filename_lookup = (
  machine: Machine, dfd: number, name: string, flags: number, root: Path | null,
): Path | number => {
  const nd = new Nameidata(dfd, name, root)
  let rc = path_lookupat(machine, nd, flags | LOOKUP_RCU)
  if (rc === -ECHILD || rc === -ESTALE) rc = path_lookupat(machine, nd, flags)
  if (rc === 0) audit_inode(machine, nd.inode)
  terminate_walk(nd)
  return rc === 0 ? nd.path() : rc
}

/**
 * As `filename_parentat`: walks to the directory of the last component, which is left in `last`, `last_type` and
 * `trailing`.
 */
export const filename_parentat = (machine: Machine, dfd: number, name: string, flags: number): Nameidata | number => {
  const nd = new Nameidata(dfd, name, null)
  let rc = path_parentat(machine, nd, flags | LOOKUP_RCU)
  if (rc === -ECHILD || rc === -ESTALE) rc = path_parentat(machine, nd, flags)
  if (rc === 0) audit_inode(machine, nd.inode)
  terminate_walk(nd)
  return rc === 0 ? nd : rc
}

/** As `user_path_at`: the place of a path from a program, or -errno. */
export const user_path_at = (machine: Machine, dfd: number, name: unknown, flags: number): Path | number => {
  const path = getname(name, flags)
  return typeof path === 'number' ? path : filename_lookup(machine, dfd, path, flags, null)
}

/**
 * As `lookup_one_qstr_excl`: the name `last` of a directory that is about to change. The dentry is negative if the name
 * does not exist. Checks no permission.
 */
export const lookup_one_qstr_excl = (machine: Machine, last: string, base: Dentry, flags: number): Dentry | number => {
  const cached = d_lookup(base, last)
  if (cached !== null) {
    const status = revalidate(cached, flags)
    if (status > 0) return cached
    if (status < 0) return status
    d_invalidate(machine, cached)
  }
  const dir = base.d_inode as Inode
  if ((dir.i_flags & S_DEAD) !== 0) return -ENOENT
  const dentry = d_alloc(machine, base, last)
  const rc = inodeState(dir).i_op.lookup?.(dir, dentry, flags) ?? -ENOTDIR
  return rc !== 0 ? rc : dentry
}

/** As `lookup_one`: looks up a name for the kernel itself. Checks search permission; crosses no mounts. */
export const lookup_one = (machine: Machine, idmap: MntIdmap, name: string, base: Dentry): Dentry | number => {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) return -EACCES
  const rc = inode_permission(machine, idmap, base.d_inode as Inode, MAY_EXEC)
  return rc !== 0 ? rc : lookup_one_qstr_excl(machine, name, base, 0)
}
