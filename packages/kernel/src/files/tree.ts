/**
 * Whole trees are removed and copied. Every step works below a descriptor of its directory and follows no link, so that
 * nobody who renames things meanwhile can lead it elsewhere. Copying and removing are generators that pause between
 * steps, so that a thread can do other work.
 */
import {
  AT_REMOVEDIR, AT_SYMLINK_NOFOLLOW, EFBIG, EINVAL, EISDIR, ENOTDIR, O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL,
  O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY, PATH_MAX, SEEK_CUR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { SysCalls } from '../syscalls/entry.ts'
import { Kstat } from '../state/vfs/kstat.ts'
import { decodeName } from '../state/vfs/names.ts'
import { readEntries } from './directory.ts'
import { answered, FileError } from './file-error.ts'
import { mostBytes } from './unstated-size.ts'

const OPEN_DIR = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
const CHUNK = 65536
const PERMISSIONS = 0o7777
/** Bytes. */
const MAY_HAVE_HOLES = 2 ** 20

/** All bytes are 0. */
const isZero = (bytes: Uint8Array): boolean => {
  if (bytes[0] !== 0 || bytes[bytes.length - 1] !== 0) return false
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== 0) return false
  return true
}

/** Work in steps of some tens of microseconds; a step handles a part of a file at most. */
export type Steps = Generator<void, void, void>

/** Does all steps at once. */
export const allSteps = (steps: Steps): void => {
  while (steps.next().done !== true);
}

/** A task, and the calls it makes. */
export interface Caller {
  readonly sys: SysCalls
  readonly task: Task
}

/** A name below a descriptor, and the path to show in errors. */
export interface Place {
  readonly dfd: number
  readonly name: string
  readonly path: string
}

/** Uses a descriptor and closes it. */
const within = function* (caller: Caller, fd: number, use: (fd: number) => Steps): Steps {
  try {
    yield* use(fd)
  } finally {
    caller.sys.close(caller.task, fd)
  }
}

const below = (dfd: number, { path }: Place, name: string): Place => ({ dfd, name, path: `${path}/${name}` })

/** Removes a file, a link, or a directory with all that is in it. */
export const remove = function* (caller: Caller, place: Place, call: string): Steps {
  const { dfd, name, path } = place
  const rc = caller.sys.unlinkat(caller.task, dfd, name, 0)
  yield
  if (rc !== -EISDIR) return void answered(rc, call, path)
  const opened = answered(caller.sys.openat(caller.task, dfd, name, OPEN_DIR, 0), call, path)
  yield* within(caller, opened, function* (fd) {
    for (const entry of readEntries(caller.sys, caller.task, fd, path)) {
      yield* remove(caller, below(fd, place, entry.name), call)
    }
  })
  answered(caller.sys.unlinkat(caller.task, dfd, name, AT_REMOVEDIR), call, path)
}

const statAt = (caller: Caller, { dfd, name, path }: Place, call: string): Kstat => {
  const stat = new Kstat()
  answered(caller.sys.newfstatat(caller.task, dfd, name, stat, AT_SYMLINK_NOFOLLOW), call, path)
  return stat
}

export const writeAll = ({ sys, task }: Caller, fd: number, bytes: Uint8Array, path: string): void => {
  for (let at = 0; at < bytes.length;) at += answered(sys.write(task, fd, bytes.subarray(at)), 'write', path)
}

/** `stat`: of the source, which may hold less than it states. Holes of large files stay holes. */
const copyBytes = function* (
  caller: Caller, from: number, to: number, stat: Kstat, source: Place, target: Place,
): Steps {
  const { size } = stat
  const most = mostBytes(stat, Infinity)
  const buffer = new Uint8Array(size === 0 ? CHUNK : Math.min(size + 1, CHUNK))
  let endsInHole = false
  for (let done = 0; ;) {
    const n = answered(caller.sys.read(caller.task, from, buffer), 'read', source.path)
    const part = n === buffer.length ? buffer : buffer.subarray(0, n)
    done += n
    if (done > most) {
      // a part of what does not end is of no use
      caller.sys.ftruncate(caller.task, to, 0)
      throw new FileError(-EFBIG, 'read', source.path)
    }
    if (n > 0) {
      endsInHole = size > MAY_HAVE_HOLES && isZero(part) && caller.sys.lseek(caller.task, to, n, SEEK_CUR) === done
      if (!endsInHole) writeAll(caller, to, part, target.path)
    }
    if (n === 0 || (n < buffer.length && size > 0 && done >= size)) {
      if (endsInHole) answered(caller.sys.ftruncate(caller.task, to, done), 'ftruncate', target.path)
      return
    }
    yield
  }
}

