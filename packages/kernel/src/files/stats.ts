/** Results of `stat` and `readdir`, with the methods that Node's have. */
import {
  DT_BLK, DT_CHR, DT_DIR, DT_FIFO, DT_LNK, DT_REG, DT_SOCK, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT,
  S_IFREG, S_IFSOCK,
} from '@lsmkit/abi'
import type { Kstat } from '../state/vfs/kstat.ts'

/** A name with the directory it was found in. */
export interface EntryData<Name = string> {
  readonly name: Name
  /** DT_* of getdents64. */
  readonly type: number
  readonly parentPath: string
}

const ms = (sec: number, nsec: number): number => sec * 1000 + nsec / 1e6

/** As `fs.Stats` has it, without its methods; times in milliseconds. It may be sent to another thread. */
export const statData = (stat: Kstat) => ({
  dev: stat.dev, mode: stat.mode, nlink: stat.nlink, uid: stat.uid, gid: stat.gid, rdev: stat.rdev,
  blksize: stat.blksize, ino: stat.ino, size: stat.size, blocks: stat.blocks,
  atimeMs: ms(stat.atime_sec, stat.atime_nsec), mtimeMs: ms(stat.mtime_sec, stat.mtime_nsec),
  ctimeMs: ms(stat.ctime_sec, stat.ctime_nsec), birthtimeMs: ms(stat.btime_sec, stat.btime_nsec),
})
export type StatData = Readonly<ReturnType<typeof statData>>

const ns = (sec: number, nsec: number): bigint => BigInt(sec) * 1_000_000_000n + BigInt(nsec)
/** Whole milliseconds, as V8 divides: towards 0. */
const msOfNs = (time: bigint): bigint => time / 1_000_000n

/** As `fs.BigIntStats` has it, without its methods. It may be sent to another thread. */
export const bigintStatData = (stat: Kstat) => {
  const atimeNs = ns(stat.atime_sec, stat.atime_nsec)
  const mtimeNs = ns(stat.mtime_sec, stat.mtime_nsec)
  const ctimeNs = ns(stat.ctime_sec, stat.ctime_nsec)
  const birthtimeNs = ns(stat.btime_sec, stat.btime_nsec)
  return {
    dev: BigInt(stat.dev), mode: BigInt(stat.mode), nlink: BigInt(stat.nlink), uid: BigInt(stat.uid),
    gid: BigInt(stat.gid), rdev: BigInt(stat.rdev), blksize: BigInt(stat.blksize), ino: BigInt(stat.ino),
    size: BigInt(stat.size), blocks: BigInt(stat.blocks),
    atimeMs: msOfNs(atimeNs), mtimeMs: msOfNs(mtimeNs), ctimeMs: msOfNs(ctimeNs), birthtimeMs: msOfNs(birthtimeNs),
    atimeNs, mtimeNs, ctimeNs, birthtimeNs,
  }
}
export type BigIntStatData = Readonly<ReturnType<typeof bigintStatData>>

abstract class Typed {
  protected abstract is(format: number, type: number): boolean

  isFile(): boolean {
    return this.is(S_IFREG, DT_REG)
  }
  isDirectory(): boolean {
    return this.is(S_IFDIR, DT_DIR)
  }
  isSymbolicLink(): boolean {
    return this.is(S_IFLNK, DT_LNK)
  }
  isFIFO(): boolean {
    return this.is(S_IFIFO, DT_FIFO)
  }
  isSocket(): boolean {
    return this.is(S_IFSOCK, DT_SOCK)
  }
  isBlockDevice(): boolean {
    return this.is(S_IFBLK, DT_BLK)
  }
  isCharacterDevice(): boolean {
    return this.is(S_IFCHR, DT_CHR)
  }
}

/** Dates are made when somebody asks; a date that is set stays. */
abstract class Timed extends Typed {
  declare readonly atimeMs: number | bigint
  declare readonly mtimeMs: number | bigint
  declare readonly ctimeMs: number | bigint
  declare readonly birthtimeMs: number | bigint

  get atime(): Date {
    return dateOf(this.atimeMs)
  }
  set atime(date: Date) {
    setOwn(this, 'atime', date)
  }
  get mtime(): Date {
    return dateOf(this.mtimeMs)
  }
  set mtime(date: Date) {
    setOwn(this, 'mtime', date)
  }
  get ctime(): Date {
    return dateOf(this.ctimeMs)
  }
  set ctime(date: Date) {
    setOwn(this, 'ctime', date)
  }
  get birthtime(): Date {
    return dateOf(this.birthtimeMs)
  }
  set birthtime(date: Date) {
    setOwn(this, 'birthtime', date)
  }
}

/** As Node does: the nearest millisecond. */
const dateOf = (time: number | bigint): Date => new Date(Math.round(Number(time)))
const setOwn = (on: object, name: string, value: Date): void =>
  void Object.defineProperty(on, name, { value, writable: true, enumerable: true, configurable: true })

/** As `fs.Stats`. */
export class Stats extends Timed implements StatData {
  declare readonly dev: number
  declare readonly mode: number
  declare readonly nlink: number
  declare readonly uid: number
  declare readonly gid: number
  declare readonly rdev: number
  declare readonly blksize: number
  declare readonly ino: number
  declare readonly size: number
  declare readonly blocks: number
  declare readonly atimeMs: number
  declare readonly mtimeMs: number
  declare readonly ctimeMs: number
  declare readonly birthtimeMs: number

  constructor(data: StatData) {
    super()
    Object.assign(this, data)
  }

  protected override is(format: number): boolean {
    return (this.mode & S_IFMT) === format
  }
}

/** As `fs.BigIntStats`: whole nanoseconds, and numbers of any size. */
export class BigIntStats extends Timed implements BigIntStatData {
  declare readonly dev: bigint
  declare readonly mode: bigint
  declare readonly nlink: bigint
  declare readonly uid: bigint
  declare readonly gid: bigint
  declare readonly rdev: bigint
  declare readonly blksize: bigint
  declare readonly ino: bigint
  declare readonly size: bigint
  declare readonly blocks: bigint
  declare readonly atimeMs: bigint
  declare readonly mtimeMs: bigint
  declare readonly ctimeMs: bigint
  declare readonly birthtimeMs: bigint
  declare readonly atimeNs: bigint
  declare readonly mtimeNs: bigint
  declare readonly ctimeNs: bigint
  declare readonly birthtimeNs: bigint

  constructor(data: BigIntStatData) {
    super()
    Object.assign(this, data)
  }

  protected override is(format: number): boolean {
    return (Number(this.mode) & S_IFMT) === format
  }
}

/** As `fs.Dirent`. */
export class Dirent<Name = string> extends Typed {
  readonly name: Name
  readonly parentPath: string
  readonly #type: number

  constructor({ name, parentPath, type }: EntryData<Name>) {
    super()
    this.name = name
    this.parentPath = parentPath
    this.#type = type
  }

  protected override is(_format: number, type: number): boolean {
    return this.#type === type
  }
}
