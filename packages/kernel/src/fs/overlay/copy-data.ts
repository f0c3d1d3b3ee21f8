/** Bytes and attributes of a file that is copied up (fs/overlayfs/copy_up.c). */
import {
  ATTR_ATIME, ATTR_ATIME_SET, ATTR_CTIME, ATTR_GID, ATTR_MODE, ATTR_MTIME, ATTR_MTIME_SET, ATTR_SIZE, ATTR_UID,
  ECANCELED, EINVAL, EIO, ENODATA, ENOTTY, ENXIO, EOPNOTSUPP, EPERM, FMODE_LSEEK, FS_APPEND_FL, FS_IMMUTABLE_FL,
  FS_NOATIME_FL, FS_SYNC_FL, FS_XFLAG_NOATIME, FS_XFLAG_SYNC, MAY_READ, MAY_WRITE, O_LARGEFILE, O_RDONLY, S_IFLNK,
  S_IFMT, SEEK_DATA, XATTR_NAME_CAPS, XATTR_SECURITY_PREFIX,
} from '@lsmkit/abi'
import type { Dentry, File, Inode, Path, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { AttrChange } from '../../state/vfs/iattr.ts'
import type { Kstat } from '../../state/vfs/kstat.ts'
import { isPosixAclXattr } from '../../vfs/posix-acl.ts'
import { fileState, inodeState } from '../../state/vfs/state.ts'
import { shouldSync } from './config.ts'
import { lowerdataPath, ovlFs } from './node.ts'
import type { OvlFs } from './node.ts'
import { openReal, getRealXattr, setRealAcl, setRealXattr, notifyChange } from './real.ts'
import { getFlags, setProtattr, setFlags } from './real-flags.ts'

/** How much is copied in one go. */
const CHUNK = 1 << 20
const COPY_FS_FLAGS = FS_SYNC_FL | FS_NOATIME_FL
const COPY_FSX_FLAGS = FS_XFLAG_SYNC | FS_XFLAG_NOATIME
export const PROT_FS_FLAGS = FS_APPEND_FL | FS_IMMUTABLE_FL

/** Names of the overlay's own, which stay where they are; those behind another `overlay.` are a nested overlay's. */
export const isPrivateXattr = ({ config }: OvlFs, name: string): boolean => {
  const own = `${config.userxattr ? 'user' : 'trusted'}.overlay.`
  return name.startsWith(own) && !name.startsWith('overlay.', own.length)
}

const mustCopy = (name: string): boolean => isPosixAclXattr(name) || name.startsWith(XATTR_SECURITY_PREFIX)

export const syncCopy = (file: File): number => fileState(file).f_op.fsync?.(file, false) ?? -EINVAL

/** The position of the next byte outside of holes; null if the file does not support SEEK_DATA. */
const nextData = (file: File, pos: number): number | null => {
  const found = fileState(file).f_op.llseek?.(file, pos, SEEK_DATA) ?? -EINVAL
  return found >= 0 || found === -ENXIO ? found : null
}

/** Holes are left out; the size is set afterwards. */
const copyRanges = (machine: Machine, old: File, next: File, len: number): number => {
  let pos = 0
  let data: number | null = (old.f_mode & FMODE_LSEEK) !== 0 ? -1 : null
  while (pos < len) {
    if (data !== null && data < pos) {
      data = nextData(old, pos)
      if (data === -ENXIO) return 0
      if (data !== null && data > pos) {
        pos = data
        continue
      }
    }
    const n = machine.vfs.splice_direct(old, pos, next, pos, Math.min(CHUNK, len - pos))
    if (n <= 0) return n
    pos += n
  }
  return 0
}

const copyBetween = (machine: Machine, ofs: OvlFs, old: File, next: File, len: number, sync: boolean): number => {
  let rc = machine.vfs.rw_verify_area(old, MAY_READ, 0, len)
  if (rc === 0) rc = machine.vfs.rw_verify_area(next, MAY_WRITE, 0, len)
  if (rc === 0) rc = copyRanges(machine, old, next, len)
  return rc === 0 && sync && shouldSync(ofs.config) ? syncCopy(next) : rc
}

/** The first `len` bytes of a lower file into an open upper one. */
export const copyData = (
  machine: Machine, ofs: OvlFs, dentry: Dentry, next: File, len: number, sync: boolean,
): number => {
  const path = lowerdataPath(dentry)
  if (path === null) return -EIO
  const old = openReal(machine, path, O_LARGEFILE | O_RDONLY)
  if (typeof old === 'number') return old
  const rc = copyBetween(machine, ofs, old, next, len, sync)
  machine.vfs.fput(old)
  return rc
}

/** The kernel has one buffer for all values and asks again when one does not fit. */
export const valueReader = (machine: Machine, path: Path) => {
  let room = 0
  return (name: string): Uint8Array | number => {
    let value = getRealXattr(machine, path, name)
    if (typeof value === 'number' || value.length <= room) return value
    if (room > 0) {
      value = getRealXattr(machine, path, name)
      if (typeof value === 'number') return value
    }
    value = getRealXattr(machine, path, name)
    if (typeof value !== 'number') room = value.length
    return value
  }
}

const copyAcl = (machine: Machine, ofs: OvlFs, from: Path, to: Dentry, name: string): number => {
  const acl = machine.vfs.vfs_get_acl(from.mnt.mnt_idmap, from.dentry, name)
  if (typeof acl === 'number') return acl === -ENODATA || acl === -EOPNOTSUPP ? 0 : acl
  return setRealAcl(machine, ofs, to, name, acl)
}

const copyOne = (
  machine: Machine, ofs: OvlFs, from: Path, to: Dentry, name: string, read: (name: string) => Uint8Array | number,
) => {
  const asked = machine.lsm.inode_copy_up_xattr.ask(from.dentry, name)
  if (asked === -ECANCELED) return 0
  if (asked < 0 && asked !== -EOPNOTSUPP) return asked
  if (isPosixAclXattr(name)) return copyAcl(machine, ofs, from, to, name)
  const value = read(name)
  if (typeof value === 'number') {
    const isNone = value === -ENODATA || value === -EOPNOTSUPP || value === -EINVAL
    return name === XATTR_NAME_CAPS && isNone ? 0 : value
  }
  const rc = setRealXattr(machine, ofs, to, name, value, 0)
  return rc === -EOPNOTSUPP && !mustCopy(name) ? 0 : rc
}

/** All attributes but the overlay's own and those that an LSM keeps back. */
export const copyXattrs = (machine: Machine, sb: SuperBlock, from: Path, to: Dentry): number => {
  const ofs = ovlFs(sb)
  const lists = [from.dentry, to].every((dentry) => inodeState(dentry.d_inode as Inode).i_op.listxattr !== null)
  if (!lists) return 0
  // once for the size
  const probe = machine.vfs.vfs_listxattr(from.dentry)
  if (typeof probe === 'number') return probe === -EOPNOTSUPP ? 0 : probe
  if (probe.length === 0) return 0
  const names = machine.vfs.vfs_listxattr(from.dentry)
  if (typeof names === 'number') return names
  const read = valueReader(machine, from)
  for (const name of names) {
    if (isPrivateXattr(ofs, name)) continue
    const rc = copyOne(machine, ofs, from, to, name, read)
    if (rc !== 0) return rc
  }
  return 0
}

/** chattr's flags; those that would keep the file from being put in its place go into an attribute. */
export const copyFlags = (machine: Machine, inode: Inode, from: Path, to: Path): number => {
  const old = getFlags(machine, from)
  if (typeof old === 'number') return old === -ENOTTY || old === -EINVAL ? 0 : old
  const flags = old.flags
  if ((flags & PROT_FS_FLAGS) !== 0) {
    const rc = setProtattr(machine, inode, to.dentry, old)
    if (rc !== 0 && rc !== -EPERM) return rc
  }
  if ((flags & COPY_FS_FLAGS) === 0) return 0
  const next = getFlags(machine, to)
  if (typeof next === 'number') return next === -ENOTTY || next === -EINVAL ? 0 : next
  next.flags = (next.flags & ~COPY_FS_FLAGS) | (flags & COPY_FS_FLAGS)
  next.fsx_xflags = (next.fsx_xflags & ~COPY_FSX_FLAGS) | (old.fsx_xflags & COPY_FSX_FLAGS)
  return setFlags(machine, to, next)
}

export const setSize = (machine: Machine, ofs: OvlFs, upper: Dentry, { size }: Kstat): number => {
  const attr = new AttrChange(ATTR_SIZE)
  attr.ia_size = size
  return notifyChange(machine, ofs, upper, attr)
}

export const setTimes = (machine: Machine, ofs: OvlFs, upper: Dentry, stat: Kstat): number => {
  const attr = new AttrChange(ATTR_ATIME | ATTR_MTIME | ATTR_ATIME_SET | ATTR_MTIME_SET | ATTR_CTIME)
  attr.ia_atime_sec = stat.atime_sec
  attr.ia_atime_nsec = stat.atime_nsec
  attr.ia_mtime_sec = stat.mtime_sec
  attr.ia_mtime_nsec = stat.mtime_nsec
  return notifyChange(machine, ofs, upper, attr)
}

/** Mode, owner and times. */
export const setAttrs = (machine: Machine, ofs: OvlFs, upper: Dentry, stat: Kstat): number => {
  if ((stat.mode & S_IFMT) !== S_IFLNK) {
    const mode = new AttrChange(ATTR_MODE)
    mode.ia_mode = stat.mode
    const rc = notifyChange(machine, ofs, upper, mode)
    if (rc !== 0) return rc
  }
  const owner = new AttrChange(ATTR_UID | ATTR_GID)
  owner.ia_uid = stat.uid
  owner.ia_gid = stat.gid
  const rc = notifyChange(machine, ofs, upper, owner)
  if (rc === 0) setTimes(machine, ofs, upper, stat)
  return rc
}
