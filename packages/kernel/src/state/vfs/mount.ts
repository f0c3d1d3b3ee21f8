/** Mounts and the namespaces they are seen in (fs/mount.h: struct mount, struct mnt_namespace). */
import { EROFS, MNT_NODEV, MNT_NOEXEC, MNT_READONLY, SB_I_NODEV, SB_I_NOEXEC, SB_RDONLY } from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, MntIdmap, Path, SuperBlock, UserNamespace, VfsMount } from '@lsmkit/core'
import { Holder } from '../host-memory.ts'
import type { MemoryAccount } from '../host-memory.ts'
import { ChurnMap } from '../churn-map.ts'
import { COST } from '../memory-costs.ts'
import { LinkedList } from './linked-list.ts'
import type { ListNode } from './linked-list.ts'

/** The first unique number, which is above all reusable ones. */
export const MNT_UNIQUE_ID_OFFSET = 2 ** 31

/** A file system's tree at a place, with flags of its own. */
export class Mount extends Holder implements VfsMount {
  mnt_root: Dentry
  mnt_sb: SuperBlock
  mnt_flags: number
  mnt_idmap: MntIdmap = nop_mnt_idmap
  mnt_parent: Mount | null = null
  mnt_mountpoint: Dentry | null = null
  mnt_devname: string
  /** Shown in mountinfo and by statx. */
  readonly mnt_id: number
  /** Never used again, for statmount and listmount. */
  readonly mnt_id_unique: number
  mnt_ns: MountNamespace | null = null
  /** Its places among the mounts of its namespace and of the machine, and among those on the same name. */
  inNs: ListNode<Mount> | null = null
  inAll: ListNode<Mount> | null = null
  inCovers: ListNode<Mount> | null = null
  /** Mounts on this one, oldest first. A dentry has at most one; further mounts are on the root of that one. */
  readonly children = new ChurnMap<Dentry, Mount>()
  /** Open files, working directories and roots on it, and walks that must not lose it. */
  users = 0
  /** In a tree or being put there; a mount without this and without users is gone. */
  attached = false
  freed = false
  /** Set by umount2(MNT_EXPIRE), and cleared by any use of the mount. */
  expires = false
  /** Files open for writing. */
  writers = 0
  /** The peer group of a shared mount, 0 if it is private; the group it is a slave of, or 0. Set by PeerGroups. */
  group = 0
  master = 0
  /** Its places among the peers and among the slaves. */
  inPeers: ListNode<Mount> | null = null
  inSlaves: ListNode<Mount> | null = null

  constructor(account: MemoryAccount, root: Dentry, flags: number, devname: string, id: number) {
    super(account, 0)
    this.force(COST.mount + 2 * devname.length)
    this.mnt_root = root
    this.mnt_sb = root.d_sb
    this.mnt_flags = flags
    this.mnt_devname = devname
    this.mnt_id = id
    this.mnt_id_unique = MNT_UNIQUE_ID_OFFSET + id
  }
}

/** The tree of mounts that a group of tasks sees. */
export class MountNamespace {
  readonly kind = 'mnt'
  readonly user_ns: UserNamespace
  /** The mount at the root of the tree; null once the namespace has ended. */
  root: Mount | null = null
  /** Tasks that are in it. */
  users = 0
  /** All mounts, in the order they were made. */
  readonly mounts = new LinkedList<Mount>()
  /** Inode number on nsfs. */
  readonly inum: number
  /** Never used again; 0 for the nameless one that holds a detached tree (open_tree, fsmount). */
  readonly seq: number

  constructor(user_ns: UserNamespace, inum: number, seq: number) {
    this.user_ns = user_ns
    this.inum = inum
    this.seq = seq
  }

  /** Holds a detached tree rather than what tasks see. */
  get isAnonymous(): boolean {
    return this.seq === 0
  }
}

/** All mounts are made here; LSMs see them as VfsMount. */
export const asMount = (mnt: VfsMount): Mount => mnt as Mount

/** The mount on exactly this place; null if there is none. */
export const lookup_mnt = (mnt: VfsMount, dentry: Dentry): Mount | null => asMount(mnt).children.get(dentry) ?? null

export const mntIsReadonly = (mnt: VfsMount): boolean =>
  (mnt.mnt_flags & MNT_READONLY) !== 0 || (mnt.mnt_sb.s_flags & SB_RDONLY) !== 0

/** The root of its mount, so that the mount itself is meant. */
export const path_mounted = (path: Path): boolean => path.mnt.mnt_root === path.dentry

/** 0, or -EROFS where the mount or its file system is read-only. Nothing to drop: no call sleeps in between. */
export const mnt_want_write = (mnt: VfsMount): number => (mntIsReadonly(mnt) ? -EROFS : 0)

export const path_noexec = (path: Path): boolean =>
  (path.mnt.mnt_flags & MNT_NOEXEC) !== 0 || (path.mnt.mnt_sb.s_iflags & SB_I_NOEXEC) !== 0

export const may_open_dev = (path: Path): boolean =>
  (path.mnt.mnt_flags & MNT_NODEV) === 0 && (path.mnt.mnt_sb.s_iflags & SB_I_NODEV) === 0

export const path_equal = (a: Path, b: Path): boolean => a.mnt === b.mnt && a.dentry === b.dentry

/** Whether `path` is `root` or below it, mounts considered (path_is_under). */
export const path_is_under = (path: Path, root: Path): boolean => {
  let mnt: VfsMount = path.mnt
  let dentry = path.dentry
  while (mnt !== root.mnt) {
    if (mnt.mnt_parent === null || mnt.mnt_mountpoint === null) return false
    dentry = mnt.mnt_mountpoint
    mnt = mnt.mnt_parent
  }
  for (let at: Dentry | null = dentry; at !== null; at = at.d_parent) if (at === root.dentry) return true
  return false
}
