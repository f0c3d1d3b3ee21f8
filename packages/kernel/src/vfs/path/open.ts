/** Opening by name: the last component, creation, truncation (path_openat of fs/namei.c). */
import {
  ATTR_CTIME, ATTR_MTIME, ATTR_OPEN, EACCES, ECHILD, EEXIST, EINVAL, EISDIR, ELOOP, ENOENT, ENOTDIR, EOPNOTSUPP,
  EOVERFLOW, EPERM, EROFS, ESTALE, FMODE_CREATED, IN_CREATE, MAY_EXEC, MAY_OPEN, MAY_WRITE, O_ACCMODE, O_APPEND,
  O_CREAT, O_EXCL, O_NOATIME, O_PATH, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, S_APPEND, S_DEAD, S_IFBLK, S_IFCHR, S_IFDIR,
  S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_ISVTX, __O_TMPFILE,
} from '@lsmkit/abi'
import { i_uid_into_vfsuid } from '@lsmkit/core'
import type { Cred, Dentry, File, Inode, MntIdmap, Path, VfsMount } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { audit_inode } from '../../state/audit-names.ts'
import {
  LAST_NORM, LOOKUP_CREATE, LOOKUP_DIRECTORY, LOOKUP_EXCL, LOOKUP_FOLLOW, LOOKUP_OPEN, LOOKUP_RCU,
} from '../../state/vfs/lookup-flags.ts'
import { may_open_dev, mnt_want_write, path_noexec } from '../../state/vfs/mount.ts'
import type { OpenFlags } from '../../state/vfs/open-flags.ts'
import { Place } from '../../state/vfs/place.ts'
import { inodeState } from '../../state/vfs/state.ts'
import { fsuidgid_has_mapping, vfs_prepare_mode } from '../create-checks.ts'
import { d_can_lookup, d_is_dir, d_lookup, d_invalidate, d_alloc } from '../dcache.ts'
import { get_write_access, put_write_access, alloc_empty_file, fput } from '../file.ts'
import { do_truncate } from '../truncate.ts'
import { complete_walk, path_lookupat, path_init } from './lookup.ts'
import { Nameidata, terminate_walk, try_to_unlazy } from './nameidata.ts'
import { inode_permission, inode_owner_or_capable } from './permission.ts'
import { WALK_TRAILING, revalidate, lookup_fast, handle_dots, step_into, link_path_walk } from './walk.ts'
import type { Step } from './walk.ts'

/** 0 or -errno: the checks that depend on the file type. */
const typeAllows = (path: Path, inode: Inode, acc_mode: number): number => {
  const type = inode.i_mode & S_IFMT
  if (type === S_IFREG) return (acc_mode & MAY_EXEC) !== 0 && path_noexec(path) ? -EACCES : 0
  if (type === S_IFLNK) return -ELOOP
  if (type === S_IFDIR) {
    if ((acc_mode & MAY_WRITE) !== 0) return -EISDIR
    return (acc_mode & MAY_EXEC) !== 0 ? -EACCES : 0
  }
  if ((type === S_IFBLK || type === S_IFCHR) && !may_open_dev(path)) return -EACCES
  return (acc_mode & MAY_EXEC) !== 0 ? -EACCES : 0
}

export const may_open = (machine: Machine, path: Path, acc_mode: number, flag: number): number => {
  const inode = path.dentry.d_inode
  if (inode === null) return -ENOENT
  const type = inode.i_mode & S_IFMT
  let rc = typeAllows(path, inode, acc_mode)
  if (rc !== 0) return rc
  if (type !== S_IFREG && type !== S_IFDIR) flag &= ~O_TRUNC
  const { mnt_idmap } = path.mnt
  rc = inode_permission(machine, mnt_idmap, inode, MAY_OPEN | acc_mode)
  if (rc !== 0) return rc
  if ((inode.i_flags & S_APPEND) !== 0) {
    if ((flag & O_ACCMODE) !== O_RDONLY && (flag & O_APPEND) === 0) return -EPERM
    if ((flag & O_TRUNC) !== 0) return -EPERM
  }
  return (flag & O_NOATIME) !== 0 && !inode_owner_or_capable(machine, mnt_idmap, inode) ? -EPERM : 0
}

/**
 * As `may_create_in_sticky` (protected_regular, protected_fifos): O_CREAT may not open files of other users in sticky
 * directories. 0 or -EACCES.
 */
