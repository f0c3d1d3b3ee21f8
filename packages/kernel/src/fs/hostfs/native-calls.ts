/**
 * Calls of the host by descriptors: openat2 with RESOLVE_BENEATH, statx, getdents64, renameat2 and so on, by koffi. No
 * name passes through /proc, and the host itself refuses to leave the folder. Linux 5.6 and later.
 */
import { readSync, writeSync } from 'node:fs'
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_REMOVEDIR, AT_SYMLINK_NOFOLLOW, E2BIG, EIO, ENAMETOOLONG, O_CLOEXEC, O_CREAT,
  O_DIRECTORY, O_RDONLY, RENAME_NOREPLACE, RESOLVE_BENEATH, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, UTIME_OMIT,
} from '@lsmkit/abi'
import { decodeName, encodeName } from '../../state/vfs/names.ts'
import type { AttributeCalls, HostCalls, NamedPlace, Place } from './host-calls.ts'
import { rcOf } from './host-error.ts'
import { isText, pathOfFd } from './host-paths.ts'
import { loadLibC } from './koffi.ts'
import type { LibC } from './koffi.ts'
import { listNative, namesNative } from './native-listing.ts'
import { NativeWatches } from './native-watches.ts'
import { changeTimeOf, NativeStats, STATX_ALL, STATX_SIZE } from './native-stats.ts'

/** The same number on all processors, as of all calls that are newer than 2019. */
const SYS_openat2 = 437
/** Numbers of calls without a function in every C library. */
const numbers = {
  x64: { renameat2: 316, getdents64: 217 }, arm64: { renameat2: 276, getdents64: 61 },
} as const
const OPEN_HOW = 24
const RESOLVE = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS
/** Bytes of the longest name with its end, and of the longest path. */
const NAME = 256
const PATH = 4096
const LIST = 65_536
/** Bytes of a read that is copied. */
const SHORT = 4096
const NS = 1_000_000_000n

/** Where arguments lie in the one buffer that all calls share: nothing is allocated for a call. */
const HOW = 0
const STAT = 64
const TIMES = STAT + STATX_SIZE
const FIRST = TIMES + 64
const SECOND = FIRST + NAME
const TEXT = SECOND + NAME
const ENTRIES = TEXT + PATH
const ARENA = ENTRIES + LIST

const named = (place: Place): NamedPlace => place as NamedPlace

export class NativeCalls implements HostCalls {
  readonly #libc: LibC
  readonly #numbers: (typeof numbers)['x64' | 'arm64']
  readonly #arena = Buffer.alloc(ARENA)
  /** The same bytes: parts of a Buffer take longer. */
  readonly #bytes: Uint8Array
  readonly #base: number
  readonly #stat: Int32Array
  readonly #how: DataView
  readonly keepsTime = true

