/** The operations that change a folder of the host: names, contents, modes and times; owners stay as they are. */
import {
  ATTR_ATIME, ATTR_GID, ATTR_MODE, ATTR_MTIME, ATTR_SIZE, ATTR_UID, EEXIST, EINVAL, EPERM, FMODE_WRITE,
  RENAME_NOREPLACE, S_ISGID, S_ISUID,
} from '@lsmkit/abi'
import type { Dentry, Iattr, Inode, MntIdmap, SuperBlock } from '@lsmkit/core'
import { forHost } from '../../state/guest-bytes.ts'
import type { Machine } from '../../machine.ts'
import { fileState, inodeState } from '../../state/vfs/state.ts'
import type { FileOperations, InodeOperations } from '../../state/vfs/driver.ts'
import type { HostNode, HostStat } from './host-node.ts'
import type { WritableHostDir } from './host-write.ts'

export interface HostChanges {
  readonly dir: Partial<InodeOperations>
  readonly file: Partial<InodeOperations>
  readonly link: Partial<InodeOperations>
  readonly open: Partial<FileOperations>
}

const nodeOf = (inode: Inode): HostNode => inodeState(inode).fs as HostNode
const seconds = (sec: number, nsec: number): number => sec + nsec / 1e9

export const hostChanges = (
  machine: Machine,
  host: WritableHostDir,
  instantiate: (sb: SuperBlock, node: HostNode, stat: HostStat) => Inode | number,
): HostChanges => {
  const { vfs } = machine

  /** What was made gets its inode. */
  const settle = (dir: Inode, dentry: Dentry, found: { node: HostNode; stat: HostStat } | number): number => {
    if (typeof found === 'number') return found
    const inode = instantiate(dir.i_sb, found.node, found.stat)
    if (typeof inode === 'number') return inode
    vfs.touchModified(dir)
    vfs.d_instantiate(dentry, inode)
    return 0
  }
  const gone = (dir: Inode, dentry: Dentry, rc: number): number => {
    if (rc !== 0) return rc
    vfs.touchModified(dir)
    dentry.d_inode!.i_nlink--
    return 0
  }

  /** Owners cannot be changed: asked for what they are, nothing happens. */
  const keepsOwner = (inode: Inode, attr: Iattr): boolean =>
    ((attr.ia_valid & ATTR_UID) === 0 || attr.ia_uid === inode.i_uid) &&
    ((attr.ia_valid & ATTR_GID) === 0 || attr.ia_gid === inode.i_gid)

  const setattr = (idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
    const inode = dentry.d_inode!
    let rc = vfs.setattr_prepare(idmap, dentry, attr)
    if (rc !== 0) return rc
    if (!keepsOwner(inode, attr)) return -EPERM
    const node = nodeOf(inode)
    if ((attr.ia_valid & ATTR_MODE) !== 0 && (attr.ia_mode & (S_ISUID | S_ISGID)) !== 0) return -EPERM
    if ((attr.ia_valid & ATTR_SIZE) !== 0) {
      const { ia_file, ia_size } = attr
      // O_TRUNC may come with a descriptor for reading
      const writable = ia_file !== null && (ia_file.f_mode & FMODE_WRITE) !== 0
      rc = writable ? host.resize(fileState(ia_file).data as number, ia_size) : host.truncate(node, ia_size)
    }
    if (rc === 0 && (attr.ia_valid & ATTR_MODE) !== 0) rc = host.chmod(node, attr.ia_mode)
    if (rc === 0 && (attr.ia_valid & (ATTR_ATIME | ATTR_MTIME)) !== 0 && (attr.ia_valid & ATTR_SIZE) === 0) {
      const has = (bit: number): boolean => (attr.ia_valid & bit) !== 0
      const { ia_atime_sec, ia_atime_nsec, ia_mtime_sec, ia_mtime_nsec } = attr
      const atime = has(ATTR_ATIME) ? seconds(ia_atime_sec, ia_atime_nsec) : null
      const mtime = has(ATTR_MTIME) ? seconds(ia_mtime_sec, ia_mtime_nsec) : null
      rc = host.utimes(node, atime, mtime)
    }
    if (rc !== 0) return rc
    if ((attr.ia_valid & ATTR_SIZE) !== 0) inode.i_size = attr.ia_size
    vfs.setattr_copy(idmap, inode, attr)
    return 0
  }

  return {
    dir: {
      setattr,
      create: (_idmap, dir, dentry, mode) => settle(dir, dentry, host.create(nodeOf(dir), dentry.d_name.name, mode)),
      mkdir: (_idmap, dir, dentry, mode) => settle(dir, dentry, host.mkdir(nodeOf(dir), dentry.d_name.name, mode)),
      symlink: (_idmap, dir, dentry, target) =>
        settle(dir, dentry, host.symlink(nodeOf(dir), dentry.d_name.name, target)),
      unlink: (dir, dentry) => gone(dir, dentry, host.unlink(nodeOf(dentry.d_inode!))),
      rmdir: (dir, dentry) => gone(dir, dentry, host.rmdir(nodeOf(dentry.d_inode!))),
      link(old_dentry, dir, dentry) {
        const rc = host.link(nodeOf(old_dentry.d_inode!), nodeOf(dir), dentry.d_name.name)
        return rc !== 0 ? rc : settle(dir, dentry, host.lookup(nodeOf(dir), dentry.d_name.name))
      },
      rename(_idmap, old_dir, old_dentry, new_dir, new_dentry, flags) {
        if ((flags & ~RENAME_NOREPLACE) !== 0) return -EINVAL
        const keep = (flags & RENAME_NOREPLACE) !== 0
        if (keep && new_dentry.d_inode !== null) return -EEXIST
        const rc = host.rename(nodeOf(old_dentry.d_inode!), nodeOf(new_dir), new_dentry.d_name.name, keep)
        if (rc !== 0) return rc
        if (new_dentry.d_inode !== null) new_dentry.d_inode.i_nlink--
        vfs.touchModified(old_dir)
        vfs.touchModified(new_dir)
        return 0
      },
    },
    file: { setattr },
    link: { setattr },
    open: {
      write(file, buf, off, len, pos) {
        const inode = file.f_inode
        const room = vfs.prepare_write(file, pos, len)
        if (room <= 0) return room
        const written = host.write(fileState(file).data as number, forHost(buf), off, room, pos)
        if (written > 0 && pos + written > inode.i_size) inode.i_size = pos + written
        return written
      },
      fsync: (file) => host.fsync(fileState(file).data as number),
    },
  }
}
