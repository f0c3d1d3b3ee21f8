/** The state of one path walk (struct nameidata), and its jumps: to the root, and through a magic link. */
import { ELOOP, ENOTRECOVERABLE, EXDEV } from '@lsmkit/abi'
import type { Dentry, FsStruct, Inode, Path, VfsMount } from '@lsmkit/core'
import {
  LAST_ROOT, LOOKUP_BENEATH, LOOKUP_CACHED, LOOKUP_IS_SCOPED, LOOKUP_MOUNTPOINT, LOOKUP_NO_MAGICLINKS, LOOKUP_NO_XDEV,
  LOOKUP_RCU,
} from '../../state/vfs/lookup-flags.ts'
import { asMount } from '../../state/vfs/mount.ts'
import { Place } from '../../state/vfs/place.ts'

/** The caller has given the root; it is not the task's. */
export const ND_ROOT_PRESET = 1
/** The last step was `..`, the root, a mount or a magic link. */
export const ND_JUMPED = 4

export class Nameidata {
  mnt: VfsMount | null = null
  dentry: Dentry | null = null
  inode: Inode | null = null
  rootMnt: VfsMount | null = null
  rootDentry: Dentry | null = null
  /** The last component, and whether slashes follow it. */
  last = ''
  trailing = false
  last_type = LAST_ROOT
  flags = 0
  state = 0
  /** Number of links that are being followed. */
  depth = 0
  total_link_count = 0
  name: string
  dfd: number
  /** Owner and mode of the last component's directory, for the protected_* settings. */
  dir_uid = 0
  dir_mode = 0

  constructor(dfd: number, name: string, root: Path | null) {
    this.dfd = dfd
    this.name = name
    if (root !== null) {
      this.state = ND_ROOT_PRESET
      this.rootMnt = root.mnt
      this.rootDentry = root.dentry
    }
  }

  /** Where the walk is. */
  path(): Path {
    return new Place(this.mnt as VfsMount, this.dentry as Dentry)
  }

  goto(mnt: VfsMount, dentry: Dentry): void {
    this.mnt = mnt
    this.dentry = dentry
    this.inode = dentry.d_inode
  }
}

/** Leaves rcu-walk mode. False for RESOLVE_CACHED, which must stay in it. */
export const try_to_unlazy = (nd: Nameidata): boolean => {
  const stays = (nd.flags & LOOKUP_CACHED) === 0
  nd.flags &= ~LOOKUP_RCU
  return stays
}

/** As `terminate_walk`. A walk keeps the mount where it ends from expiring, except for the walk of umount2(2). */
export const terminate_walk = ({ mnt, flags }: Nameidata): void => {
  if (mnt !== null && (flags & LOOKUP_MOUNTPOINT) === 0) asMount(mnt).expires = false
}

export const set_root = (nd: Nameidata, fs: FsStruct): number => {
  if ((nd.flags & LOOKUP_IS_SCOPED) !== 0) return -ENOTRECOVERABLE
  nd.rootMnt = fs.root.mnt
  nd.rootDentry = fs.root.dentry
  return 0
}

/** As `nd_jump_root`: a path or link that begins with `/`. 0 or -errno. */
export const nd_jump_root = (nd: Nameidata, fs: FsStruct): number => {
  if ((nd.flags & LOOKUP_BENEATH) !== 0) return -EXDEV
  if ((nd.flags & LOOKUP_NO_XDEV) !== 0 && nd.mnt !== null && nd.mnt !== nd.rootMnt) return -EXDEV
  if (nd.rootMnt === null) {
    const rc = set_root(nd, fs)
    if (rc !== 0) return rc
  }
  nd.goto(nd.rootMnt as unknown as VfsMount, nd.rootDentry as Dentry)
  nd.state |= ND_JUMPED
  return 0
}

/** As `nd_jump_link`: a magic link, which leads to a place and not to a name. 0 or -errno. */
export const nd_jump_link = (nd: Nameidata, path: Path): number => {
  if ((nd.flags & LOOKUP_NO_MAGICLINKS) !== 0) return -ELOOP
  if ((nd.flags & LOOKUP_NO_XDEV) !== 0 && nd.mnt !== path.mnt) return -EXDEV
  if ((nd.flags & LOOKUP_IS_SCOPED) !== 0) return -EXDEV
  nd.goto(path.mnt, path.dentry)
  nd.state |= ND_JUMPED
  return 0
}
