/** What `stat` and `readdir` answer, with the methods of Node's own. */
import {
  DT_BLK, DT_CHR, DT_DIR, DT_FIFO, DT_LNK, DT_REG, DT_SOCK, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT,
  S_IFREG, S_IFSOCK,
} from '@lsmkit/abi'
import type { Kstat } from '@lsmkit/kernel'

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

const ms = (sec: number, nsec: number): number => sec * 1000 + nsec / 1e6

/** As `fs.Stats`. */
export class Stats extends Typed {
  readonly dev: number
  readonly ino: number
  readonly mode: number
  readonly nlink: number
  readonly uid: number
  readonly gid: number
  readonly rdev: number
  readonly size: number
  readonly blksize: number
  readonly blocks: number
  readonly atimeMs: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly birthtimeMs: number

  constructor(stat: Kstat) {
    super()
    this.dev = stat.dev
    this.ino = stat.ino
    this.mode = stat.mode
    this.nlink = stat.nlink
    this.uid = stat.uid
    this.gid = stat.gid
    this.rdev = stat.rdev
    this.size = stat.size
    this.blksize = stat.blksize
    this.blocks = stat.blocks
    this.atimeMs = ms(stat.atime_sec, stat.atime_nsec)
    this.mtimeMs = ms(stat.mtime_sec, stat.mtime_nsec)
    this.ctimeMs = ms(stat.ctime_sec, stat.ctime_nsec)
    this.birthtimeMs = ms(stat.btime_sec, stat.btime_nsec)
  }

  get atime(): Date {
    return new Date(this.atimeMs)
  }
  get mtime(): Date {
    return new Date(this.mtimeMs)
  }
  get ctime(): Date {
    return new Date(this.ctimeMs)
  }
  get birthtime(): Date {
    return new Date(this.birthtimeMs)
  }

  protected override is(format: number): boolean {
    return (this.mode & S_IFMT) === format
  }
}

/** As `fs.Dirent`. */
export class Dirent extends Typed {
  readonly name: string
  readonly parentPath: string
  readonly #type: number

  constructor(name: string, parentPath: string, type: number) {
    super()
    this.name = name
    this.parentPath = parentPath
    this.#type = type
  }

  protected override is(_format: number, type: number): boolean {
    return this.#type === type
  }
}
