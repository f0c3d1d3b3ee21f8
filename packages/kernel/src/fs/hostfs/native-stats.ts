/** Attributes of a file out of `struct statx` (linux/stat.h). */
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { AnyStats, HostTimes } from './host-node.ts'

export const STATX_SIZE = 256
/** STATX_BASIC_STATS. */
export const STATX_ALL = 0x7ff
const TWO_32 = 2 ** 32

export class NativeStats implements AnyStats {
  readonly mode: number
  readonly size: number
  readonly nlink: number
  readonly uid: number
  readonly gid: number
  readonly dev: number
  readonly ino: number | bigint
  readonly times: HostTimes

  constructor(words: Int32Array) {
    this.nlink = words[4]! >>> 0
    this.uid = words[5]! >>> 0
    this.gid = words[6]! >>> 0
    this.mode = words[7]! & 0xffff
    this.ino = unsigned(words, 8)
    this.size = Number(unsigned(words, 10))
    this.dev = (words[34]! >>> 0) * TWO_32 + (words[35]! >>> 0)
    this.times = {
      atime_sec: signed(words, 16), atime_nsec: words[18]!, ctime_sec: signed(words, 24), ctime_nsec: words[26]!,
      mtime_sec: signed(words, 28), mtime_nsec: words[30]!,
    }
  }

  isDirectory(): boolean {
    return (this.mode & S_IFMT) === S_IFDIR
  }

  isFile(): boolean {
    return (this.mode & S_IFMT) === S_IFREG
  }

  isSymbolicLink(): boolean {
    return (this.mode & S_IFMT) === S_IFLNK
  }
}

/** Milliseconds: stx_ctime alone. */
export const changeTimeOf = (words: Int32Array): number => signed(words, 24) * 1000 + words[26]! / 1e6

const signed = (words: Int32Array, at: number): number => words[at + 1]! * TWO_32 + (words[at]! >>> 0)

/** A bigint only if a number cannot have it. */
export const unsigned = (words: Int32Array, at: number): number | bigint => {
  const [low, high] = [words[at]! >>> 0, words[at + 1]! >>> 0]
  return high < 2 ** 21 ? high * TWO_32 + low : (BigInt(high) << 32n) | BigInt(low)
}