const may_create_in_sticky = (machine: Machine, idmap: MntIdmap, nd: Nameidata, inode: Inode): number => {
  if ((nd.dir_mode & S_ISVTX) === 0) return 0
  const type = inode.i_mode & S_IFMT
  const { protected_regular, protected_fifos } = machine.sysctl
  const level = type === S_IFREG ? protected_regular : type === S_IFIFO ? protected_fifos : 2
  if (level === 0) return 0
  const owner = i_uid_into_vfsuid(idmap, inode)
  if (owner === nd.dir_uid || owner === machine.current.task.cred.fsuid) return 0
  if ((nd.dir_mode & 0o002) !== 0) return -EACCES
  const checked = type === S_IFREG || type === S_IFIFO
  return (nd.dir_mode & 0o020) !== 0 && checked && level >= 2 ? -EACCES : 0
}

/** As `may_o_create`: 0 or -errno. Asks path_mknod before the mode bits are checked, and inode_create after. */
const may_o_create = (machine: Machine, dir: Path, dentry: Dentry, mode: number): number => {
  const inode = dir.dentry.d_inode as Inode
  let rc = machine.lsm.path_mknod.ask(dir, dentry, mode, 0)
  if (rc !== 0) return rc
  if (!fsuidgid_has_mapping(machine, inode.i_sb, dir.mnt.mnt_idmap)) return -EOVERFLOW
  rc = inode_permission(machine, dir.mnt.mnt_idmap, inode, MAY_WRITE | MAY_EXEC)
  return rc !== 0 ? rc : machine.lsm.inode_create.ask(inode, dentry, mode)
}

/** The cached name if it is still valid, null if it has to be looked up, or -errno. */
const findName = (machine: Machine, dir: Dentry, name: string, flags: number): Dentry | number | null => {
  const cached = d_lookup(dir, name)
  if (cached === null) return null
  const status = revalidate(cached, flags)
  if (status > 0) return cached
  if (status < 0) return status
  d_invalidate(machine, cached)
  return null
}

/** As `lookup_open`: finds or creates the last component of an O_CREAT open, or of a name that is not cached. */
const lookup_open = (
  machine: Machine, nd: Nameidata, file: File, op: OpenFlags, got_write: boolean,
): Dentry | number => {
  const dir = nd.dentry as Dentry
  const dir_inode = dir.d_inode as Inode
  if ((dir_inode.i_flags & S_DEAD) !== 0) return -ENOENT
  const cached = findName(machine, dir, nd.last, nd.flags)
  if (typeof cached === 'number') return cached
  if (cached !== null && cached.d_inode !== null) return cached
  const dentry = cached ?? d_alloc(machine, dir, nd.last)
  const idmap = (nd.mnt as VfsMount).mnt_idmap
  let mode = op.mode
  let create_error = 0
  const creates = (op.open_flag & O_CREAT) !== 0
  if (creates) {
    mode = vfs_prepare_mode(machine, idmap, dir_inode, mode, mode, mode)
    // permission to create is checked first; the result counts only if the name does not exist
    create_error = got_write ? may_o_create(machine, nd.path(), dentry, mode) : -EROFS
  }
  if (cached === null) {
    const rc = inodeState(dir_inode).i_op.lookup?.(dir_inode, dentry, nd.flags) ?? -ENOTDIR
    if (rc !== 0) return rc
  }
  if (dentry.d_inode !== null) return dentry
  if (creates && create_error === 0) {
    file.f_mode |= FMODE_CREATED
    const { create } = inodeState(dir_inode).i_op
    const rc = create === null ? -EACCES : create(idmap, dir_inode, dentry, mode)
    if (rc !== 0) return rc
    audit_inode(machine, dentry.d_inode)
    machine.fsnotify.name(IN_CREATE, dir_inode, dentry.d_inode, nd.last)
    return dentry
  }
  return create_error !== 0 ? create_error : dentry
}

/** The cached name, null if it has to be looked up, or -errno. */
const lookup_fast_for_open = (machine: Machine, nd: Nameidata, open_flag: number): Dentry | number | null => {
  if ((open_flag & O_CREAT) !== 0) {
    if (nd.trailing) return -EISDIR
    if ((open_flag & O_EXCL) !== 0) return null
  }
  if (nd.trailing) nd.flags |= LOOKUP_FOLLOW | LOOKUP_DIRECTORY
  const dentry = lookup_fast(machine, nd)
  const isNegative = typeof dentry === 'object' && dentry !== null && dentry.d_inode === null
  return isNegative && (open_flag & O_CREAT) !== 0 ? null : dentry
}

