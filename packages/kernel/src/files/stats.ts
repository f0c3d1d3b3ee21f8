/** Results of `stat` and `readdir`, with the methods that Node's have. */
import {
  DT_BLK, DT_CHR, DT_DIR, DT_FIFO, DT_LNK, DT_REG, DT_SOCK, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT,
  S_IFREG, S_IFSOCK,
} from '@lsmkit/abi'
import type { Kstat } from '../state/vfs/kstat.ts'

/** A name with the directory it was found in. */
export interface EntryData {
  readonly name: string
  /** DT_* of getdents64. */
  readonly type: number
  readonly parentPath: string
}

const ms = (sec: number, nsec: number): number => sec * 1000 + nsec / 1e6

/** As `fs.Stats` has it, without its methods; times in milliseconds. It may be sent to another thread. */
export const statData = (stat: Kstat) => ({
  dev: stat.dev, ino: stat.ino, mode: stat.mode, nlink: stat.nlink, uid: stat.uid, gid: stat.gid, rdev: stat.rdev,
  size: stat.size, blksize: stat.blksize, blocks: stat.blocks,
  atimeMs: ms(stat.atime_sec, stat.atime_nsec), mtimeMs: ms(stat.mtime_sec, stat.mtime_nsec),
  ctimeMs: ms(stat.ctime_sec, stat.ctime_nsec), birthtimeMs: ms(stat.btime_sec, stat.btime_nsec),
})
export type StatData = Readonly<ReturnType<typeof statData>>

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

/** As `fs.Stats`. */
export class Stats extends Typed implements StatData {
  declare readonly dev: number
  declare readonly ino: number
  declare readonly mode: number
  declare readonly nlink: number
  declare readonly uid: number
  declare readonly gid: number
  declare readonly rdev: number
  declare readonly size: number
  declare readonly blksize: number
  declare readonly blocks: number
  declare readonly atimeMs: number
  declare readonly mtimeMs: number
  declare readonly ctimeMs: number
  declare readonly birthtimeMs: number

  constructor(data: StatData) {
    super()
    Object.assign(this, data)
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

  constructor({ name, parentPath, type }: EntryData) {
    super()
    this.name = name
    this.parentPath = parentPath
    this.#type = type
  }

  protected override is(_format: number, type: number): boolean {
    return this.#type === type
  }
}
