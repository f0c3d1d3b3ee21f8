/** Paths as text, where no host gives them: fs/d_path.c without its locks. */
import type { Dentry, Path } from '../objects/fs.ts'

/** Steps before a walk is given up: deeper than any real tree, and an end for one that is broken. */
const MAX_STEPS = 4096

/** Its parent knows it no more: unlinked, or removed. */
const isUnlinked = (dentry: Dentry): boolean => {
  const siblings = dentry.d_parent?.d_children ?? null
  return siblings !== null && siblings.get(dentry.d_name.name) !== dentry
}

const deleted = (dentry: Dentry): string => (isUnlinked(dentry) ? ' (deleted)' : '')

/** As `d_path`: from the given root, or from the root of the mount tree when it does not lie below that. */
export const d_path = ({ mnt, dentry }: Path, root: Path | null): string => {
  const names: string[] = []
  let at = dentry
  let mount = mnt
  for (let step = 0; step < MAX_STEPS; step++) {
    if (root !== null && at === root.dentry && mount === root.mnt) break
    if (at === mount.mnt_root || at.d_parent === null) {
      if (mount.mnt_parent === null || mount.mnt_mountpoint === null) break
      at = mount.mnt_mountpoint
      mount = mount.mnt_parent
    } else {
      names.push(at.d_name.name)
      at = at.d_parent
    }
  }
  return `/${names.reverse().join('/')}${deleted(dentry)}`
}

/** As `dentry_path`: from the root of its file system. */
export const dentryPath = (dentry: Dentry): string => {
  const names: string[] = []
  for (let at = dentry; at.d_parent !== null && names.length < MAX_STEPS; at = at.d_parent) names.push(at.d_name.name)
  return `/${names.reverse().join('/')}${deleted(dentry)}`
}
