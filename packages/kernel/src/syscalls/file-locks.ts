/** Record locks of fcntl(2) and whole-file locks of flock(2) (fs/locks.c). */
import {
  EAGAIN, EBADF, EDEADLK, EFAULT, EINVAL, ENOLCK, EOVERFLOW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW,
  F_RDLCK, F_SETLKW, F_UNLCK, F_WRLCK, FMODE_READ, FMODE_WRITE, LOCK_EX, LOCK_MAND, LOCK_NB, LOCK_SH, LOCK_UN, SEEK_CUR,
  SEEK_END, SEEK_SET,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fdTable, fget } from '../state/vfs/fdtable.ts'
import type { FileLock } from '../state/vfs/file-lock.ts'
import {
  dropFlock, flockConflict, hasLockRoom, heldFlock, locksOf, LockWaits, ownLockIn, posixConflict, setFlock,
  setPosixLock,
} from '../vfs/locks.ts'

/** `struct flock`. */
export interface Flock {
  l_type: number
  l_whence: number
  l_start: number
  l_len: number
  l_pid: number
}

const OFFSET_MAX = 2 ** 63

/** Where the range of a `struct flock` begins; -1 for a whence that does not exist. */
const base = (file: File, whence: number): number =>
  whence === SEEK_SET ? 0 : whence === SEEK_CUR ? file.f_pos : whence === SEEK_END ? file.f_inode.i_size : -1

/** As `flock64_to_posix_lock`. */
const toLock = (machine: Machine, file: File, l: Flock): FileLock | number => {
  const from = base(file, l.l_whence)
  if (from < 0 || !Number.isInteger(l.l_start) || !Number.isInteger(l.l_len)) return -EINVAL
  if (from + l.l_start > OFFSET_MAX) return -EOVERFLOW
  let start = from + l.l_start
  let end = Infinity
  if (start < 0) return -EINVAL
  if (l.l_len > 0) {
    if (start + l.l_len - 1 > OFFSET_MAX) return -EOVERFLOW
    end = start + l.l_len - 1
  } else if (l.l_len < 0) {
    if (start + l.l_len < 0) return -EINVAL
    end = start - 1
    start += l.l_len
  }
  if (l.l_type !== F_RDLCK && l.l_type !== F_WRLCK && l.l_type !== F_UNLCK) return -EINVAL
  const { task } = machine.current
  return { type: l.l_type, start, end, owner: fdTable(task), pid: task.tgid, file }
}

const isOfd = (cmd: number): boolean => cmd === F_OFD_GETLK || cmd === F_OFD_SETLK || cmd === F_OFD_SETLKW

/** Makes the lock belong to the open file. */
const ofdLock = (lock: FileLock, l: Flock): number => {
  if (l.l_pid !== 0) return -EINVAL
  lock.owner = lock.file
  lock.pid = -1
  return 0
}

/** F_GETLK: writes back the lock that is in the way, or F_UNLCK. */
export const fcntl_getlk = (machine: Machine, file: File, cmd: number, l: Flock | null): number => {
  if (l === null || typeof l !== 'object') return -EFAULT
  if (cmd !== F_OFD_GETLK && l.l_type !== F_RDLCK && l.l_type !== F_WRLCK) return -EINVAL
  const lock = toLock(machine, file, l)
  if (typeof lock === 'number') return lock
  const rc = isOfd(cmd) ? ofdLock(lock, l) : 0
  if (rc !== 0) return rc
  const found = lock.type === F_UNLCK ? ownLockIn(file.f_inode, lock) : posixConflict(file.f_inode, lock)
  l.l_type = found?.type ?? F_UNLCK
  if (found === null) return 0
  l.l_whence = SEEK_SET
  l.l_start = found.start
  l.l_len = found.end === Infinity ? 0 : found.end - found.start + 1
  l.l_pid =
    found.pid < 0
      ? -1
      : machine.tasks.find(found.pid) === null
        ? 0
        : machine.tasks.tgidNr(machine.tasks.find(found.pid)!)
  return 0
}

const allowsLock = (file: File, type: number): boolean =>
  (type !== F_RDLCK || (file.f_mode & FMODE_READ) !== 0) && (type !== F_WRLCK || (file.f_mode & FMODE_WRITE) !== 0)

const blocked = (machine: Machine, file: File, cmd: number, lock: FileLock, blocker: FileLock): number => {
  if (cmd !== F_SETLKW && cmd !== F_OFD_SETLKW) return -EAGAIN
  if (cmd === F_SETLKW && machine.part(LockWaits).wouldDeadlock(lock.owner, blocker)) return -EDEADLK
  return machine.sleep(machine.part(LockWaits).sleep(file.f_inode, lock))
}

export const fcntl_setlk = (machine: Machine, file: File, cmd: number, l: Flock | null): number => {
  if (l === null || typeof l !== 'object') return -EFAULT
  const lock = toLock(machine, file, l)
  if (typeof lock === 'number') return lock
  if (!allowsLock(file, lock.type)) return -EBADF
  let rc = isOfd(cmd) ? ofdLock(lock, l) : 0
  if (rc === 0) rc = machine.lsm.file_lock.ask(file, lock.type)
  if (rc !== 0) return rc
  const blocker = lock.type === F_UNLCK ? null : posixConflict(file.f_inode, lock)
  if (blocker !== null) return blocked(machine, file, cmd, lock, blocker)
  if (!hasLockRoom(file.f_inode)) return -ENOLCK
  setPosixLock(file.f_inode, lock)
  return 0
}

const flockType = (operation: number): number =>
  operation === LOCK_SH ? F_RDLCK : operation === LOCK_EX ? F_WRLCK : operation === LOCK_UN ? F_UNLCK : -EINVAL

/** A change of the type drops the held lock, even if the new one cannot be taken. */
const flock = (machine: Machine, fd: number, cmd: number): number => {
  if ((cmd & LOCK_MAND) !== 0) return 0
  const type = flockType(cmd & ~LOCK_NB)
  if (type < 0) return type
  const file = fget(machine.current.task, fd)
  if (file === null || (type !== F_UNLCK && (file.f_mode & (FMODE_READ | FMODE_WRITE)) === 0)) return -EBADF
  const rc = machine.lsm.file_lock.ask(file, type)
  if (rc !== 0) return rc
  const inode = file.f_inode
  if (heldFlock(inode, file) === type) return 0
  dropFlock(inode, file)
  if (type === F_UNLCK) return 0
  if (flockConflict(inode, file, type) !== null) {
    if ((cmd & LOCK_NB) !== 0) return -EAGAIN
    return machine.sleep(locksOf(inode).wait)
  }
  if (!hasLockRoom(inode)) return -ENOLCK
  setFlock(inode, { type, start: 0, end: Infinity, owner: file, pid: machine.current.task.tgid, file })
  return 0
}

export const lockSyscalls = { flock }
