/** Inodes of a folder of the host: made by look-ups, and refreshed when the host is asked. */
import { EIO, ENOENT, ESTALE, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, Inode, Path, SuperBlock } from '@lsmkit/core'
import { inodeOperations } from '../../state/vfs/driver.ts'
import type { Kstat } from '../../state/vfs/kstat.ts'
import { LOOKUP_CREATE, LOOKUP_EXCL, LOOKUP_OPEN } from '../../state/vfs/lookup-flags.ts'
import { generic_fillattr } from '../../vfs/stat.ts'
import { hostOf, nodeOf } from './host-fs.ts'
import type { HostFs, HostOperations } from './host-fs.ts'
import { labelsOf } from './host-labels.ts'
import { exactTimes, shownIno } from './host-node.ts'
import type { HostNode, HostStat } from './host-node.ts'

export const PERMISSIONS = 0o777
const TYPE = { dir: S_IFDIR, file: S_IFREG, link: S_IFLNK } as const
/** An open that must make the file. */
const NEW_FILE = LOOKUP_OPEN | LOOKUP_CREATE | LOOKUP_EXCL

/** Copies what the host says into an inode. */
export const refresh = (inode: Inode, stat: HostStat): void => {
  inode.i_mode = (inode.i_mode & S_IFMT) | (stat.mode & PERMISSIONS)
  inode.i_size = stat.size
  inode.i_nlink = stat.nlink
  inode.i_blocks = Math.ceil(stat.size / 512)
  if (stat.times === null) return
  const times = exactTimes(nodeOf(inode), stat.times)
  inode.i_atime_sec = times.atime_sec
  inode.i_atime_nsec = times.atime_nsec
  inode.i_mtime_sec = times.mtime_sec
  inode.i_mtime_nsec = times.mtime_nsec
  inode.i_ctime_sec = times.ctime_sec
  inode.i_ctime_nsec = times.ctime_nsec
}

export const instantiate = (own: HostFs, sb: SuperBlock, node: HostNode, stat: HostStat): Inode | number => {
  const { iops, fops } = own.operations
  const mode = TYPE[node.kind] | (stat.mode & PERMISSIONS)
  const inode = own.machine.vfs.new_inode(sb, mode, iops[node.kind], fops[node.kind], node)
  if (inode === null) return -EIO
  inode.i_uid = own.uid
  inode.i_gid = own.gid
  inode.i_ino = shownIno(node.ino)
  refresh(inode, stat)
  return inode
}

const lookup = (own: HostFs, dir: Inode, dentry: Dentry, flags: number): number => {
  const { vfs } = own.machine
  const { name } = dentry.d_name
  // the host itself refuses to make a file that is there already
  if (own.writable !== null && (flags & NEW_FILE) === NEW_FILE) {
    vfs.d_add(dentry, null)
    return 0
  }
  const isToOpen = (flags & (LOOKUP_OPEN | LOOKUP_CREATE)) === LOOKUP_OPEN
  const found = isToOpen ? hostOf(dir).lookupToOpen(nodeOf(dir), name) : hostOf(dir).lookup(nodeOf(dir), name)
  if (typeof found === 'number') {
    if (found !== -ENOENT) return found
    vfs.d_add(dentry, null)
    return 0
  }
  const rc = labelsOf(own, found.node)
  if (rc !== 0) return rc
  const inode = instantiate(own, dir.i_sb, found.node, found.stat)
  if (typeof inode === 'number') return inode
  own.noteAsked(found.node)
  vfs.d_add(dentry, inode)
  return 0
}

const getattr = (own: HostFs, { dentry, mnt }: Path, stat: Kstat): number => {
  const inode = dentry.d_inode!
  if (own.asked !== nodeOf(inode)) {
    const now = hostOf(inode).statNow(nodeOf(inode))
    // a file without a name and a descriptor keeps the attributes it had
    if (typeof now !== 'number') refresh(inode, now)
    else if (now !== -ENOENT && now !== -ESTALE) return now
  }
  generic_fillattr(mnt.mnt_idmap, inode, stat)
  return 0
}

/** Asks the host before it refuses anybody, because the inode's attributes may be old. */
const permission = ({ machine: { vfs } }: HostFs, inode: Inode, mask: number): number => {
  const rc = vfs.generic_permission(nop_mnt_idmap, inode, mask)
  if (rc === 0) return 0
  const now = hostOf(inode).statNow(nodeOf(inode))
  if (typeof now === 'number') return now === -ENOENT ? -ESTALE : now
  refresh(inode, now)
  return vfs.generic_permission(nop_mnt_idmap, inode, mask)
}

/** `changes`: the operations of a folder that may be written. */
export const hostInodes = (
  own: HostFs, changes: Partial<Record<HostNode['kind'], Parameters<typeof inodeOperations>[0]>>,
): HostOperations['iops'] => {
  // called for every name: a closure is quicker than a bound function
  const common: Parameters<typeof inodeOperations>[0] = {
    getattr: (path, stat) => getattr(own, path, stat),
    permission: (inode, mask) => permission(own, inode, mask),
  }
  return {
    dir: inodeOperations({
      lookup: (dir, dentry, flags) => lookup(own, dir, dentry, flags), ...common, ...changes.dir,
    }),
    file: inodeOperations({ ...common, ...changes.file }),
    link: inodeOperations({
      getattr: common.getattr!,
      get_link: (_dentry, inode) => hostOf(inode).readlink(nodeOf(inode)),
      ...changes.link,
    }),
  }
}