const open_last_lookups = (machine: Machine, nd: Nameidata, file: File, op: OpenFlags): Step => {
  nd.flags |= op.intent
  if (nd.last_type !== LAST_NORM) {
    if (nd.depth > 0) nd.depth--
    return handle_dots(machine, nd, nd.last_type)
  }
  let dentry = lookup_fast_for_open(machine, nd, op.open_flag)
  if (typeof dentry === 'number') return dentry
  if (dentry === null) {
    const creates = (op.open_flag & O_CREAT) !== 0
    if (creates && (nd.flags & LOOKUP_RCU) !== 0 && !try_to_unlazy(nd)) return -ECHILD
    if (creates) audit_inode(machine, nd.inode)
    const wants = (op.open_flag & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)) !== 0
    const got_write = wants && mnt_want_write(nd.mnt as VfsMount) === 0
    dentry = lookup_open(machine, nd, file, op, got_write)
    if (typeof dentry === 'number') return dentry
    if ((file.f_mode & FMODE_CREATED) !== 0) {
      nd.dentry = dentry
      nd.inode = dentry.d_inode
      return 0
    }
  }
  if (nd.depth > 0) nd.depth--
  const link = step_into(machine, nd, WALK_TRAILING, dentry)
  if (typeof link === 'string') nd.flags &= ~(LOOKUP_OPEN | LOOKUP_CREATE | LOOKUP_EXCL)
  return link
}

const handle_truncate = (machine: Machine, file: File): number => {
  const inode = file.f_inode
  let rc = get_write_access(inode)
  if (rc !== 0) return rc
  rc = machine.lsm.file_truncate.ask(file)
  if (rc === 0) {
    const { mnt, dentry } = file.f_path
    rc = do_truncate(machine, mnt.mnt_idmap, dentry, 0, ATTR_MTIME | ATTR_CTIME | ATTR_OPEN, file)
  }
  put_write_access(inode)
  return rc
}

/** 0 or -errno: the checks of O_CREAT, O_EXCL and O_DIRECTORY on the file that was found. */
const acceptable = (machine: Machine, nd: Nameidata, created: boolean, open_flag: number): number => {
  const dentry = nd.dentry as Dentry
  if ((open_flag & O_CREAT) !== 0) {
    if ((open_flag & O_EXCL) !== 0 && !created) return -EEXIST
    if (d_is_dir(dentry)) return -EISDIR
    const rc = may_create_in_sticky(machine, (nd.mnt as VfsMount).mnt_idmap, nd, dentry.d_inode as Inode)
    if (rc !== 0) return rc
  }
  return (nd.flags & LOOKUP_DIRECTORY) !== 0 && !d_can_lookup(dentry) ? -ENOTDIR : 0
}

/**
 * As `do_open`, after the walk: checks, opens, truncates. A file that was just created needs neither permission nor
 * truncation.
 */
const do_open = (machine: Machine, nd: Nameidata, file: File, op: OpenFlags): number => {
  const created = (file.f_mode & FMODE_CREATED) !== 0
  let rc = created ? 0 : complete_walk(nd)
  if (rc === 0 && !created) audit_inode(machine, nd.inode)
  if (rc === 0) rc = acceptable(machine, nd, created, op.open_flag)
  if (rc !== 0) return rc
  const path = nd.path()
  const truncates =
    !created && (op.open_flag & O_TRUNC) !== 0 && ((nd.inode as Inode).i_mode & S_IFMT) === S_IFREG
  if (truncates) {
    rc = mnt_want_write(path.mnt)
    if (rc !== 0) return rc
  }
  rc = may_open(machine, path, created ? 0 : op.acc_mode, created ? op.open_flag & ~O_TRUNC : op.open_flag)
  if (rc === 0) rc = machine.vfs.vfs_open(file, path)
  if (rc === 0) rc = machine.lsm.file_post_open.ask(file, op.acc_mode)
  if (rc === 0 && truncates) rc = handle_truncate(machine, file)
  return rc > 0 ? -EINVAL : rc
}

