/** `wasi:filesystem`: paths from a directory, kept beneath it as those of preview 1 are. */
import {
  AT_EMPTY_PATH, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, EINVAL, ENOENT, O_CREAT, O_DIRECTORY, O_DSYNC, O_EXCL, O_NOFOLLOW,
  O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY, PATH_MAX, RESOLVE_BENEATH, wasiErrno, WASI_ERRNO_NOTCAPABLE,
  WASI_ERRNO_SUCCESS, WASI_RIGHTS_ALL,
} from '@lsmkit/abi'
import { bound } from '@lsmkit/kernel/boot'
import { INHERITING } from '../../rights.ts'
import type { Place } from '../../resolve.ts'
import type { Answer } from '../../waiting/waits.ts'
import type { Callee } from '../callee.ts'
import { DATA_SYNC, FILE_SYNC, Opened, putHash, putStat, READ, REQUESTED_SYNC, timespec, WRITE } from './descriptors.ts'

/** `path-flags`. */
const FOLLOW = 1
/** `open-flags` and what they are to open(2). */
const OPEN_FLAGS = [[1, O_CREAT], [2, O_DIRECTORY], [4, O_EXCL], [8, O_TRUNC]] as const
/** What the umask is taken from. */
const NEW_FILE = 0o666
const NEW_DIRECTORY = 0o777

const accessMode = (flags: number): number => {
  if ((flags & WRITE) === 0) return O_RDONLY
  return (flags & READ) !== 0 ? O_RDWR : O_WRONLY
}
const syncFlags = (flags: number): number =>
  ((flags & (FILE_SYNC | REQUESTED_SYNC)) !== 0 ? O_SYNC : 0) | ((flags & DATA_SYNC) !== 0 ? O_DSYNC : 0)

const fdOf = (callee: Callee, self: number): number => callee.resource(self, Opened).fd

const result = (callee: Callee, ret: number, errno: number): number => {
  callee.putResult(ret, errno)
  return 0
}

/** What a path leads to, for a call whose errno is answered. */
const at = (callee: Callee, place: Place | number, call: (place: Place) => number): number => {
  if (typeof place === 'number') return place
  const rc = call(place)
  callee.resolver.leave(place)
  return wasiErrno(rc)
}

const name = (callee: Callee, self: number, path: number, length: number): Place | number =>
  callee.resolver.name(fdOf(callee, self), 0, path, length)

const target = (callee: Callee, self: number, flags: number, path: number, length: number): Place | number =>
  callee.resolver.target(fdOf(callee, self), 0, path, length, (flags & FOLLOW) !== 0)

const statAt = (callee: Callee, self: number, flags: number, path: number, length: number): number => {
  const { sys, task } = callee.process
  return at(callee, target(callee, self, flags, path, length), ({ dfd, name: of, flags: how }) =>
    sys.newfstatat(task, dfd, of, callee.stat, how))
}

const remove = (flags: number) => (
  callee: Callee, self: number, path: number, length: number, ret: number,
): number => {
  const { sys, task } = callee.process
  return result(callee, ret, at(callee, name(callee, self, path, length), ({ dfd, name: of }) =>
    sys.unlinkat(task, dfd, of, flags)))
}

/** Two places of one call. The second is looked up only where the first is there; both are left again. */
const both = (
  callee: Callee, from: Place | number, second: () => Place | number, call: (from: Place, to: Place) => number,
): number => {
  if (typeof from === 'number') return from
  const to = second()
  if (typeof to === 'number') {
    callee.resolver.leave(from)
    return to
  }
  return at(callee, from, () => {
    const rc = call(from, to)
    callee.resolver.leave(to)
    return rc
  })
}

