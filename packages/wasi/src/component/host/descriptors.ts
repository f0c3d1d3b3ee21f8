/** `wasi:filesystem`: open files and directories, by what is open. Paths from them are in paths.ts. */
import {
  FMODE_READ, FMODE_WRITE, O_CLOEXEC, O_DIRECTORY, O_DSYNC, O_RDONLY, O_SYNC, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO,
  S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK, UTIME_NOW, UTIME_OMIT, wasiErrno, WASI_ERRNO_BADF, WASI_ERRNO_SUCCESS,
  WASI_FILETYPE_DIRECTORY,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { bound } from '@lsmkit/kernel/boot'
import type { Kstat } from '@lsmkit/kernel'
import type { Descriptor } from '../../descriptors.ts'
import { DirectoryReader } from '../../directory-reader.ts'
import type { Timespec } from '../../kernel.ts'
import type { Process } from '../../process.ts'
import type { Answer } from '../../waiting/waits.ts'
import type { Callee } from '../callee.ts'
import { errorCode } from '../file-errors.ts'
import { Resource } from '../handles.ts'
import { FileInput, FileOutput } from './file-streams.ts'
import { IoError } from './streams.ts'

/** `descriptor-type` in the order of WASI 0.2, by the type of a file. */
const TYPES = [
  ['unknown', -1], ['block-device', S_IFBLK], ['character-device', S_IFCHR], ['directory', S_IFDIR], ['fifo', S_IFIFO],
  ['symbolic-link', S_IFLNK], ['regular-file', S_IFREG], ['socket', S_IFSOCK],
] as const
export const TYPE_NAMES: readonly string[] = TYPES.map(([name]) => name)
const typeOf = (mode: number): number => Math.max(0, TYPES.findIndex(([, type]) => type === (mode & S_IFMT)))

/** `descriptor-flags`. */
export const READ = 1
export const WRITE = 2
export const FILE_SYNC = 4
export const DATA_SYNC = 8
export const REQUESTED_SYNC = 16
const MUTATE_DIRECTORY = 32

/** `advice`, as posix_fadvise counts it. */
const ADVICE = [0, 2, 1, 3, 4, 5]
/** What one call reads at most. */
const MOST_READ = 2 ** 20
/** DT_DIR and the rest are types of files, shifted. */
const DT_SHIFT = 12

/** An open file of the component's own. */
export class Opened extends Resource {
  fd: number
  readonly #process: Process

  constructor(process: Process, fd: number) {
    super()
    this.#process = process
    this.fd = fd
  }

  override drop(): void {
    const { sys, task, descriptors } = this.#process
    sys.close(task, this.fd)
    descriptors.forget(this.fd)
    this.fd = -1
  }
}

/** One entry of a directory; `type` is an index of TYPE_NAMES. */
interface Entry {
  readonly type: number
  readonly name: string
}

/** A listing that goes on, with a descriptor of its own, whose place no other listing moves. */
export class Listing extends Resource {
  readonly #reader: DirectoryReader
  readonly #opened: Opened

  constructor(reader: DirectoryReader, opened: Opened) {
    super()
    this.#reader = reader
    this.#opened = opened
  }

  /** Begins one; -errno where the directory cannot be read. */
  static of(process: Process, { fd: directory }: Opened): Listing | number {
    const { sys, task } = process
    const fd = sys.openat(task, directory, '.', O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    if (fd < 0) return fd
    const reader = new DirectoryReader(sys, task)
    reader.begin(fd, task.files!.fd[fd] as File, 0)
    return new Listing(reader, new Opened(process, fd))
  }

  /** The next entry, without the directory itself and the one above; 0 at the end, -errno. */
  next(): Entry | number {
    const reader = this.#reader
    for (;;) {
      const rc = reader.read(MOST_READ)
      if (rc <= 0) return rc
      const name = nameOf(reader)
      if (name !== '.' && name !== '..') return { type: typeOf(reader.type << DT_SHIFT), name }
    }
  }

  override drop(): void {
    this.#opened.drop()
  }
}

/** `new-timestamp`: as it is, now, or a time. */
export const timespec = (kind: number, seconds: bigint, nanoseconds: number): Timespec => {
  if (kind === 2) return { tv_sec: Number(BigInt.asUintN(64, seconds)), tv_nsec: nanoseconds >>> 0 }
  return { tv_sec: 0, tv_nsec: kind === 1 ? UTIME_NOW : UTIME_OMIT }
}

/** `result<descriptor-stat, error-code>`. */
export const putStat = (callee: Callee, ret: number, errno: number, stat: Kstat): number => {
  if (!callee.putResult(ret, errno, 8)) return 0
  callee.put8(ret + 8, typeOf(stat.mode))
  callee.put64(ret + 16, stat.nlink, stat.size)
  const times = [[stat.atime_sec, stat.atime_nsec], [stat.mtime_sec, stat.mtime_nsec],
    [stat.ctime_sec, stat.ctime_nsec]] as const
  for (const [i, [sec, nsec]] of times.entries()) {
    const at = ret + 32 + i * 24
    callee.put8(at, sec < 0 ? 0 : 1)
    callee.put64(at + 8, Math.max(0, sec))
    callee.put32(at + 16, nsec)
  }
  return 0
}

/** `result<metadata-hash-value, error-code>`: the same for the same file. */
export const putHash = (callee: Callee, ret: number, errno: number, stat: Kstat): number => {
  if (callee.putResult(ret, errno, 8)) callee.put64(ret + 8, stat.ino, stat.dev)
  return 0
}

export const preopenFunctions = (callee: Callee) => {
  const { process } = callee
  const { sys, task, descriptors } = process
  /** Bytes of a descriptor with its name. */
  const ENTRY = 12
  return {
    /** Each time they are descriptors of their own, so that one may be given up. */
    'get-directories'(ret: number) {
      const found: (readonly [fd: number, name: Uint8Array])[] = []
      for (let fd = 3; (descriptors.find(fd)?.preopen ?? null) !== null; fd++)
        found.push([fd, descriptors.find(fd)!.preopen!])
      const place = found.length === 0 ? 4 : callee.allocate(found.length * ENTRY, 4)
      for (const [i, [fd, name]] of found.entries()) {
        const own = sys.dup(task, fd)
        if (own < 0) return callee.trap('no descriptor is left for its directories')
        callee.put32(place + i * ENTRY, callee.hand(new Opened(process, own)))
        callee.putBytes(place + i * ENTRY + 4, name)
      }
      callee.put32(ret, place, found.length)
      return 0
    },
  }
}

const opened = (callee: Callee, self: number): Opened => callee.resource(self, Opened)

const found = (callee: Callee, self: number): Descriptor | null =>
  callee.process.descriptors.find(opened(callee, self).fd)

/** Fills `callee.stat`; the errno of it. */
const fstat = (callee: Callee, self: number): number => {
  const { sys, task } = callee.process
  return wasiErrno(sys.fstat(task, opened(callee, self).fd, callee.stat))
}

const isReadable = (descriptor: Descriptor): boolean =>
  descriptor.type === WASI_FILETYPE_DIRECTORY || (descriptor.file.f_mode & FMODE_READ) !== 0

const result = (callee: Callee, ret: number, rc: number): number => {
  callee.putResult(ret, wasiErrno(rc))
  return 0
}

/** `result<own<stream>, error-code>`. */
const stream = (callee: Callee, self: number, ret: number, mode: number, make: (of: Opened) => Resource): number => {
  const descriptor = found(callee, self)
  const isOpenFor = descriptor !== null && (descriptor.file.f_mode & mode) !== 0
  if (callee.putResult(ret, isOpenFor ? WASI_ERRNO_SUCCESS : WASI_ERRNO_BADF, 4))
    callee.put32(ret + 4, callee.hand(make(opened(callee, self))))
  return 0
}

const place = (offset: bigint): number => Number(BigInt.asIntN(64, offset))

const onDescriptors = {
  '[method]descriptor.read-via-stream': (callee: Callee, self: number, offset: bigint, ret: number) =>
    stream(callee, self, ret, FMODE_READ, (of) => new FileInput(of, place(offset))),
  '[method]descriptor.write-via-stream': (callee: Callee, self: number, offset: bigint, ret: number) =>
    stream(callee, self, ret, FMODE_WRITE, (of) => new FileOutput(of, place(offset))),
  '[method]descriptor.append-via-stream': (callee: Callee, self: number, ret: number) =>
    stream(callee, self, ret, FMODE_WRITE, (of) => new FileOutput(of, 'end')),
  '[method]descriptor.advise'(
    callee: Callee, self: number, offset: bigint, length: bigint, advice: number, ret: number,
  ) {
    const { sys, task } = callee.process
    const posix = ADVICE[advice] ?? callee.trap('no such advice')
    return result(callee, ret, sys.fadvise64(task, opened(callee, self).fd, place(offset), place(length), posix))
  },
  '[method]descriptor.sync-data'(callee: Callee, self: number, ret: number) {
    const { sys, task } = callee.process
    return result(callee, ret, sys.fdatasync(task, opened(callee, self).fd))
  },
  '[method]descriptor.sync'(callee: Callee, self: number, ret: number) {
    const { sys, task } = callee.process
    return result(callee, ret, sys.fsync(task, opened(callee, self).fd))
  },
  '[method]descriptor.get-flags'(callee: Callee, self: number, ret: number) {
    const descriptor = found(callee, self)
    if (!callee.putResult(ret, descriptor === null ? WASI_ERRNO_BADF : WASI_ERRNO_SUCCESS)) return 0
    const { file, type } = descriptor as Descriptor
    callee.put8(ret + 1, (isReadable(descriptor as Descriptor) ? READ : 0) |
      ((file.f_mode & FMODE_WRITE) !== 0 ? WRITE : 0) |
      ((file.f_flags & O_SYNC) === O_SYNC ? FILE_SYNC : 0) | ((file.f_flags & O_DSYNC) !== 0 ? DATA_SYNC : 0) |
      (type === WASI_FILETYPE_DIRECTORY ? MUTATE_DIRECTORY : 0))
    return 0
  },
  '[method]descriptor.get-type'(callee: Callee, self: number, ret: number) {
    if (callee.putResult(ret, fstat(callee, self))) callee.put8(ret + 1, typeOf(callee.stat.mode))
    return 0
  },
  '[method]descriptor.set-size'(callee: Callee, self: number, size: bigint, ret: number) {
    const { sys, task } = callee.process
    return result(callee, ret, sys.ftruncate(task, opened(callee, self).fd, place(size)))
  },
  '[method]descriptor.set-times'(
    callee: Callee, self: number, access: number, accessSec: bigint, accessNsec: number, change: number,
    changeSec: bigint, changeNsec: number, ret: number,
  ) {
    const { sys, task } = callee.process
    const times = [timespec(access, accessSec, accessNsec), timespec(change, changeSec, changeNsec)]
    return result(callee, ret, sys.utimensat(task, opened(callee, self).fd, null, times, 0))
  },
  /** `result<tuple<list<u8>, bool>, error-code>`: the bytes, and whether that was the end. */
  '[method]descriptor.read'(callee: Callee, self: number, length: bigint, offset: bigint, ret: number): Answer {
    const { waits, sys, task } = callee.process
    const size = Math.min(Number(BigInt.asUintN(64, length)), MOST_READ)
    const buffer = new Uint8Array(size)
    const { fd } = opened(callee, self)
    return waits(() => sys.pread64(task, fd, buffer, place(offset)), (rc) => {
      if (!callee.putResult(ret, wasiErrno(Math.min(0, rc)), 4)) return 0
      callee.process.budget.spendBytes(rc)
      callee.putBytes(ret + 4, buffer.subarray(0, rc))
      callee.put8(ret + 12, rc === 0 && size > 0 ? 1 : 0)
      return 0
    })
  },
  '[method]descriptor.write'(
    callee: Callee, self: number, at: number, length: number, offset: bigint, ret: number,
  ): Answer {
    const { waits, sys, task } = callee.process
    const { fd } = opened(callee, self)
    callee.range(at, length >>> 0)
    const size = Math.min(length >>> 0, 2 ** 24)
    return waits(() => sys.pwrite64(task, fd, callee.bytes(at, size), place(offset)), (rc) => {
      if (!callee.putResult(ret, wasiErrno(Math.min(0, rc)), 8)) return 0
      callee.process.budget.spendBytes(rc)
      callee.put64(ret + 8, rc)
      return 0
    })
  },
  '[method]descriptor.stat': (callee: Callee, self: number, ret: number) =>
    putStat(callee, ret, fstat(callee, self), callee.stat),
  '[method]descriptor.is-same-object': (callee: Callee, self: number, other: number) =>
    Number(found(callee, self)?.file.f_inode === found(callee, other)?.file.f_inode),
  '[method]descriptor.metadata-hash': (callee: Callee, self: number, ret: number) =>
    putHash(callee, ret, fstat(callee, self), callee.stat),
  '[method]descriptor.read-directory'(callee: Callee, self: number, ret: number) {
    const listing = Listing.of(callee.process, opened(callee, self))
    const rc = typeof listing === 'number' ? listing : 0
    if (callee.putResult(ret, wasiErrno(rc), 4)) callee.put32(ret + 4, callee.hand(listing as Listing))
    return 0
  },
  /** `result<option<directory-entry>, error-code>`. */
  '[method]directory-entry-stream.read-directory-entry'(callee: Callee, self: number, ret: number) {
    const entry = callee.resource(self, Listing).next()
    if (typeof entry === 'number') {
      if (callee.putResult(ret, wasiErrno(entry), 4)) callee.put8(ret + 4, 0)
      return 0
    }
    callee.putResult(ret, 0, 4)
    callee.put8(ret + 4, 1)
    callee.put8(ret + 8, entry.type)
    callee.putText(ret + 12, entry.name)
    return 0
  },
  'filesystem-error-code'(callee: Callee, error: number, ret: number) {
    callee.put8(ret, 1, errorCode(callee.resource(error, IoError).errno))
    return 0
  },
}

export const descriptorFunctions = (callee: Callee) => bound(callee, onDescriptors)

/** Strings are UTF-8 here: bytes that are not are replaced. */
const nameOf = (reader: DirectoryReader): string => {
  const bytes = new Uint8Array(reader.length)
  reader.copyName(bytes, 0)
  return decoder.decode(bytes)
}
const decoder = new TextDecoder()
