/**
 * Names and their inodes (fs/dcache.c). For a file system in memory the cache is the directory: a name exists as long
 * as its dentry is hashed.
 */
import { DCACHE_HASHED, S_IFDIR, S_IFLNK, S_IFMT } from '@lsmkit/abi'
import type { Dentry, Inode, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { ChurnMap } from '../state/churn-map.ts'
import type { Holder } from '../state/host-memory.ts'
import { COST } from '../state/memory-costs.ts'
import { DentryName } from '../state/vfs/names.ts'
import { inodeState, superState } from '../state/vfs/state.ts'
import { ihold, evictIfUnused } from './inode.ts'

// d_flags, with the kernel's values where the kernel has the bit.
/** The file system checks whether a cached name is still valid (d_revalidate). */
export const DCACHE_OP_REVALIDATE = 0x4
/** Nothing may be mounted here any more. */
export const DCACHE_CANT_MOUNT = 0x100
/** Something is mounted here, in some mount namespace. */
export const DCACHE_MOUNTED = 0x10000
/** The file system mounts something here when a walk enters. */
export const DCACHE_NEED_AUTOMOUNT = 0x20000

const isType = (dentry: Dentry, type: number): boolean => {
  const inode = dentry.d_inode
  return inode !== null && (inode.i_mode & S_IFMT) === type
}
/** Whether names can be looked up below it. */
export const d_can_lookup = (dentry: Dentry): boolean => isType(dentry, S_IFDIR)
export const d_is_dir = d_can_lookup
export const d_is_symlink = (dentry: Dentry): boolean => isType(dentry, S_IFLNK)

export const d_unhashed = (dentry: Dentry): boolean => (dentry.d_flags & DCACHE_HASHED) === 0
/** The root of a file system, or a name that was never in a directory. */
export const isRoot = (dentry: Dentry): boolean => dentry.d_parent === null
/** Removed, but still in use. */
export const d_unlinked = (dentry: Dentry): boolean => d_unhashed(dentry) && !isRoot(dentry)

/** Whether `dentry` is `ancestor` or below it. */
export const is_subdir = (dentry: Dentry, ancestor: Dentry): boolean => {
  for (let at: Dentry | null = dentry; at !== null; at = at.d_parent) if (at === ancestor) return true
  return false
}

/** `is_subdir` for many names and one ancestor. Each name on the way is visited once. */
export const belowTest = (ancestor: Dentry): ((dentry: Dentry) => boolean) => {
  const known = new Map<Dentry, boolean>([[ancestor, true]])
  return (dentry) => {
    const way: Dentry[] = []
    let at: Dentry | null = dentry
    while (at !== null && !known.has(at)) {
      way.push(at)
      at = at.d_parent
    }
    const isBelow = at !== null && known.get(at)!
    for (const passed of way) known.set(passed, isBelow)
    return isBelow
  }
}

/** The child of `ancestor` that is `dentry` or above it. Null if `dentry` is not below `ancestor`. */
export const d_ancestor = (ancestor: Dentry, dentry: Dentry): Dentry | null => {
  for (let at = dentry; at.d_parent !== null; at = at.d_parent) if (at.d_parent === ancestor) return at
  return null
}

/** `dentry` and all names cached below it, children before parents. The caller may drop names while it loops. */
export const deepestFirst = (dentry: Dentry): readonly Dentry[] => {
  const all = [dentry]
  for (const { d_children } of all) for (const child of d_children?.values() ?? []) all.push(child)
  return all.reverse()
}

/** The payer of a cached name: its inode, or the super block for a negative dentry. */
const payer = ({ d_inode, d_sb }: Dentry): Holder => (d_inode === null ? superState(d_sb) : inodeState(d_inode))
const costOf = ({ d_name }: Dentry): number => COST.dentry + 2 * d_name.name.length

/** Listings of directories that are being read, newest first. A change of the directory drops its listing. */
const listed = new WeakMap<Dentry, readonly Dentry[]>()

/** The cached names of a directory, newest first. The list is kept until the directory changes. */
export const newestNames = (dir: Dentry): readonly Dentry[] => {
  let names = listed.get(dir)
  if (names === undefined) listed.set(dir, (names = [...(dir.d_children?.values() ?? [])].reverse()))
  return names
}

/** The cached name below `parent`, without d_revalidate. Null if it is not cached. */
export const d_lookup = (parent: Dentry, name: string): Dentry | null => parent.d_children?.get(name) ?? null

/** With fewer new names than this, a reclaim does not walk the cache. */
const WORTH_RECLAIMING = 64

/** Puts a name into its parent's d_children. It cannot fail: the inode has been charged before. */
const hash = (machine: Machine, dentry: Dentry): void => {
  payer(dentry).force(costOf(dentry))
  if (superState(dentry.d_sb).isCache) machine.dentryCache.reclaimable++
  const parent = dentry.d_parent as Dentry
  listed.delete(parent)
  ;(parent.d_children ??= new ChurnMap()).set(dentry.d_name.name, dentry)
  dentry.d_flags |= DCACHE_HASHED
}

const unhash = (machine: Machine, dentry: Dentry): void => {
  payer(dentry).uncharge(costOf(dentry))
  if (superState(dentry.d_sb).isCache) machine.dentryCache.reclaimable--
  const siblings = dentry.d_parent?.d_children ?? null
  if (dentry.d_parent !== null) listed.delete(dentry.d_parent)
  // a whiteout may have taken the name already
  if (siblings?.get(dentry.d_name.name) === dentry) siblings.delete(dentry.d_name.name)
  dentry.d_flags &= ~DCACHE_HASHED
}

const make = (machine: Machine, name: string, parent: Dentry | null, sb: SuperBlock): Dentry => {
  const dentry = machine.objects.dentry(new DentryName(name), sb)
  dentry.d_parent = parent
  if (superState(sb).s_op.d_revalidate !== null) dentry.d_flags |= DCACHE_OP_REVALIDATE
  return dentry
}

/** A new negative dentry below `parent`. It is not in the cache yet. */
export const d_alloc = (
  machine: Machine, parent: Dentry, name: string,
): Dentry => make(machine, name, parent, parent.d_sb)

/** Gives a name its inode and puts it into the cache. */
export const d_instantiate = (machine: Machine, dentry: Dentry, inode: Inode): void => {
  machine.lsm.d_instantiate.tell(dentry, inode)
  if (!d_unhashed(dentry)) unhash(machine, dentry)
  dentry.d_inode = inode
  const state = inodeState(inode)
  state.alias = dentry
  if (dentry.d_parent !== null) {
    hash(machine, dentry)
    state.aliases++
  }
}

/** Records the result of a look-up: an inode, or null if the name does not exist. */
export const d_add = (machine: Machine, dentry: Dentry, inode: Inode | null): void => {
  if (inode !== null) return d_instantiate(machine, dentry, inode)
  if (!superState(dentry.d_sb).cachesNegative) return
  if (payer(dentry).account.hasRoom(costOf(dentry))) hash(machine, dentry)
}

/** The root of a super block. It holds its inode. */
export const d_make_root = (machine: Machine, inode: Inode): Dentry => {
  const dentry = make(machine, '/', null, inode.i_sb)
  d_instantiate(machine, dentry, inode)
  ihold(inode)
  return dentry
}

/** A name that is in no directory (pipes, sockets, memfds). */
export const d_alloc_pseudo = (machine: Machine, sb: SuperBlock, name: string, inode: Inode): Dentry => {
  const dentry = make(machine, name, null, sb)
  d_instantiate(machine, dentry, inode)
  return dentry
}

/** Gives the dentry of an O_TMPFILE file its inode. It is not hashed, so the file shows as deleted. */
export const d_tmpfile = (machine: Machine, dentry: Dentry, inode: Inode): void => {
  dentry.d_name = new DentryName(`#${inode.i_ino}`)
  machine.lsm.d_instantiate.tell(dentry, inode)
  dentry.d_inode = inode
}

/** Removes a name from the cache. Users of the dentry keep it and its inode. */
export const d_drop = (machine: Machine, dentry: Dentry): void => {
  if (d_unhashed(dentry)) return
  unhash(machine, dentry)
  const inode = dentry.d_inode
  if (inode === null) return
  inodeState(inode).aliases--
  evictIfUnused(machine, inode)
}

/** Drops an invalid name and all names cached below it, and detaches the mounts on them. */
export const d_invalidate = (machine: Machine, dentry: Dentry): void => {
  for (const at of deepestFirst(dentry)) {
    d_drop(machine, at)
    // by the table: mount-tree.ts imports this file
    if ((at.d_flags & DCACHE_MOUNTED) !== 0) machine.vfs.detach_mounts(at)
  }
}

/** Drops the name of an inode whose object is gone. An inode without a cached name is evicted if unused. */
export const d_invalidate_alias = (machine: Machine, inode: Inode): void => {
  const { alias } = inodeState(inode)
  if (alias !== null) d_invalidate(machine, alias)
  else evictIfUnused(machine, inode)
}

/** Whether a name is open, watched, a mount point, or has cached names below it. */
const isUsed = (machine: Machine, { d_inode, d_children, d_flags }: Dentry): boolean =>
  (d_inode !== null && (inodeState(d_inode).i_count > 0 || machine.fsnotify.isWatched(d_inode))) ||
  (d_children !== null && d_children.size > 0) || (d_flags & DCACHE_MOUNTED) !== 0

/** Drops unused names. A file system in memory keeps all of its names: they exist only in the cache. */
export const shrink_dcache_sb = (machine: Machine, sb: SuperBlock): void => {
  if (!superState(sb).isCache || sb.s_root === null) return
  for (const dentry of deepestFirst(sb.s_root)) if (!isUsed(machine, dentry)) d_drop(machine, dentry)
}

/**
 * Drops unused names of `supers` because memory is short. Does nothing while few names are new since the last time, so
 * that a task that keeps failing with -ENOMEM does not walk the whole cache on each call.
 */
export const shrink_dcaches = (machine: Machine, supers: Iterable<SuperBlock>): void => {
  const cache = machine.dentryCache
  if (cache.reclaimable < cache.left + Math.max(WORTH_RECLAIMING, cache.left / 2)) return
  for (const sb of supers) shrink_dcache_sb(machine, sb)
  cache.left = cache.reclaimable
}

/** Counts a move that moves other names or mounts along. */
const countMove = (machine: Machine, dentry: Dentry): void => {
  if (d_is_dir(dentry) || (dentry.d_flags & DCACHE_MOUNTED) !== 0) machine.topology.version++
}

/** Moves `dentry` to the name and place of `target`, and drops `target`. */
export const d_move = (machine: Machine, dentry: Dentry, target: Dentry): void => {
  countMove(machine, dentry)
  d_drop(machine, target)
  unhash(machine, dentry)
  dentry.d_name = target.d_name
  dentry.d_parent = target.d_parent
  hash(machine, dentry)
}

export const d_exchange = (machine: Machine, a: Dentry, b: Dentry): void => {
  countMove(machine, a)
  countMove(machine, b)
  unhash(machine, a)
  unhash(machine, b)
  const { d_name, d_parent } = a
  a.d_name = b.d_name
  a.d_parent = b.d_parent
  b.d_name = d_name
  b.d_parent = d_parent
  hash(machine, a)
  hash(machine, b)
}

/** As `simple_empty`: whether a directory of a file system in memory has no names. */
export const isEmpty = (dentry: Dentry): boolean => {
  if (dentry.d_children === null) return true
  for (const child of dentry.d_children.values()) if (child.d_inode !== null) return false
  return true
}