const onPaths = {
  '[method]descriptor.create-directory-at'(callee: Callee, self: number, path: number, length: number, ret: number) {
    const { sys, task } = callee.process
    return result(callee, ret, at(callee, name(callee, self, path, length), ({ dfd, name: of }) =>
      sys.mkdirat(task, dfd, of, NEW_DIRECTORY)))
  },
  '[method]descriptor.remove-directory-at': remove(AT_REMOVEDIR),
  '[method]descriptor.unlink-file-at': remove(0),
  '[method]descriptor.stat-at': (
    callee: Callee, self: number, flags: number, path: number, length: number, ret: number,
  ) => putStat(callee, ret, statAt(callee, self, flags, path, length), callee.stat),
  '[method]descriptor.metadata-hash-at': (
    callee: Callee, self: number, flags: number, path: number, length: number, ret: number,
  ) => putHash(callee, ret, statAt(callee, self, flags, path, length), callee.stat),
  '[method]descriptor.set-times-at'(
    callee: Callee, self: number, flags: number, path: number, length: number, access: number, accessSec: bigint,
    accessNsec: number, change: number, changeSec: bigint, changeNsec: number, ret: number,
  ) {
    const { sys, task } = callee.process
    const times = [timespec(access, accessSec, accessNsec), timespec(change, changeSec, changeNsec)]
    return result(callee, ret, at(callee, target(callee, self, flags, path, length), ({ dfd, name: of, flags: how }) =>
      sys.utimensat(task, dfd, of, times, how)))
  },
  '[method]descriptor.link-at'(
    callee: Callee, self: number, flags: number, path: number, length: number, other: number, newPath: number,
    newLength: number, ret: number,
  ) {
    const { sys, task } = callee.process
    const follows = (flags & FOLLOW) !== 0
    const from = follows ? target(callee, self, flags, path, length) : name(callee, self, path, length)
    return result(callee, ret, both(callee, from, () => name(callee, other, newPath, newLength), (old, to) =>
      sys.linkat(task, old.dfd, old.name, to.dfd, to.name,
        (old.flags & AT_EMPTY_PATH) | (follows ? AT_SYMLINK_FOLLOW : 0))))
  },
  '[method]descriptor.rename-at'(
    callee: Callee, self: number, path: number, length: number, other: number, newPath: number, newLength: number,
    ret: number,
  ) {
    const { sys, task } = callee.process
    const old = name(callee, self, path, length)
    return result(callee, ret, both(callee, old, () => name(callee, other, newPath, newLength), (from, to) =>
      sys.renameat(task, from.dfd, from.name, to.dfd, to.name)))
  },
  /** The text is kept as it is; one that is absolute is refused unless the component sees the whole tree anyway. */
  '[method]descriptor.symlink-at'(
    callee: Callee, self: number, old: number, oldLength: number, path: number, length: number, ret: number,
  ) {
    const { resolver } = callee
    const { sys, task } = callee.process
    const text = resolver.text(old, oldLength)
    if (typeof text === 'number') return result(callee, ret, text)
    if (text.startsWith('/') && !resolver.isRoot(fdOf(callee, self))) return result(callee, ret, WASI_ERRNO_NOTCAPABLE)
    return result(callee, ret, at(callee, name(callee, self, path, length), ({ dfd, name: of }) =>
      sys.symlinkat(task, text, dfd, of)))
  },
  '[method]descriptor.readlink-at'(callee: Callee, self: number, path: number, length: number, ret: number) {
    const { sys, task } = callee.process
    const buffer = new Uint8Array(PATH_MAX)
    let rc = 0
    const errno = at(callee, target(callee, self, 0, path, length), ({ dfd, name: of, flags }) => {
      rc = sys.readlinkat(task, dfd, of, buffer)
      // by descriptor the kernel says ENOENT of what is no link
      return rc === -ENOENT && flags === AT_EMPTY_PATH ? -EINVAL : Math.min(0, rc)
    })
    if (callee.putResult(ret, errno, 4)) callee.putBytes(ret + 4, buffer.subarray(0, rc))
    return 0
  },
  '[method]descriptor.open-at'(
    callee: Callee, self: number, pathFlags: number, path: number, length: number, openFlags: number, flags: number,
    ret: number,
  ): Answer {
    const { resolver } = callee
    const { descriptors, waits, sys, task } = callee.process
    const fd = fdOf(callee, self)
    const text = resolver.relative(fd, path, length)
    callee.range(ret, 8)
    const give = (errno: number, opened: number): number => {
      if (!callee.putResult(ret, errno, 4)) return 0
      descriptors.open(opened, WASI_RIGHTS_ALL, INHERITING)
      callee.put32(ret + 4, callee.hand(new Opened(callee.process, opened)))
      return 0
    }
    if (typeof text === 'number') return give(text, -1)
    const how = {
      flags: OPEN_FLAGS.reduce((all, [bit, flag]) => ((openFlags & bit) !== 0 ? all | flag : all),
        accessMode(flags) | syncFlags(flags) | ((pathFlags & FOLLOW) !== 0 ? 0 : O_NOFOLLOW)),
      mode: (openFlags & 1) !== 0 ? NEW_FILE : 0,
      resolve: resolver.isConfined(fd, text) ? 0 : RESOLVE_BENEATH,
    }
    return waits(() => sys.openat2(task, fd, text, how), (opened) =>
      give(opened < 0 ? resolver.walkError(opened) : WASI_ERRNO_SUCCESS, opened))
  },
}

export const pathFunctions = (callee: Callee) => bound(callee, onPaths)
