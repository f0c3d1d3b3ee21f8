/**
 * Whole trees, removed and copied. Every step is taken below a descriptor of the directory it is in, and no link is
 * followed: whoever moves things about in the meantime cannot lead it anywhere else. Copying and removing are
 * generators that stop between two steps, so that a thread with other work can take it up in between.
 */
import {
  AT_REMOVEDIR, AT_SYMLINK_NOFOLLOW, EISDIR, ENOTDIR, O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK,
  O_RDONLY, O_WRONLY, PATH_MAX, SEEK_CUR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, EINVAL,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { SysCalls } from '../syscalls/entry.ts'
import { Kstat } from '../state/vfs/kstat.ts'
import { decodeName } from '../state/vfs/names.ts'
import { readEntries } from './directory.ts'
import { answered, FileError } from './file-error.ts'

const OPEN_DIR = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
const CHUNK = 65536
const PERMISSIONS = 0o7777
/** Bytes. */
const MAY_HAVE_HOLES = 2 ** 20

const isZero = (bytes: Uint8Array): boolean => {
  if (bytes[0] !== 0 || bytes[bytes.length - 1] !== 0) return false
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== 0) return false
  return true
}

/** Work in steps of some tens of microseconds, a piece of a file at most. */
export type Steps = Generator<void, void, void>

/** All steps at once. */
export const allSteps = (steps: Steps): void => {
  while (steps.next().done !== true);
}

/** A name below a descriptor, with the path that errors tell. */
export interface Place {
  readonly dfd: number
  readonly name: string
  readonly path: string
}

export const treeOf = (sys: SysCalls, task: Task) => {
  const within = function* (fd: number, use: (fd: number) => Steps): Steps {
    try {
      yield* use(fd)
    } finally {
      sys.close(task, fd)
    }
  }
  const below = (dfd: number, { path }: Place, name: string): Place => ({ dfd, name, path: `${path}/${name}` })

  /** A file, a link, or a directory with all that is in it. */
  const remove = function* (place: Place, call: string): Steps {
    const { dfd, name, path } = place
    const rc = sys.unlinkat(task, dfd, name, 0)
    yield
    if (rc !== -EISDIR) return void answered(rc, call, path)
    const opened = answered(sys.openat(task, dfd, name, OPEN_DIR, 0), call, path)
    yield* within(opened, function* (fd) {
      for (const entry of readEntries(sys, task, fd, path)) yield* remove(below(fd, place, entry.name), call)
    })
    answered(sys.unlinkat(task, dfd, name, AT_REMOVEDIR), call, path)
  }

  const statAt = ({ dfd, name, path }: Place, call: string): Kstat => {
    const stat = new Kstat()
    answered(sys.newfstatat(task, dfd, name, stat, AT_SYMLINK_NOFOLLOW), call, path)
    return stat
  }

  const writeAll = (fd: number, bytes: Uint8Array, path: string): void => {
    for (let at = 0; at < bytes.length;) at += answered(sys.write(task, fd, bytes.subarray(at)), 'write', path)
  }

  /** `size`: what the file says it holds. One that holds less has been read to its end. Holes of great ones stay. */
  const copyBytes = function* (from: number, to: number, size: number, source: Place, target: Place): Steps {
    const buffer = new Uint8Array(size === 0 ? CHUNK : Math.min(size + 1, CHUNK))
    let endsInHole = false
    for (let done = 0; ;) {
      const n = answered(sys.read(task, from, buffer), 'read', source.path)
      const part = n === buffer.length ? buffer : buffer.subarray(0, n)
      done += n
      if (n > 0) {
        endsInHole = size > MAY_HAVE_HOLES && isZero(part) && sys.lseek(task, to, n, SEEK_CUR) === done
        if (!endsInHole) writeAll(to, part, target.path)
      }
      if (n === 0 || (n < buffer.length && size > 0 && done >= size)) {
        if (endsInHole) answered(sys.ftruncate(task, to, done), 'ftruncate', target.path)
        return
      }
      yield
    }
  }

  const copyFile = function* (
    source: Place, target: Place, follow: boolean, exclusive: boolean, call: string,
  ): Steps {
    const reading = O_RDONLY | O_NONBLOCK | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW)
    const both = [source.path, target.path] as const
    const opened = answered(sys.openat(task, source.dfd, source.name, reading, 0), call, ...both)
    yield* within(opened, function* (from) {
      const stat = new Kstat()
      answered(sys.fstat(task, from, stat), call, source.path)
      if ((stat.mode & S_IFMT) === S_IFDIR) throw new FileError(-EISDIR, call, ...both)
      const writing = O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | (exclusive ? O_EXCL : 0)
      const to = sys.openat(task, target.dfd, target.name, writing, stat.mode & PERMISSIONS)
      yield* within(answered(to, call, ...both), function* (fd) {
        const there = new Kstat()
        answered(sys.fstat(task, fd, there), call, target.path)
        // onto itself: it would be empty before it is read
        if (there.dev === stat.dev && there.ino === stat.ino) return
        if (there.size > 0) answered(sys.ftruncate(task, fd, 0), call, ...both)
        // as libuv: the mode is the source's, where the task may change it
        if (follow) sys.fchmod(task, fd, stat.mode & PERMISSIONS)
        yield* copyBytes(from, fd, stat.size, source, target)
      })
    })
  }

  const copyLink = (source: Place, target: Place, exclusive: boolean, call: string): void => {
    const buffer = new Uint8Array(PATH_MAX)
    const n = answered(sys.readlinkat(task, source.dfd, source.name, buffer), call, source.path)
    if (!exclusive) sys.unlinkat(task, target.dfd, target.name, 0)
    const text = decodeName(buffer.subarray(0, n))
    answered(sys.symlinkat(task, text, target.dfd, target.name), call, source.path, target.path)
  }

  const copyDirectory = function* (
    source: Place, target: Place, mode: number, exclusive: boolean, call: string,
  ): Steps {
    const both = [source.path, target.path] as const
    const opened = answered(sys.openat(task, source.dfd, source.name, OPEN_DIR, 0), call, ...both)
    yield* within(opened, function* (from) {
      const made = sys.mkdirat(task, target.dfd, target.name, (mode & PERMISSIONS) | 0o700)
      const into = sys.openat(task, target.dfd, target.name, OPEN_DIR, 0)
      if (into < 0) throw new FileError(made < 0 && into !== -ENOTDIR ? made : into, call, ...both)
      yield* within(into, function* (to) {
        for (const { name } of readEntries(sys, task, from, source.path)) {
          yield* copyTree(below(from, source, name), below(to, target, name), exclusive, call)
        }
        if (made === 0 && (mode & 0o700) !== 0o700) answered(sys.fchmod(task, to, mode & PERMISSIONS), call, ...both)
      })
    })
  }

  /** Links are copied as links; what is no file, link or directory is refused. */
  const copyTree = function* (source: Place, target: Place, exclusive: boolean, call: string): Steps {
    const { mode } = statAt(source, call)
    yield
    switch (mode & S_IFMT) {
      case S_IFDIR:
        return yield* copyDirectory(source, target, mode, exclusive, call)
      case S_IFLNK:
        return copyLink(source, target, exclusive, call)
      case S_IFREG:
        return yield* copyFile(source, target, false, exclusive, call)
      default:
        throw new FileError(-EINVAL, call, source.path, target.path)
    }
  }

  return { remove, copyTree, copyFile, writeAll }
}
