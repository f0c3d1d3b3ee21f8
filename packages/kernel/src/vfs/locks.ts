/** Advisory locks: POSIX record locks, open-file-description locks and flock(2) (fs/locks.c). */
import { F_UNLCK, F_WRLCK } from '@lsmkit/abi'
import type { File, Inode } from '@lsmkit/core'
import { COST } from '../memory-costs.ts'
import { fileState, inodeState } from './state.ts'
import { anyOf, WaitQueue } from './wait.ts'

export interface FileLock {
  /** F_RDLCK 0, F_WRLCK 1, F_UNLCK 2. */
  type: number
  /** First and last byte; Infinity: to the end of the file, wherever that is. */
  start: number
  end: number
  /** Whose lock it is: the descriptor table of a process, or the open file. */
  owner: object
  /** For F_GETLK; -1 of an open-file-description lock. */
  pid: number
  file: File
}

/** The locks on one inode; of those of POSIX each owner's lie together, by start, owners in the order they came. */
export class InodeLocks {
  posix: FileLock[] = []
  flock: FileLock[] = []
  readonly wait = new WaitQueue()
  /** How many of them the inode has been charged for. */
  charged = 0
}

/** After each change. */
const settle = (inode: Inode, locks: InodeLocks): void => {
  const count = locks.posix.length + locks.flock.length
  inodeState(inode).force((count - locks.charged) * COST.lock)
  locks.charged = count
}
/** Whether there is memory for what one more lock makes of those that are there. */
export const hasLockRoom = (inode: Inode): boolean => inodeState(inode).hasRoom(2 * COST.lock)

const overlaps = (a: FileLock, b: FileLock): boolean => a.start <= b.end && b.start <= a.end

const conflicts = (a: FileLock, b: FileLock): boolean =>
  a.owner !== b.owner && overlaps(a, b) && (a.type === F_WRLCK || b.type === F_WRLCK)

export const locksOf = (inode: Inode): InodeLocks => {
  const state = inodeState(inode)
  return (state.locks ??= new InodeLocks())
}

/** The first lock in the way of `wanted`, null when it could be taken. */
export const posixConflict = (inode: Inode, wanted: FileLock): FileLock | null =>
  inodeState(inode).locks?.posix.find((held) => conflicts(held, wanted)) ?? null

/** The first of the owner's own locks in the range (F_OFD_GETLK with F_UNLCK). */
export const ownLockIn = (inode: Inode, wanted: FileLock): FileLock | null =>
  inodeState(inode).locks?.posix.find((held) => held.owner === wanted.owner && overlaps(held, wanted)) ?? null

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
  const first = locks.posix.findIndex((held) => held.owner === lock.owner)
  const others = locks.posix.filter((held) => held.owner !== lock.owner)
  const kept = locks.posix
    .filter((held) => held.owner === lock.owner)
    .flatMap((held) => (overlaps(held, lock) ? cut(held, lock) : [held]))
  const own = lock.type === F_UNLCK ? kept : merge(kept, { ...lock })
  own.sort((a, b) => a.start - b.start)
  others.splice(first < 0 ? others.length : first, 0, ...own)
  locks.posix = others
  settle(inode, locks)
  fileState(lock.file).locked = true
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

/** The lock of another open file in the way of a flock of `file`. */
export const flockConflict = (inode: Inode, file: File, type: number): FileLock | null =>
  inodeState(inode).locks?.flock.find(
    (held) => held.owner !== file && (held.type === F_WRLCK || type === F_WRLCK),
  ) ?? null

/** Type of the flock that `file` holds, F_UNLCK when none. */
export const heldFlock = (inode: Inode, file: File): number =>
  inodeState(inode).locks?.flock.find((held) => held.owner === file)?.type ?? F_UNLCK

/** Takes away the flock that `file` holds: changing its type drops it first, as the kernel does. */
export const dropFlock = (inode: Inode, file: File): void => {
  const { locks } = inodeState(inode)
  if (locks === null) return
  locks.flock = locks.flock.filter((held) => held.owner !== file)
  settle(inode, locks)
  locks.wait.wake()
}

export const setFlock = (inode: Inode, lock: FileLock): void => {
  const locks = locksOf(inode)
  locks.flock.push(lock)
  settle(inode, locks)
  fileState(lock.file).locked = true
}

/** close(2) of any descriptor drops all POSIX locks that the table's process has on the inode. */
export const removePosix = (file: File, owner: object): void => {
  const { locks } = inodeState(file.f_inode)
  if (locks === null || locks.posix.length === 0) return
  locks.posix = locks.posix.filter((held) => held.owner !== owner)
  settle(file.f_inode, locks)
  locks.wait.wake()
}

/** The open file ends: its flock and its open-file-description locks go. */
export const removeFileLocks = (file: File): void => {
  if (!fileState(file).locked) return
  const { locks } = inodeState(file.f_inode)
  if (locks === null) return
  locks.posix = locks.posix.filter((held) => held.owner !== file)
  locks.flock = locks.flock.filter((held) => held.owner !== file)
  settle(file.f_inode, locks)
  locks.wait.wake()
}
