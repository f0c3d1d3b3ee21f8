/** The operations that change a folder of the host: names, contents, modes and times, not owners. */
import {
  ATTR_ATIME, ATTR_GID, ATTR_MODE, ATTR_MTIME, ATTR_SIZE, ATTR_UID, EEXIST, EINVAL, EPERM, FMODE_WRITE,
  RENAME_NOREPLACE, S_ISGID, S_ISUID,
} from '@lsmkit/abi'
import type { Dentry, File, Iattr, Inode, MntIdmap } from '@lsmkit/core'
import { bound } from '../../state/bound.ts'
import { forHost } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import type { FileOperations, InodeOperations } from '../../state/vfs/driver.ts'
import { hostFd } from './host-file.ts'
import { nodeOf } from './host-fs.ts'
import type { HostFs } from './host-fs.ts'
import { instantiate } from './host-inode.ts'
import { labelNew } from './host-labels.ts'
import type { Found } from './host-node.ts'
import type { WritableHostDir } from './host-write.ts'

const nanoseconds = (sec: number, nsec: number): bigint => BigInt(sec) * 1_000_000_000n + BigInt(nsec)

/** Gives a new name its inode. `isNew`: the file is new too. One that cannot have its labels is taken away again. */
const settle = (own: HostFs, dir: Inode, dentry: Dentry, found: Found | number, isNew = true): number => {
  if (typeof found === 'number') return found
  const inode = instantiate(own, dir.i_sb, found.node, found.stat)
  if (typeof inode === 'number') return inode
  const rc = isNew ? labelNew(own, dir, dentry, inode) : 0
  if (rc !== 0) {
    const { node } = found
    void (node.kind === 'dir' ? own.writable!.rmdir(node) : own.writable!.unlink(node))
    return rc
  }
  own.machine.vfs.touchModified(dir)
  own.machine.vfs.d_instantiate(dentry, inode)
  return 0
}

const gone = (own: HostFs, dir: Inode, dentry: Dentry, rc: number): number => {
  if (rc !== 0) return rc
  own.machine.vfs.touchModified(dir)
  dentry.d_inode!.i_nlink--
  return 0
}

const create = (own: HostFs, _idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number =>
  settle(own, dir, dentry, own.writable!.create(nodeOf(dir), dentry.d_name.name, mode))

const mkdir = (own: HostFs, _idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number =>
  settle(own, dir, dentry, own.writable!.mkdir(nodeOf(dir), dentry.d_name.name, mode))

const symlink = (own: HostFs, _idmap: MntIdmap, dir: Inode, dentry: Dentry, target: string): number =>
  settle(own, dir, dentry, own.writable!.symlink(nodeOf(dir), dentry.d_name.name, target))

const unlink = (own: HostFs, dir: Inode, dentry: Dentry): number =>
  gone(own, dir, dentry, own.writable!.unlink(nodeOf(dentry.d_inode!)))

const rmdir = (own: HostFs, dir: Inode, dentry: Dentry): number =>
  gone(own, dir, dentry, own.writable!.rmdir(nodeOf(dentry.d_inode!)))

const link = (own: HostFs, old_dentry: Dentry, dir: Inode, dentry: Dentry): number => {
  const rc = own.writable!.link(nodeOf(old_dentry.d_inode!), nodeOf(dir), dentry.d_name.name)
  return rc !== 0 ? rc : settle(own, dir, dentry, own.writable!.lookup(nodeOf(dir), dentry.d_name.name), false)
}

const rename = (
  own: HostFs, _idmap: MntIdmap, old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry, flags: number,
): number => {
  if ((flags & ~RENAME_NOREPLACE) !== 0) return -EINVAL
  const keep = (flags & RENAME_NOREPLACE) !== 0
  if (keep && new_dentry.d_inode !== null) return -EEXIST
  const rc = own.writable!.rename(nodeOf(old_dentry.d_inode!), nodeOf(new_dir), new_dentry.d_name.name, keep)
  if (rc !== 0) return rc
  if (new_dentry.d_inode !== null) new_dentry.d_inode.i_nlink--
  own.machine.vfs.touchModified(old_dir)
  own.machine.vfs.touchModified(new_dir)
  return 0
}

/** The owner cannot be changed, but it may be set to what it is. */
const keepsOwner = (inode: Inode, attr: Iattr): boolean =>
  ((attr.ia_valid & ATTR_UID) === 0 || attr.ia_uid === inode.i_uid) &&
  ((attr.ia_valid & ATTR_GID) === 0 || attr.ia_gid === inode.i_gid)

const resize = (host: WritableHostDir, inode: Inode, { ia_file, ia_size }: Iattr): number => {
  // O_TRUNC may come with a descriptor for reading
  const isWritable = ia_file !== null && (ia_file.f_mode & FMODE_WRITE) !== 0
  return isWritable ? host.resize(hostFd(ia_file), ia_size) : host.truncate(nodeOf(inode), ia_size)
}

const setTimes = (host: WritableHostDir, inode: Inode, attr: Iattr): number => {
  const { ia_valid, ia_atime_sec, ia_atime_nsec, ia_mtime_sec, ia_mtime_nsec } = attr
  const atime = (ia_valid & ATTR_ATIME) !== 0 ? nanoseconds(ia_atime_sec, ia_atime_nsec) : null
  const mtime = (ia_valid & ATTR_MTIME) !== 0 ? nanoseconds(ia_mtime_sec, ia_mtime_nsec) : null
  return host.utimes(nodeOf(inode), atime, mtime)
}

const setattr = (own: HostFs, idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
  const host = own.writable!
  const { vfs } = own.machine
  const { ia_valid } = attr
  const inode = dentry.d_inode!
  let rc = vfs.setattr_prepare(idmap, dentry, attr)
  if (rc !== 0) return rc
  if (!keepsOwner(inode, attr)) return -EPERM
  if ((ia_valid & ATTR_MODE) !== 0 && (attr.ia_mode & (S_ISUID | S_ISGID)) !== 0) return -EPERM
  const isResized = (ia_valid & ATTR_SIZE) !== 0
  if (isResized) rc = resize(host, inode, attr)
  if (rc === 0 && (ia_valid & ATTR_MODE) !== 0) rc = host.chmod(nodeOf(inode), attr.ia_mode)
  if (rc === 0 && (ia_valid & (ATTR_ATIME | ATTR_MTIME)) !== 0 && !isResized) rc = setTimes(host, inode, attr)
  if (rc !== 0) return rc
  if (isResized) inode.i_size = attr.ia_size
  vfs.setattr_copy(idmap, inode, attr)
  return 0
}

const write = (own: HostFs, file: File, buf: GuestBytes, off: number, len: number, pos: number): number => {
  const inode = file.f_inode
  const room = own.machine.vfs.prepare_write(file, pos, len)
  if (room <= 0) return room
  const written = own.writable!.write(hostFd(file), forHost(buf), off, room, pos)
  if (written > 0 && pos + written > inode.i_size) inode.i_size = pos + written
  return written
}

const fsync = (own: HostFs, file: File): number => own.writable!.fsync(hostFd(file))

/** Inode operations by kind of node, on top of those of a read-only folder. */
export const inodeChanges = (own: HostFs): Readonly<Record<'dir' | 'file' | 'link', Partial<InodeOperations>>> => {
  const common = bound(own, { setattr })
  const names = bound(own, { create, mkdir, symlink, unlink, rmdir, link, rename })
  return { dir: { ...common, ...names }, file: common, link: common }
}

export const fileChanges = (own: HostFs): Partial<FileOperations> => bound(own, { write, fsync })
