/**
 * Names and the inodes they lead to (fs/dcache.c). On file systems that live in memory the cache is the directory:
 * a name is there as long as its dentry is hashed.
 */
import { S_IFDIR, S_IFLNK, S_IFMT } from '@lsmkit/abi'
import type { Dentry, Inode, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { ChurnMap } from '../state/churn-map.ts'
import type { Holder } from '../state/host-memory.ts'
import { COST } from '../state/memory-costs.ts'
import { DentryName } from '../state/vfs/names.ts'
import { inodeState, superState } from '../state/vfs/state.ts'
import { ihold, evictIfUnused } from './inode.ts'

// d_flags, with the kernel's values where the kernel has the bit.
/** The file system wants to be asked whether a cached name is still right. */
export const DCACHE_OP_REVALIDATE = 0x4
/** Nothing may be mounted here any more. */
export const DCACHE_CANT_MOUNT = 0x100
/** Something is mounted here, in some mount namespace. */
export const DCACHE_MOUNTED = 0x10000
/** The file system mounts something here when somebody goes in. */
export const DCACHE_NEED_AUTOMOUNT = 0x20000
/** In its parent's d_children (the kernel sees that by the hash list). */
export const DCACHE_HASHED = 0x20000000

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
/** Removed while somebody still uses it. */
export const d_unlinked = (dentry: Dentry): boolean => d_unhashed(dentry) && !isRoot(dentry)

/** Whether `dentry` is `ancestor` or below it. */
export const is_subdir = (dentry: Dentry, ancestor: Dentry): boolean => {
  for (let at: Dentry | null = dentry; at !== null; at = at.d_parent) if (at === ancestor) return true
  return false
}

/** `is_subdir` of many names and one ancestor: no name on the way is passed a second time. */
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

/** The child of `ancestor` on the way to `dentry`, `dentry` itself when it is that child; null when not below. */
export const d_ancestor = (ancestor: Dentry, dentry: Dentry): Dentry | null => {
  for (let at = dentry; at.d_parent !== null; at = at.d_parent) if (at.d_parent === ancestor) return at
  return null
}

/** `dentry` and what is cached below it, everything before what it lies in; names may be dropped on the way. */
export const deepestFirst = (dentry: Dentry): readonly Dentry[] => {
  const all = [dentry]
  for (const { d_children } of all) for (const child of d_children?.values() ?? []) all.push(child)
  return all.reverse()
}

/** Who a name in the cache is charged to: its inode, or the file system of a name that is not there. */
const payer = ({ d_inode, d_sb }: Dentry): Holder => (d_inode === null ? superState(d_sb) : inodeState(d_inode))
const costOf = ({ d_name }: Dentry): number => COST.dentry + 2 * d_name.name.length

/** Names of directories that are being read, newest first; one that comes or goes ends the list. */
const listed = new WeakMap<Dentry, readonly Dentry[]>()

/** What is in the cache below a directory, newest first: made once while nothing changes. */
export const newestNames = (dir: Dentry): readonly Dentry[] => {
  let names = listed.get(dir)
  if (names === undefined) listed.set(dir, (names = [...(dir.d_children?.values() ?? [])].reverse()))
  return names
}

/** The cached name below `parent`, not asked whether it still holds. */
export const d_lookup = (parent: Dentry, name: string): Dentry | null => parent.d_children?.get(name) ?? null

/** Fewer new names than this are not worth a walk through all. */
const WORTH_RECLAIMING = 64

/** The inode has been charged before: one name more cannot be refused. */
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
  // A whiteout may have taken the name already.
  if (siblings?.get(dentry.d_name.name) === dentry) siblings.delete(dentry.d_name.name)
  dentry.d_flags &= ~DCACHE_HASHED
}

const make = (machine: Machine, name: string, parent: Dentry | null, sb: SuperBlock): Dentry => {
  const dentry = machine.objects.dentry(new DentryName(name), sb)
  dentry.d_parent = parent
  if (superState(sb).s_op.d_revalidate !== null) dentry.d_flags |= DCACHE_OP_REVALIDATE
  return dentry
}