/** How a file is copied. */
export interface CopyHow {
  /** The last name of the source may be a link. */
  readonly follow?: boolean
  /** EEXIST if there is something in the place of the copy. */
  readonly exclusive?: boolean
  /** The copy gets the mode of the source, whatever the umask says, if the task may change it. */
  readonly keepMode?: boolean
  readonly keepTimes?: boolean
}

const keepTimes = ({ sys, task }: Caller, fd: number, stat: Kstat, path: string): void => {
  const times = [
    { tv_sec: stat.atime_sec, tv_nsec: stat.atime_nsec }, { tv_sec: stat.mtime_sec, tv_nsec: stat.mtime_nsec },
  ]
  answered(sys.utimensat(task, fd, null, times, 0), 'utime', path)
}

export const copyFile = function* (
  caller: Caller, source: Place, target: Place, how: CopyHow, call: string,
): Steps {
  const reading = O_RDONLY | O_NONBLOCK | O_CLOEXEC | (how.follow === true ? 0 : O_NOFOLLOW)
  const both = [source.path, target.path] as const
  const opened = answered(caller.sys.openat(caller.task, source.dfd, source.name, reading, 0), call, ...both)
  yield* within(caller, opened, function* (from) {
    const stat = new Kstat()
    answered(caller.sys.fstat(caller.task, from, stat), call, source.path)
    if ((stat.mode & S_IFMT) === S_IFDIR) throw new FileError(-EISDIR, call, ...both)
    const writing = O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | (how.exclusive === true ? O_EXCL : 0)
    const to = caller.sys.openat(caller.task, target.dfd, target.name, writing, stat.mode & PERMISSIONS)
    yield* within(caller, answered(to, call, ...both), function* (fd) {
      const there = new Kstat()
      answered(caller.sys.fstat(caller.task, fd, there), call, target.path)
      // copied onto itself, it would be emptied before it is read
      if (there.dev === stat.dev && there.ino === stat.ino) return
      if (there.size > 0) answered(caller.sys.ftruncate(caller.task, fd, 0), call, ...both)
      if (how.keepMode === true) caller.sys.fchmod(caller.task, fd, stat.mode & PERMISSIONS)
      yield* copyBytes(caller, from, fd, stat, source, target)
      if (how.keepTimes === true) keepTimes(caller, fd, stat, target.path)
    })
  })
}

const copyLink = (caller: Caller, source: Place, target: Place, exclusive: boolean, call: string): void => {
  const buffer = new Uint8Array(PATH_MAX)
  const n = answered(caller.sys.readlinkat(caller.task, source.dfd, source.name, buffer), call, source.path)
  if (!exclusive) caller.sys.unlinkat(caller.task, target.dfd, target.name, 0)
  const text = decodeName(buffer.subarray(0, n))
  answered(caller.sys.symlinkat(caller.task, text, target.dfd, target.name), call, source.path, target.path)
}

const copyDirectory = function* (
  caller: Caller, source: Place, target: Place, mode: number, exclusive: boolean, call: string,
): Steps {
  const both = [source.path, target.path] as const
  const opened = answered(caller.sys.openat(caller.task, source.dfd, source.name, OPEN_DIR, 0), call, ...both)
  yield* within(caller, opened, function* (from) {
    const made = caller.sys.mkdirat(caller.task, target.dfd, target.name, (mode & PERMISSIONS) | 0o700)
    const into = caller.sys.openat(caller.task, target.dfd, target.name, OPEN_DIR, 0)
    if (into < 0) throw new FileError(made < 0 && into !== -ENOTDIR ? made : into, call, ...both)
    yield* within(caller, into, function* (to) {
      for (const { name } of readEntries(caller.sys, caller.task, from, source.path)) {
        yield* copyTree(caller, below(from, source, name), below(to, target, name), exclusive, call)
      }
      if (made !== 0 || (mode & 0o700) === 0o700) return
      answered(caller.sys.fchmod(caller.task, to, mode & PERMISSIONS), call, ...both)
    })
  })
}

/** Copies links as links; any other type of file is -EINVAL. */
export const copyTree = function* (
  caller: Caller, source: Place, target: Place, exclusive: boolean, call: string,
): Steps {
  const { mode } = statAt(caller, source, call)
  yield
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return yield* copyDirectory(caller, source, target, mode, exclusive, call)
    case S_IFLNK:
      return copyLink(caller, source, target, exclusive, call)
    case S_IFREG:
      return yield* copyFile(caller, source, target, { exclusive }, call)
    default:
      throw new FileError(-EINVAL, call, source.path, target.path)
  }
}
