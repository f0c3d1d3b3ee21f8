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

/** Charges the inode for so many locks more, or fewer. */
const charge = (inode: Inode, more: number): void => inodeState(inode).force(more * COST.lock)
/** Whether there is memory for the pieces that one more lock may split others into. */
export const hasLockRoom = (inode: Inode): boolean => inodeState(inode).hasRoom(2 * COST.lock)

const overlaps = (a: FileLock, b: FileLock): boolean => a.start <= b.end && b.start <= a.end

export const locksOf = (inode: Inode): InodeLocks => {
  const state = inodeState(inode)
  return (state.makeRare().locks ??= new InodeLocks())
}

/** The locks of one owner that overlap `range`, by start. */
function* overlapping(held: readonly FileLock[], wanted: FileLock): Generator<FileLock> {
  for (let i = firstWhere(held, ({ end }) => end >= wanted.start); i < held.length; i++) {
    if (!overlaps(held[i]!, wanted)) return
    yield held[i]!
  }
}

/** The first lock that conflicts with `wanted`, or null. */
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

/** The rest of an owner's lock after `taken` is cut out of it. */
const cut = (held: FileLock, taken: FileLock): FileLock[] => {
  const rest: FileLock[] = []
  if (held.start < taken.start) rest.push({ ...held, end: taken.start - 1 })
  if (held.end > taken.end) rest.push({ ...held, start: taken.end + 1 })
  return rest
}

/** Merges adjacent and overlapping locks of one type. All belong to one owner. */
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

/** Sets or clears a lock of its owner. The caller has checked for conflicts. */
export const setPosixLock = (inode: Inode, lock: FileLock): void => {
  const locks = locksOf(inode)
  const own = locks.posix.get(lock.owner) ?? []
  const before = own.length
  const from = firstWhere(own, (held) => held.end >= lock.start - 1)
  const to = firstWhere(own, (held) => held.start > lock.end + 1)
  const kept = own.slice(from, to).flatMap((held) => (overlaps(held, lock) ? cut(held, lock) : [held]))
  const next = lock.type === F_UNLCK ? kept : merge(kept, { ...lock })
  // few of the touched locks remain: the others were merged or cut away
  own.splice(from, to - from, ...next.sort((a, b) => a.start - b.start))
  if (own.length > 0) locks.posix.set(lock.owner, own)
  else locks.posix.delete(lock.owner)
  charge(inode, own.length - before)
  fileState(lock.file).makeRare().locked = true
  locks.wait.wake()
}

/** A request that sleeps until the conflicting lock is gone. */
interface LockWait {
  readonly inode: Inode
  readonly lock: FileLock
  readonly wait: WaitQueue
}

/** Owners that the search for a deadlock visits at most (MAX_DEADLK_ITERATIONS). */
const LONGEST_CIRCLE = 11

/** Owners that wait for POSIX locks of others. A request counts while a task sleeps on it. */
export class LockWaits {
  readonly #byOwner = new WeakMap<object, Set<LockWait>>()

  /** The wait queue for a request for `lock`. */
  sleep(inode: Inode, lock: FileLock): WaitQueue {
    const wait = anyOf([locksOf(inode).wait])
    const waits = this.#byOwner.get(lock.owner) ?? new Set()
    for (const ended of waits) if (!ended.wait.isWaitedFor) waits.delete(ended)
    this.#byOwner.set(lock.owner, waits.add({ inode, lock, wait }))
    return wait
  }

  /** The lock that `owner` waits for. Locks of open files are never part of a deadlock. */
  #awaited(owner: object): FileLock | null {
    for (const { inode, lock, wait } of this.#byOwner.get(owner) ?? []) {
      const blocker = wait.isWaitedFor ? posixConflict(inode, lock) : null
      if (blocker !== null && blocker.owner !== blocker.file) return blocker
    }
    return null
  }

  /** As `posix_locks_deadlock`: whether the owner of `blocker` waits, directly or not, for `owner`. */
  wouldDeadlock(owner: object, blocker: FileLock): boolean {
    let next: FileLock | null = blocker
    for (let i = 0; i < LONGEST_CIRCLE; i++) {
      next = this.#awaited(next.owner)
      if (next === null) return false
      if (next.owner === owner) return true
    }
    return false
  }
}

/** The flock of another open file that conflicts with one of `file`. */
export const flockConflict = (inode: Inode, file: File, type: number): FileLock | null => {
  for (const held of inodeState(inode).rare?.locks?.flock.values() ?? []) {
    if (held.owner === file) continue
    return held.type === F_WRLCK || type === F_WRLCK ? held : null
  }
  return null
}

/** The type of the flock that `file` holds, or F_UNLCK. */
export const heldFlock = (inode: Inode, file: File): number =>
  inodeState(inode).rare?.locks?.flock.get(file)?.type ?? F_UNLCK

/** Drops the flock of `file`. A change of type drops it first, as in the kernel. */
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

/** close(2) of any descriptor drops all POSIX locks of the process on the inode. */
export const removePosix = (file: File, owner: object): void => {
  const locks = inodeState(file.f_inode).rare?.locks ?? null
  const gone = locks?.posix.get(owner)
  if (locks === null || gone === undefined) return
  locks.posix.delete(owner)
  charge(file.f_inode, -gone.length)
  locks.wait.wake()
}

/** Drops the flock and the open-file-description locks of a file that is released. */
export const removeFileLocks = (file: File): void => {
  if (fileState(file).rare?.locked !== true) return
  removePosix(file, file)
  dropFlock(file.f_inode, file)
}