  /** Throws what loading koffi throws. */
  constructor(arch: 'x64' | 'arm64') {
    this.#libc = loadLibC()
    this.#numbers = numbers[arch]
    this.#base = this.#libc.address(this.#arena)
    const { buffer, byteOffset } = this.#arena
    this.#bytes = new Uint8Array(buffer, byteOffset, ARENA)
    this.#stat = new Int32Array(buffer, byteOffset + STAT, STATX_SIZE / 4)
    this.#how = new DataView(buffer, byteOffset + HOW, OPEN_HOW)
    const room = { bytes: this.#arena, start: ENTRIES, size: LIST, address: this.#base + ENTRIES }
    this.watches = new NativeWatches(this.#libc, room, (text) => this.#text(text))
  }

  readonly place = (at: number, name: string): Place => ({ at, name })

  readonly open = (place: Place, flags: number, mode: number): number => {
    const { at, name } = named(place)
    const address = this.#name(name, FIRST)
    return address < 0 ? address : this.#openAt(at, address, flags, mode)
  }
  readonly reopen = (fd: number, flags: number): number => {
    this.#arena.writeUInt16LE(0x2e, FIRST)
    return this.#openAt(fd, this.#base + FIRST, flags, 0)
  }
  #openAt(at: number, address: number, flags: number, mode: number): number {
    this.#how.setUint32(0, flags | O_CLOEXEC, true)
    this.#how.setUint32(8, (flags & O_CREAT) === 0 ? 0 : mode, true)
    this.#how.setUint32(16, RESOLVE, true)
    return this.#rc(this.#libc.syscall(SYS_openat2, at, address, this.#base + HOW, OPEN_HOW, 0))
  }
  readonly close = (fd: number): void => void this.#libc.close(fd)

  readonly stat = (place: Place): NativeStats | number => {
    const { at, name } = named(place)
    const address = this.#name(name, FIRST)
    return address < 0 ? address : this.#statAt(at, address, AT_SYMLINK_NOFOLLOW)
  }
  readonly statQuickly = this.stat
  readonly fstat = (fd: number): NativeStats | number => {
    this.#arena[FIRST] = 0
    return this.#statAt(fd, this.#base + FIRST, AT_EMPTY_PATH)
  }
  readonly fstatQuickly = this.fstat
  #statAt(at: number, address: number, flags: number): NativeStats | number {
    const rc = this.#libc.statx(at, address, flags, STATX_ALL, this.#base + STAT)
    return rc < 0 ? this.#rc(rc) : new NativeStats(this.#stat)
  }
  readonly changeTime = (fd: number): number => {
    this.#arena[FIRST] = 0
    const rc = this.#libc.statx(fd, this.#base + FIRST, AT_EMPTY_PATH, STATX_ALL, this.#base + STAT)
    return rc < 0 ? NaN : changeTimeOf(this.#stat)
  }

  readonly readlink = (place: Place): string | number => {
    const { at, name } = named(place)
    const address = this.#name(name, FIRST)
    if (address < 0) return address
    const length = this.#rc(this.#libc.readlinkat(at, address, this.#base + TEXT, PATH))
    return length < 0 ? length : decodeName(this.#arena.subarray(TEXT, TEXT + length))
  }
  readonly list: HostCalls['list'] = (fd, _place, typeOf) =>
    this.#listing(fd, (more) => listNative(this.#arena, ENTRIES, more, typeOf))
  readonly names: HostCalls['names'] = (fd) => this.#listing(fd, (more) => namesNative(this.#arena, ENTRIES, more))
  #listing<T>(fd: number, read: (more: () => number) => T | number): T | number {
    const own = this.reopen(fd, O_RDONLY | O_DIRECTORY)
    if (own < 0) return own
    try {
      return read(() =>
        this.#rc(this.#libc.syscall(this.#numbers.getdents64, own, this.#base + ENTRIES, LIST, 0, 0)))
    } finally {
      this.close(own)
    }
  }
  /** A short read is copied, which is quicker than Node's. Node knows how to read into any memory of a program. */
  readonly read: HostCalls['read'] = (fd, buf, off, len, pos) => {
    if (len <= SHORT) {
      const length = this.#rc(this.#libc.pread(fd, this.#base + ENTRIES, len, pos))
      if (length > 0) buf.set(this.#bytes.subarray(ENTRIES, ENTRIES + length), off)
      return length
    }
    try {
      return readSync(fd, buf, off, len, pos)
    } catch (error) {
      return rcOf(error)
    }
  }
  readonly write: HostCalls['write'] = (fd, buf, off, len, pos) => {
    try {
      return writeSync(fd, buf, off, len, pos)
    } catch (error) {
      return rcOf(error)
    }
  }

  #onName(place: Place, act: (at: number, address: number) => number): number {
    const { at, name } = named(place)
    const address = this.#name(name, FIRST)
    return address < 0 ? address : this.#rc(act(at, address))
  }
  readonly mkdir = (place: Place, mode: number): number =>
    this.#onName(place, (at, name) => this.#libc.mkdirat(at, name, mode))
  readonly symlink = (target: string, place: Place): number => {
    const text = this.#text(target)
    return text < 0 ? text : this.#onName(place, (at, name) => this.#libc.symlinkat(text, at, name))
  }
  readonly unlink = (place: Place): number => this.#onName(place, (at, name) => this.#libc.unlinkat(at, name, 0))
  readonly rmdir = (place: Place): number =>
    this.#onName(place, (at, name) => this.#libc.unlinkat(at, name, AT_REMOVEDIR))

  #onBoth(from: Place, to: Place, act: (at: number, name: number, to: number, next: number) => number): number {
    const [a, b] = [named(from), named(to)]
    const [first, second] = [this.#name(a.name, FIRST), this.#name(b.name, SECOND)]
    return first < 0 ? first : second < 0 ? second : this.#rc(act(a.at, first, b.at, second))
  }
  readonly link = (from: Place, to: Place): number =>
    this.#onBoth(from, to, (at, name, next, other) => this.#libc.linkat(at, name, next, other, 0))
  readonly rename = (from: Place, to: Place): number => this.#rename(from, to, 0)
  readonly renameNew = (from: Place, to: Place): number => this.#rename(from, to, RENAME_NOREPLACE)
  #rename(from: Place, to: Place, flags: number): number {
    const { renameat2 } = this.#numbers
    return this.#onBoth(from, to, (at, name, next, other) =>
      this.#libc.syscall(renameat2, at, name, next, other, flags))
  }

  readonly truncate = (fd: number, size: number): number => this.#rc(this.#libc.ftruncate(fd, size))
  readonly changesByName = true
  readonly chmod = (fd: number, mode: number): number =>
    this.#rc(this.#libc.chmod(this.#text(pathOfFd(fd)), mode))
  readonly futimes = (fd: number, atime: bigint | null, mtime: bigint | null): number => {
    this.#setTimes(atime, mtime)
    return this.#rc(this.#libc.utimensat(AT_FDCWD, this.#text(pathOfFd(fd)), this.#base + TIMES, 0))
  }
  readonly lutimes = (place: Place, atime: bigint | null, mtime: bigint | null): number => {
    this.#setTimes(atime, mtime)
    return this.#onName(place, (at, name) => this.#libc.utimensat(at, name, this.#base + TIMES, AT_SYMLINK_NOFOLLOW))
  }
  /** `struct timespec[2]`. */
  #setTimes(...times: readonly (bigint | null)[]): void {
    times.forEach((ns, i) => {
      const at = TIMES + 16 * i
      const second = ns === null ? 0n : ns < 0n ? (ns - NS + 1n) / NS : ns / NS
      this.#arena.writeBigInt64LE(second, at)
      this.#arena.writeBigInt64LE(ns === null ? BigInt(UTIME_OMIT) : ns - second * NS, at + 8)
    })
  }
  readonly fsync = (fd: number): number => this.#rc(this.#libc.fsync(fd))

