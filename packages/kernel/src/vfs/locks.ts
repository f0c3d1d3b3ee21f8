/** Advisory locks: POSIX record locks, open-file-description locks and flock(2) (fs/locks.c). */
import { F_UNLCK, F_WRLCK } from '@lsmkit/abi'
import type { File, Inode } from '@lsmkit/core'
import { fileState, inodeState } from './state.ts'
import { WaitQueue } from './wait.ts'

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

/** The locks on one inode, those of POSIX sorted by owner and start. */
export class InodeLocks {
  posix: FileLock[] = []
  flock: FileLock[] = []
  readonly wait = new WaitQueue()
}

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

/** Adjacent and overlapping locks of one owner and type become one. */
const merge = (locks: FileLock[], added: FileLock): FileLock[] => {
  const apart: FileLock[] = []
  for (const held of locks) {
    const touches = held.owner === added.owner && held.type === added.type && held.start <= added.end + 1 &&
      added.start <= held.end + 1
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
  const others = locks.posix.flatMap((held) =>
    held.owner === lock.owner && overlaps(held, lock) ? cut(held, lock) : [held],
  )
  locks.posix = lock.type === F_UNLCK ? others : merge(others, { ...lock })
  locks.posix.sort((a, b) => a.start - b.start)
  fileState(lock.file).locked = true
  locks.wait.wake()
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
  locks.wait.wake()
}

export const setFlock = (inode: Inode, lock: FileLock): void => {
  locksOf(inode).flock.push(lock)
  fileState(lock.file).locked = true
}

/** close(2) of any descriptor drops all POSIX locks that the table's process has on the inode. */
export const removePosix = (file: File, owner: object): void => {
  const { locks } = inodeState(file.f_inode)
  if (locks === null || locks.posix.length === 0) return
  locks.posix = locks.posix.filter((held) => held.owner !== owner)
  locks.wait.wake()
}

/** The open file ends: its flock and its open-file-description locks go. */
export const removeFileLocks = (file: File): void => {
  if (!fileState(file).locked) return
  const { locks } = inodeState(file.f_inode)
  if (locks === null) return
  locks.posix = locks.posix.filter((held) => held.owner !== file)
  locks.flock = locks.flock.filter((held) => held.owner !== file)
  locks.wait.wake()
}
