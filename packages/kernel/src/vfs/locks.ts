/** Advisory locks: POSIX record locks, open-file-description locks and flock(2) (fs/locks.c). */
import { F_UNLCK, F_WRLCK } from '@lsmkit/abi'
import type { File, Inode } from '@lsmkit/core'
import { COST } from '../state/memory-costs.ts'
import { firstWhere } from '../state/sorted.ts'
import type { FileLock } from '../state/vfs/file-lock.ts'
import { InodeLocks } from '../state/vfs/file-lock.ts'
import { fileState, inodeState } from '../state/vfs/state.ts'
import { anyOf } from '../state/vfs/wait.ts'
import type { WaitQueue } from '../state/vfs/wait.ts'

/** So many locks more, or less. */
const charge = (inode: Inode, more: number): void => inodeState(inode).force(more * COST.lock)
/** Whether there is memory for what one more lock makes of those that are there. */
export const hasLockRoom = (inode: Inode): boolean => inodeState(inode).hasRoom(2 * COST.lock)

const overlaps = (a: FileLock, b: FileLock): boolean => a.start <= b.end && b.start <= a.end

export const locksOf = (inode: Inode): InodeLocks => {
  const state = inodeState(inode)
  return (state.makeRare().locks ??= new InodeLocks())
}

/** Of one owner's locks those that overlap, by start. */
function* overlapping(held: readonly FileLock[], wanted: FileLock): Generator<FileLock> {
  for (let i = firstWhere(held, ({ end }) => end >= wanted.start); i < held.length; i++) {
    if (!overlaps(held[i]!, wanted)) return
    yield held[i]!
  }
}

/** The first lock in the way of `wanted`, null when it could be taken. */
export const posixConflict = (inode: Inode, wanted: FileLock): FileLock | null => {
  for (const [owner, held] of inodeState(inode).rare?.locks?.posix ?? []) {
    if (owner === wanted.owner) continue
    for (const lock of overlapping(held, wanted))
      if (lock.type === F_WRLCK || wanted.type === F_WRLCK) return lock
  }
  return null
}

/** The first of the owner's own locks in the range (F_OFD_GETLK with F_UNLCK). */
export const ownLockIn = (inode: Inode, wanted: FileLock): FileLock | null => {
  for (const lock of overlapping(inodeState(inode).rare?.locks?.posix.get(wanted.owner) ?? [], wanted)) return lock
  return null
}

/** What remains of an owner's lock once `taken` has been cut out of it. */
const cut = (held: FileLock, taken: FileLock): FileLock[] => {
  const rest: FileLock[] = []
  if (held.start < taken.start) rest.push({ ...held, end: taken.start - 1 })
  if (held.end > taken.end) rest.push({ ...held, start: taken.end + 1 })
  return rest
}

/** Adjacent and overlapping locks of one type become one; all are the same owner's. */
const merge = (locks: FileLock[], added: FileLock): FileLock[] => {
  const apart: FileLock[] = []
  for (const held of locks) {
    const touches = held.type === added.type && held.start <= added.end + 1 && added.start <= held.end + 1
    if (!touches) {
      apart.push(held)
      continue
    }
    added.start = Math.min(added.start, held.start)
    added.end = Math.max(added.end, held.end)
  }
  apart.push(added)
  return apart
}

/** Sets or clears a lock of its owner; the caller has seen that nothing conflicts. */
export const setPosixLock = (inode: Inode, lock: FileLock): void => {
  const locks = locksOf(inode)
  const own = locks.posix.get(lock.owner) ?? []
  const before = own.length
  const from = firstWhere(own, (held) => held.end >= lock.start - 1)
  const to = firstWhere(own, (held) => held.start > lock.end + 1)
  const kept = own.slice(from, to).flatMap((held) => (overlaps(held, lock) ? cut(held, lock) : [held]))
  const next = lock.type === F_UNLCK ? kept : merge(kept, { ...lock })
  // few are left of those that it touches: the rest has become one, or has been cut away
  own.splice(from, to - from, ...next.sort((a, b) => a.start - b.start))
  if (own.length > 0) locks.posix.set(lock.owner, own)
  else locks.posix.delete(lock.owner)
  charge(inode, own.length - before)
  fileState(lock.file).makeRare().locked = true
  locks.wait.wake()
}