/** A name below `parent`, negative and not in the cache yet. */
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

/** What a look-up found: an inode, or null for a name that is not there. */
export const d_add = (machine: Machine, dentry: Dentry, inode: Inode | null): void => {
  if (inode !== null) return d_instantiate(machine, dentry, inode)
  if (!superState(dentry.d_sb).cachesNegative) return
  if (payer(dentry).account.hasRoom(costOf(dentry))) hash(machine, dentry)
}

/** The root of a super block, which keeps its inode. */
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

/** Gives an open file's nameless dentry its inode (O_TMPFILE): not hashed, so it shows as deleted. */
export const d_tmpfile = (machine: Machine, dentry: Dentry, inode: Inode): void => {
  dentry.d_name = new DentryName(`#${inode.i_ino}`)
  machine.lsm.d_instantiate.tell(dentry, inode)
  dentry.d_inode = inode
}

/** The name is gone; users of the dentry keep it and its inode. */
export const d_drop = (machine: Machine, dentry: Dentry): void => {
  if (d_unhashed(dentry)) return
  unhash(machine, dentry)
  const inode = dentry.d_inode
  if (inode === null) return
  inodeState(inode).aliases--
  evictIfUnused(machine, inode)
}

/** Forgets what is cached below a name that turned out to be wrong, and the name; what is mounted there goes. */
export const d_invalidate = (machine: Machine, dentry: Dentry): void => {
  for (const at of deepestFirst(dentry)) {
    d_drop(machine, at)
    if ((at.d_flags & DCACHE_MOUNTED) !== 0) machine.vfs.detach_mounts(at)
  }
}

/** What lies behind an inode has gone for good; an inode without a name in the cache loses its last hold. */
export const d_invalidate_alias = (machine: Machine, inode: Inode): void => {
  const { alias } = inodeState(inode)
  if (alias !== null) d_invalidate(machine, alias)
  else evictIfUnused(machine, inode)
}

/** Names that are open, watched, covered or have others below them. */
const isUsed = (machine: Machine, { d_inode, d_children, d_flags }: Dentry): boolean =>
  (d_inode !== null && (inodeState(d_inode).i_count > 0 || machine.fsnotify.isWatched(d_inode))) ||
  (d_children !== null && d_children.size > 0) || (d_flags & DCACHE_MOUNTED) !== 0

/** Forgets the names that nobody uses; not those of a file system in memory, which has them nowhere else. */
export const shrink_dcache_sb = (machine: Machine, sb: SuperBlock): void => {
  if (!superState(sb).isCache || sb.s_root === null) return
  for (const dentry of deepestFirst(sb.s_root)) if (!isUsed(machine, dentry)) d_drop(machine, dentry)
}

/**
 * Memory is short: what is cached of `supers` goes. Not worth it while few names have come since the last time, so
 * that who is refused again and again does not make each call walk all names.
 */
export const shrink_dcaches = (machine: Machine, supers: Iterable<SuperBlock>): void => {
  const cache = machine.dentryCache
  if (cache.reclaimable < cache.left + Math.max(WORTH_RECLAIMING, cache.left / 2)) return
  for (const sb of supers) shrink_dcache_sb(machine, sb)
  cache.left = cache.reclaimable
}

/** Who moves takes along what lies below it. */
const countMove = (machine: Machine, dentry: Dentry): void => {
  if (d_is_dir(dentry) || (dentry.d_flags & DCACHE_MOUNTED) !== 0) machine.topology.version++
}

/** Moves `dentry` to the name and place of `target`, which loses them. */
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

/** As `simple_empty`: whether no name is left below a directory of a file system in memory. */
export const isEmpty = (dentry: Dentry): boolean => {
  if (dentry.d_children === null) return true
  for (const child of dentry.d_children.values()) if (child.d_inode !== null) return false
  return true
}
