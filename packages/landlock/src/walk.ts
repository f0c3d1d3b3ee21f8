/**
 * The plain walk from a place up to the root of the tree: what a domain refuses there. places.ts remembers what it
 * finds; both must agree.
 */
import { MNT_INTERNAL, S_PRIVATE, SB_NOUSER } from '@lsmkit/abi'
import type { BlobAccessor, Dentry, Inode, Path, VfsMount } from '@lsmkit/core'
import type { InodeState } from './blobs.ts'
import type { Domain } from './domain.ts'
import { NOTHING_REFUSED } from './refusals.ts'
import type { Refusals } from './refusals.ts'

export type InodeBlob = BlobAccessor<Inode, InodeState>

/** A dentry as a mount shows it. */
export interface Place {
  readonly mnt: VfsMount
  readonly dentry: Dentry
}

/** As `is_nouser_or_private`: pipes, sockets and their like, which are reached by /proc/PID/fd alone. */
export const isBeyondRules = ({ d_sb, d_inode }: Dentry): boolean =>
  (d_sb.s_flags & SB_NOUSER) !== 0 || (d_inode !== null && (d_inode.i_flags & S_PRIVATE) !== 0)

/**
 * The next place of a walk. `'top'`: this is the root of the tree, what is not granted by now is refused. `'internal'`:
 * a root that no mount shows, of a file system of the kernel's own, where everything goes. A place that something is
 * mounted on is passed over, and so are what a mount shows and others have moved out of it: the walk goes on at the
 * mount's root.
 */
export const above = ({ mnt, dentry }: Place): Place | 'top' | 'internal' => {
  while (dentry === mnt.mnt_root) {
    const { mnt_parent, mnt_mountpoint } = mnt
    if (mnt_parent === null || mnt_mountpoint === null) return 'top'
    dentry = mnt_mountpoint
    mnt = mnt_parent
  }
  if (dentry.d_parent !== null) return { mnt, dentry: dentry.d_parent }
  return (mnt.mnt_flags & MNT_INTERNAL) !== 0 ? 'internal' : { mnt, dentry: mnt.mnt_root }
}

/** The refusals of the domain at `path`, found by a walk to the root. */
export const refusalsByWalk = (inodes: InodeBlob, domain: Domain, path: Path): Refusals => {
  if (isBeyondRules(path.dentry)) return NOTHING_REFUSED
  let left = domain.initial
  for (let at: Place | 'top' | 'internal' = path; ; at = above(at)) {
    if (at === 'top') return left
    if (at === 'internal') return NOTHING_REFUSED
    if (at.dentry.d_inode !== null) left = domain.refine(left, inodes(at.dentry.d_inode))
  }
}

/** The inodes of that walk, from `path` up; none where everything goes. */
export const namedOnTheWay = (inodes: InodeBlob, path: Path): InodeState[] => {
  const found: InodeState[] = []
  if (isBeyondRules(path.dentry)) return found
  for (let at: Place | 'top' | 'internal' = path; ; at = above(at)) {
    if (at === 'top') return found
    if (at === 'internal') return []
    if (at.dentry.d_inode !== null) found.push(inodes(at.dentry.d_inode))
  }
}
