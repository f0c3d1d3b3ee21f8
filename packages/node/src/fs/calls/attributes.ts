/** Calls about what a file is: its stats, mode, owner and times. */
import { ENOENT, ENOTDIR, F_OK } from '@lsmkit/abi'
import { Kstatfs } from '@lsmkit/kernel'
import type { Kstat } from '@lsmkit/kernel'
import { answered, BigIntStats, bigintStatData, FileError, statData, Stats } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { modeOf, ownerOf, wholeOf } from '../arguments/checks.ts'
import { looseOptions, optionRules } from '../arguments/options.ts'
import type { StatOptions } from '../arguments/options.ts'
import { pathOf } from '../arguments/paths.ts'
import type { Path } from '../arguments/paths.ts'
import { msOf } from '../arguments/times.ts'
import type { Time } from '../arguments/times.ts'

/** A path that leads through a file is one of nothing too; only `lstat` says so aloud. */
const isMissing = (error: unknown): boolean => error instanceof FileError &&
  (error.errno === -ENOENT || (error.errno === -ENOTDIR && error.syscall !== 'lstat'))

/** With `throwIfNoEntry: false` it answers undefined for a file that is not there, which the type leaves out. */
export const statsOf = (options: StatOptions | null | undefined, ask: () => Kstat): Stats | BigIntStats => {
  const { bigint = false, throwIfNoEntry = true } = looseOptions(options, optionRules.stat)
  try {
    const stat = ask()
    return bigint ? new BigIntStats(bigintStatData(stat)) : new Stats(statData(stat))
  } catch (error) {
    if (throwIfNoEntry || !isMissing(error)) throw error
    return undefined as never
  }
}

/** As `fs.StatFs`: bigints where `T` is that. */
export class StatFs<T extends number | bigint = number> {
  readonly type: T
  readonly bsize: T
  readonly blocks: T
  readonly bfree: T
  readonly bavail: T
  readonly files: T
  readonly ffree: T
  readonly frsize: T

  constructor(from: Kstatfs, of: (value: number) => T) {
    this.type = of(from.f_type)
    this.bsize = of(from.f_bsize)
    this.blocks = of(from.f_blocks)
    this.bfree = of(from.f_bfree)
    this.bavail = of(from.f_bavail)
    this.files = of(from.f_files)
    this.ffree = of(from.f_ffree)
    this.frsize = of(from.f_frsize)
  }
}

export const attributes = {
  access: (files: TaskFiles, path: Path, mode: number = F_OK): void => {
    const name = pathOf(path)
    files.access(name, mode === null ? F_OK : wholeOf(mode, 'mode', 0, 7))
  },
  chmod: (files: TaskFiles, path: Path, mode: number | string): void => {
    const name = pathOf(path)
    files.chmod(name, modeOf(mode))
  },
  chown: (files: TaskFiles, path: Path, uid: number, gid: number): void => {
    const name = pathOf(path)
    files.chown(name, ownerOf(uid, 'uid'), ownerOf(gid, 'gid'))
  },
  lchown: (files: TaskFiles, path: Path, uid: number, gid: number): void => {
    const name = pathOf(path)
    files.chown(name, ownerOf(uid, 'uid'), ownerOf(gid, 'gid'), false)
  },
  lstat: (files: TaskFiles, path: Path, options?: StatOptions): Stats | BigIntStats => {
    const name = pathOf(path)
    return statsOf(options, () => files.lstat(name))
  },
  lutimes: (files: TaskFiles, path: Path, atime: Time, mtime: Time): void =>
    files.utimes(pathOf(path), msOf(atime), msOf(mtime), false),
  stat: (files: TaskFiles, path: Path, options?: StatOptions): Stats | BigIntStats => {
    const name = pathOf(path)
    return statsOf(options, () => files.stat(name))
  },
  statfs: ({ sys, task }: TaskFiles, path: Path, options?: Pick<StatOptions, 'bigint'>): StatFs | StatFs<bigint> => {
    const name = pathOf(path)
    const { bigint = false } = looseOptions(options, optionRules.stat)
    const found = new Kstatfs()
    answered(sys.statfs(task, name, found), 'statfs', name)
    return bigint ? new StatFs(found, BigInt) : new StatFs(found, Number)
  },
  utimes: (files: TaskFiles, path: Path, atime: Time, mtime: Time): void =>
    files.utimes(pathOf(path), msOf(atime), msOf(mtime)),
}