/** As `vfs_tmpfile` (O_TMPFILE): opens a file without a name in the directory `parent`. 0 or -errno. */
export const vfs_tmpfile = (machine: Machine, parent: Path, file: File, mode: number): number => {
  const dir = parent.dentry.d_inode as Inode
  const { mnt_idmap } = parent.mnt
  if (!fsuidgid_has_mapping(machine, dir.i_sb, mnt_idmap)) return -EOVERFLOW
  let rc = inode_permission(machine, mnt_idmap, dir, MAY_WRITE | MAY_EXEC)
  if (rc !== 0) return rc
  const { tmpfile } = inodeState(dir).i_op
  if (tmpfile === null) return -EOPNOTSUPP
  const dentry = d_alloc(machine, parent.dentry, '/')
  const path = new Place(parent.mnt, dentry)
  file.f_path = path
  rc = tmpfile(mnt_idmap, dir, file, vfs_prepare_mode(machine, mnt_idmap, dir, mode, mode, mode))
  if (rc === 0) rc = machine.vfs.vfs_open(file, path)
  if (rc === 0) rc = may_open(machine, path, 0, file.f_flags)
  if (rc !== 0) return rc
  const inode = dentry.d_inode as Inode
  // do_tmpfile clears this again for O_EXCL, which vfs_open has removed from f_flags
  inodeState(inode).makeRare().linkable = true
  machine.lsm.inode_post_create_tmpfile.tell(mnt_idmap, inode)
  return 0
}

/** As `kernel_tmpfile_open`: an O_TMPFILE file for the kernel's own use. */
export const kernel_tmpfile_open = (
  machine: Machine, parent: Path, mode: number, flags: number, cred: Cred,
): File | number => {
  const file = alloc_empty_file(machine, flags, cred)
  if (typeof file === 'number') return file
  const rc = vfs_tmpfile(machine, parent, file, mode)
  if (rc === 0) return file
  fput(machine, file)
  return rc
}

const do_tmpfile = (machine: Machine, nd: Nameidata, flags: number, op: OpenFlags, file: File): number => {
  let rc = path_lookupat(machine, nd, flags | LOOKUP_DIRECTORY)
  if (rc !== 0) return rc
  const path = nd.path()
  rc = mnt_want_write(path.mnt)
  if (rc === 0) rc = vfs_tmpfile(machine, path, file, op.mode)
  if (rc === 0 && (op.open_flag & O_EXCL) !== 0) inodeState(file.f_inode).makeRare().linkable = false
  return rc
}

const do_o_path = (machine: Machine, nd: Nameidata, flags: number, file: File): number => {
  const rc = path_lookupat(machine, nd, flags)
  return rc !== 0 ? rc : machine.vfs.vfs_open(file, nd.path())
}

const walkAndOpen = (machine: Machine, nd: Nameidata, flags: number, op: OpenFlags, file: File): number => {
  let rc = path_init(machine, nd, flags)
  let name = nd.name
  while (rc === 0) {
    rc = link_path_walk(machine, name, nd)
    if (rc !== 0) break
    const link = open_last_lookups(machine, nd, file, op)
    if (typeof link === 'number') {
      rc = link
      break
    }
    name = link
  }
  return rc !== 0 ? rc : do_open(machine, nd, file, op)
}

/** As `path_openat`: one try. Each try allocates a file, which LSMs see. */
const path_openat = (machine: Machine, nd: Nameidata, op: OpenFlags, flags: number): File | number => {
  const file = alloc_empty_file(machine, op.open_flag, machine.current.task.cred)
  if (typeof file === 'number') return file
  let rc: number
  if ((file.f_flags & __O_TMPFILE) !== 0) rc = do_tmpfile(machine, nd, flags, op, file)
  else if ((file.f_flags & O_PATH) !== 0) rc = do_o_path(machine, nd, flags, file)
  else rc = walkAndOpen(machine, nd, flags, op, file)
  if (rc === 0) return file
  fput(machine, file)
  return rc
}

/** As `do_filp_open`: the open file, or -errno. Tries rcu-walk first, then ref-walk. */
export const do_filp_open = (
  machine: Machine, dfd: number, name: string, op: OpenFlags, root: Path | null = null,
): File | number => {
  const nd = new Nameidata(dfd, name, root)
  let file = path_openat(machine, nd, op, op.lookup_flags | LOOKUP_RCU)
  if (file === -ECHILD) file = path_openat(machine, nd, op, op.lookup_flags)
  if (file === -ESTALE) file = path_openat(machine, nd, op, op.lookup_flags)
  terminate_walk(nd)
  return file
}