/** A request that sleeps until what is in its way has gone. */
interface LockWait {
  readonly inode: Inode
  readonly lock: FileLock
  readonly wait: WaitQueue
}

/** Owners looked at before the search for a circle is given up (MAX_DEADLK_ITERATIONS). */
const LONGEST_CIRCLE = 11

/** Who waits for whose POSIX locks. A request counts while somebody is asleep on it. */
export class LockWaits {
  private readonly byOwner = new WeakMap<object, Set<LockWait>>()

  /** What a request for `lock` sleeps on. */
  sleep(inode: Inode, lock: FileLock): WaitQueue {
    const wait = anyOf([locksOf(inode).wait])
    const waits = this.byOwner.get(lock.owner) ?? new Set()
    for (const ended of waits) if (!ended.wait.isWaitedFor) waits.delete(ended)
    this.byOwner.set(lock.owner, waits.add({ inode, lock, wait }))
    return wait
  }

  /** The lock that `owner` waits for; what belongs to an open file is never part of a circle. */
  private awaited(owner: object): FileLock | null {
    for (const { inode, lock, wait } of this.byOwner.get(owner) ?? []) {
      const blocker = wait.isWaitedFor ? posixConflict(inode, lock) : null
      if (blocker !== null && blocker.owner !== blocker.file) return blocker
    }
    return null
  }

  /** As `posix_locks_deadlock`: whoever holds `blocker` waits, at once or through others, for `owner`. */
  wouldDeadlock(owner: object, blocker: FileLock): boolean {
    let next: FileLock | null = blocker
    for (let i = 0; i < LONGEST_CIRCLE; i++) {
      next = this.awaited(next.owner)
      if (next === null) return false
      if (next.owner === owner) return true
    }
    return false
  }
}

/** The lock of another open file in the way of a flock of `file`: who holds one alone is the only one. */
export const flockConflict = (inode: Inode, file: File, type: number): FileLock | null => {
  for (const held of inodeState(inode).rare?.locks?.flock.values() ?? []) {
    if (held.owner === file) continue
    return held.type === F_WRLCK || type === F_WRLCK ? held : null
  }
  return null
}

/** Type of the flock that `file` holds, F_UNLCK when none. */
export const heldFlock = (inode: Inode, file: File): number =>
  inodeState(inode).rare?.locks?.flock.get(file)?.type ?? F_UNLCK

/** Takes away the flock that `file` holds: changing its type drops it first, as the kernel does. */
export const dropFlock = (inode: Inode, file: File): void => {
  const locks = inodeState(inode).rare?.locks ?? null
  if (locks?.flock.delete(file) !== true) return
  charge(inode, -1)
  locks.wait.wake()
}

export const setFlock = (inode: Inode, lock: FileLock): void => {
  const { flock } = locksOf(inode)
  if (!flock.has(lock.owner)) charge(inode, 1)
  flock.set(lock.owner, lock)
  fileState(lock.file).makeRare().locked = true
}

/** close(2) of any descriptor drops all POSIX locks that the table's process has on the inode. */
export const removePosix = (file: File, owner: object): void => {
  const locks = inodeState(file.f_inode).rare?.locks ?? null
  const gone = locks?.posix.get(owner)
  if (locks === null || gone === undefined) return
  locks.posix.delete(owner)
  charge(file.f_inode, -gone.length)
  locks.wait.wake()
}

/** The open file ends: its flock and its open-file-description locks go. */
export const removeFileLocks = (file: File): void => {
  if (fileState(file).rare?.locked !== true) return
  removePosix(file, file)
  dropFlock(file.f_inode, file)
}
