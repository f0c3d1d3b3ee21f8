/** The names of places, as seen from a root (fs/d_path.c). */
import { ENOENT } from '@lsmkit/abi'
import type { Dentry, FsStruct, Path, VfsMount } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { superState } from '../state/vfs/state.ts'
import { belowTest, d_unlinked } from './dcache.ts'

/** Where a place lies below a root: its path, and whether the walk upwards met that root. */
export interface Located {
  readonly path: string
  readonly reached: boolean
}

/** As `prepend_path`: walks up across mounts to `root`, or to the top of the tree that the place is in. */
export const locate = ({ mnt, dentry }: Path, root: Path): Located => {
  const parts: string[] = []
  let at: Dentry = dentry
  let on: VfsMount = mnt
  const located = (reached: boolean): Located => ({ path: `/${parts.reverse().join('/')}`, reached })
  while (at !== root.dentry || on !== root.mnt) {
    if (at !== on.mnt_root && at.d_parent !== null) {
      parts.push(at.d_name.name)
      at = at.d_parent
    } else if (on.mnt_parent !== null && on.mnt_mountpoint !== null) {
      at = on.mnt_mountpoint
      on = on.mnt_parent
    } else return located(false)
  }
  return located(true)
}

/** Tests many mounts for lying below `root`. Each mount on the way is visited once. */
export const reachTest = (root: Path): ((mnt: VfsMount) => boolean) => {
  const isBelowRoot = belowTest(root.dentry)
  const known = new Map<VfsMount, boolean>()
  return (mnt) => {
    const way: VfsMount[] = []
    let at = mnt
    while (at !== root.mnt && !known.has(at) && at.mnt_parent !== null && at.mnt_parent !== root.mnt) {
      way.push(at)
      at = at.mnt_parent
    }
    const isReached = at === root.mnt ? isBelowRoot(at.mnt_root)
      : (known.get(at) ?? (at.mnt_parent === root.mnt && isBelowRoot(at.mnt_mountpoint!)))
    for (const passed of [at, ...way]) known.set(passed, isReached)
    return isReached
  }
}

/** The path within its own file system. */
export const dentry_path = (dentry: Dentry): string => {
  const parts: string[] = []
  for (let at = dentry; at.d_parent !== null; at = at.d_parent) parts.push(at.d_name.name)
  return `/${parts.reverse().join('/')}`
}

/** As `simple_dname`: a file that was never in a directory is shown as deleted. */
export const simple_dname = ({ d_name }: Dentry): string => `/${d_name.name} (deleted)`

/** Whether the name is in no directory: pipes, sockets, namespaces. */
const hasOwnName = ({ mnt, dentry }: Path): boolean => dentry.d_parent === null && dentry !== mnt.mnt_sb.s_root

/** As `d_path`: the path from the caller's root. A removed name ends in ` (deleted)`. */
export const d_path = (machine: Machine, path: Path): string => {
  if (hasOwnName(path)) return superState(path.mnt.mnt_sb).d_dname?.(path.dentry) ?? path.dentry.d_name.name
  const text = locate(path, (machine.current.task.fs as FsStruct).root).path
  return d_unlinked(path.dentry) ? `${text} (deleted)` : text
}

/**
 * The path of the working directory. It begins with `(unreachable)` if it is not below the caller's root. -ENOENT if
 * the directory has been removed.
 */
export const getcwd = (machine: Machine): string | number => {
  const { pwd, root } = machine.current.task.fs as FsStruct
  if (d_unlinked(pwd.dentry)) return -ENOENT
  const { path, reached } = locate(pwd, root)
  return reached ? path : `(unreachable)${path}`
}
