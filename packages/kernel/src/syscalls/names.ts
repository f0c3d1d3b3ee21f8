/** Making, removing and moving names, and reading links (fs/namei.c, fs/stat.c). */
import {
  AT_FDCWD, AT_REMOVEDIR, EFAULT, EINVAL, ENOENT, S_IFLNK, S_IFMT,
} from '@lsmkit/abi'
import type { Dentry, Inode, KeyMap } from '@lsmkit/core'
import { copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { LOOKUP_EMPTY } from '../state/vfs/lookup-flags.ts'
import { encodeName, getname } from '../state/vfs/names.ts'
import { inodeState } from '../state/vfs/state.ts'

export const nameSyscalls = (lsm: KeyMap, machine: Machine) => {
  const {
    do_mknodat,
    do_mkdirat,
    do_symlinkat,
    do_linkat,
    do_unlinkat,
    do_rmdir,
    do_renameat2,
    filename_lookup,
    touch_atime,
    d_path,
  } = machine.vfs

  const unlinkat = (dfd: number, pathname: unknown, flag: number): number => {
    if ((flag & ~AT_REMOVEDIR) !== 0) return -EINVAL
    return (flag & AT_REMOVEDIR) !== 0 ? do_rmdir(dfd, pathname) : do_unlinkat(dfd, pathname)
  }

  /** The text of a link as readlink shows it. */
  const linkText = (dentry: Dentry, inode: Inode): string | number => {
    const { i_op, rare } = inodeState(inode)
    const i_link = rare?.i_link ?? null
    if (i_op.readlink !== null) return i_op.readlink(dentry)
    if (i_link !== null) return i_link
    const body = i_op.get_link === null ? -EINVAL : i_op.get_link(dentry, inode)
    return typeof body === 'object' ? d_path(body) : body
  }

  const readlinkat = (dfd: number, pathname: unknown, buf: GuestBytes | null): number => {
    if (buf === null) return -EFAULT
    if (buf.length === 0) return -EINVAL
    const name = getname(pathname, LOOKUP_EMPTY)
    if (typeof name === 'number') return name
    const path = filename_lookup(dfd, name, LOOKUP_EMPTY, null)
    if (typeof path === 'number') return path
    const inode = path.dentry.d_inode as Inode
    if ((inode.i_mode & S_IFMT) !== S_IFLNK && inodeState(inode).i_op.readlink === null) {
      return name === '' ? -ENOENT : -EINVAL
    }
    const rc = lsm.inode_readlink.ask(path.dentry)
    if (rc !== 0) return rc
    touch_atime(path.mnt, inode)
    const text = linkText(path.dentry, inode)
    if (typeof text === 'number') return text
    const bytes = encodeName(text).subarray(0, buf.length)
    copyOut(bytes, buf)
    return bytes.length
  }

  return {
    mknodat: (dfd: number, filename: unknown, mode: number, dev: number): number =>
      do_mknodat(dfd, filename, mode & 0xffff, dev),
    mknod: (filename: unknown, mode: number, dev: number): number =>
      do_mknodat(AT_FDCWD, filename, mode & 0xffff, dev),
    mkdirat: (dfd: number, pathname: unknown, mode: number): number => do_mkdirat(dfd, pathname, mode & 0xffff),
    mkdir: (pathname: unknown, mode: number): number => do_mkdirat(AT_FDCWD, pathname, mode & 0xffff),
    rmdir: (pathname: unknown): number => do_rmdir(AT_FDCWD, pathname),
    unlinkat,
    unlink: (pathname: unknown): number => do_unlinkat(AT_FDCWD, pathname),
    symlinkat: (oldname: unknown, newdfd: number, newname: unknown): number => do_symlinkat(oldname, newdfd, newname),
    symlink: (oldname: unknown, newname: unknown): number => do_symlinkat(oldname, AT_FDCWD, newname),
    linkat: (olddfd: number, oldname: unknown, newdfd: number, newname: unknown, flags: number): number =>
      do_linkat(olddfd, oldname, newdfd, newname, flags),
    link: (oldname: unknown, newname: unknown): number => do_linkat(AT_FDCWD, oldname, AT_FDCWD, newname, 0),
    renameat2: (olddfd: number, oldname: unknown, newdfd: number, newname: unknown, flags: number): number =>
      do_renameat2(olddfd, oldname, newdfd, newname, flags),
    renameat: (olddfd: number, oldname: unknown, newdfd: number, newname: unknown): number =>
      do_renameat2(olddfd, oldname, newdfd, newname, 0),
    rename: (oldname: unknown, newname: unknown): number => do_renameat2(AT_FDCWD, oldname, AT_FDCWD, newname, 0),
    readlinkat,
    readlink: (pathname: unknown, buf: GuestBytes | null): number => readlinkat(AT_FDCWD, pathname, buf),
  }
}