  readonly attributes: AttributeCalls = {
    get: (fd, name) => {
      const [path, attribute] = [this.#text(pathOfFd(fd)), this.#name(name, FIRST)]
      const length = this.#rc(this.#libc.getxattr(path, attribute, this.#base + ENTRIES, LIST))
      return length < 0 ? length : Uint8Array.from(this.#arena.subarray(ENTRIES, ENTRIES + length))
    },
    set: (fd, name, value, flags) => {
      if (value.length > LIST) return -E2BIG
      const [path, attribute] = [this.#text(pathOfFd(fd)), this.#name(name, FIRST)]
      this.#arena.set(value, ENTRIES)
      return this.#rc(this.#libc.setxattr(path, attribute, this.#base + ENTRIES, value.length, flags))
    },
    remove: (fd, name) => this.#rc(this.#libc.removexattr(this.#text(pathOfFd(fd)), this.#name(name, FIRST))),
  }

  readonly watches: NativeWatches

  /** Writes a name with its end; its address, or -ENAMETOOLONG. */
  #name(name: string, at: number): number {
    return this.#write(name, at, NAME)
  }
  #text(text: string): number {
    return this.#write(text, TEXT, PATH)
  }
  #write(text: string, at: number, room: number): number {
    const arena = this.#arena
    // a character takes at most three bytes
    if (text.length * 3 < room && isText(text)) {
      arena[at + arena.write(text, at)] = 0
      return this.#base + at
    }
    const bytes = encodeName(text)
    if (bytes.length >= room) return -ENAMETOOLONG
    arena.set(bytes, at)
    arena[at + bytes.length] = 0
    return this.#base + at
  }

  #rc(result: number): number {
    return result === -1 ? -(this.#libc.errno() || EIO) : result
  }
}
