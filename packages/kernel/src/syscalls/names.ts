/** Makes, removes and moves names, and reads links (fs/namei.c, fs/stat.c). */
import { AT_FDCWD, AT_REMOVEDIR, EFAULT, EINVAL, ENOENT, S_IFLNK, S_IFMT } from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import { copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { LOOKUP_EMPTY } from '../state/vfs/lookup-flags.ts'
import { encodeName, getname } from '../state/vfs/names.ts'
import { inodeState } from '../state/vfs/state.ts'
import { umode } from '../state/vfs/umode.ts'

const unlinkat = (machine: Machine, dfd: number, pathname: unknown, flag: number): number => {
  if ((flag & ~AT_REMOVEDIR) !== 0) return -EINVAL
  return (flag & AT_REMOVEDIR) !== 0 ? machine.vfs.do_rmdir(dfd, pathname) : machine.vfs.do_unlinkat(dfd, pathname)
}

/** The text of a link as readlink shows it. */
const linkText = (machine: Machine, dentry: Dentry, inode: Inode): string | number => {
  const { i_op, rare } = inodeState(inode)
  const i_link = rare?.i_link ?? null
  if (i_op.readlink !== null) return i_op.readlink(dentry)
  if (i_link !== null) return i_link
  const body = i_op.get_link === null ? -EINVAL : i_op.get_link(dentry, inode)
  return typeof body === 'object' ? machine.vfs.d_path(body) : body
}

const readlinkat = (machine: Machine, dfd: number, pathname: unknown, buf: GuestBytes | null): number => {
  if (buf === null) return -EFAULT
  if (buf.length === 0) return -EINVAL
  const name = getname(pathname, LOOKUP_EMPTY)
  if (typeof name === 'number') return name
  const path = machine.vfs.filename_lookup(dfd, name, LOOKUP_EMPTY, null)
  if (typeof path === 'number') return path
  const inode = path.dentry.d_inode as Inode
  if ((inode.i_mode & S_IFMT) !== S_IFLNK && inodeState(inode).i_op.readlink === null) {
    return name === '' ? -ENOENT : -EINVAL
  }
  const rc = machine.lsm.inode_readlink.ask(path.dentry)
  if (rc !== 0) return rc
  machine.vfs.touch_atime(path.mnt, inode)
  const text = linkText(machine, path.dentry, inode)
  if (typeof text === 'number') return text
  const bytes = encodeName(text).subarray(0, buf.length)
  copyOut(bytes, buf)
  return bytes.length
}

const mknodat = (machine: Machine, dfd: number, filename: unknown, mode: number, dev: number): number =>
  machine.vfs.do_mknodat(dfd, filename, umode(mode), dev)

const mknod = (machine: Machine, filename: unknown, mode: number, dev: number): number =>
  machine.vfs.do_mknodat(AT_FDCWD, filename, umode(mode), dev)

const mkdirat = (
  machine: Machine, dfd: number, pathname: unknown, mode: number,
): number => machine.vfs.do_mkdirat(dfd, pathname, umode(mode))

const mkdir = (
  machine: Machine, pathname: unknown, mode: number,
): number => machine.vfs.do_mkdirat(AT_FDCWD, pathname, umode(mode))

const rmdir = (machine: Machine, pathname: unknown): number => machine.vfs.do_rmdir(AT_FDCWD, pathname)

const unlink = (machine: Machine, pathname: unknown): number => machine.vfs.do_unlinkat(AT_FDCWD, pathname)

const symlinkat = (
  machine: Machine, oldname: unknown, newdfd: number, newname: unknown,
): number => machine.vfs.do_symlinkat(oldname, newdfd, newname)

const symlink = (
  machine: Machine, oldname: unknown, newname: unknown,
): number => machine.vfs.do_symlinkat(oldname, AT_FDCWD, newname)

const linkat = (
  machine: Machine, olddfd: number, oldname: unknown, newdfd: number, newname: unknown, flags: number,
): number =>
  machine.vfs.do_linkat(olddfd, oldname, newdfd, newname, flags)

const link = (
  machine: Machine, oldname: unknown, newname: unknown,
): number => machine.vfs.do_linkat(AT_FDCWD, oldname, AT_FDCWD, newname, 0)

const renameat2 = (
  machine: Machine, olddfd: number, oldname: unknown, newdfd: number, newname: unknown, flags: number,
): number =>
  machine.vfs.do_renameat2(olddfd, oldname, newdfd, newname, flags)

const renameat = (machine: Machine, olddfd: number, oldname: unknown, newdfd: number, newname: unknown): number =>
  machine.vfs.do_renameat2(olddfd, oldname, newdfd, newname, 0)

const rename = (
  machine: Machine, oldname: unknown, newname: unknown,
): number => machine.vfs.do_renameat2(AT_FDCWD, oldname, AT_FDCWD, newname, 0)

const readlink = (
  machine: Machine, pathname: unknown, buf: GuestBytes | null,
): number => readlinkat(machine, AT_FDCWD, pathname, buf)

export const nameSyscalls = {
  mknodat, mknod, mkdirat, mkdir, rmdir, unlinkat, unlink, symlinkat, symlink, linkat, link, renameat2, renameat,
  rename, readlinkat, readlink,
}
