/** Calls on descriptors, and `open`. */
import { answered } from '@lsmkit/kernel/files'
import type { BigIntStats, Stats, TaskFiles } from '@lsmkit/kernel/files'
import { fdOf, modeOf, ownerOf, wholeOf } from '../arguments/checks.ts'
import { flagsOf } from '../arguments/flags.ts'
import type { StatOptions } from '../arguments/options.ts'
import { pathOf } from '../arguments/paths.ts'
import type { Path } from '../arguments/paths.ts'
import { msOf } from '../arguments/times.ts'
import type { Time } from '../arguments/times.ts'
import { statsOf } from './attributes.ts'

type Mode = number | string

export const descriptors = {
  close: (files: TaskFiles, fd: number): void => files.close(fdOf(fd)),
  fchmod: ({ sys, task }: TaskFiles, fd: number, mode: Mode): void =>
    void answered(sys.fchmod(task, fdOf(fd), modeOf(mode)), 'fchmod'),
  fchown: ({ sys, task }: TaskFiles, fd: number, uid: number, gid: number): void =>
    void answered(sys.fchown(task, fdOf(fd), ownerOf(uid, 'uid'), ownerOf(gid, 'gid')), 'fchown'),
  fdatasync: ({ sys, task }: TaskFiles, fd: number): void => void answered(sys.fdatasync(task, fdOf(fd)), 'fdatasync'),
  fstat: (files: TaskFiles, fd: number, options?: StatOptions): Stats | BigIntStats => {
    const of = fdOf(fd)
    return statsOf(options, () => files.fstat(of))
  },
  fsync: ({ sys, task }: TaskFiles, fd: number): void => void answered(sys.fsync(task, fdOf(fd)), 'fsync'),
  ftruncate: ({ sys, task }: TaskFiles, fd: number, length: number = 0): void =>
    void answered(sys.ftruncate(task, fdOf(fd), Math.max(0, wholeOf(length, 'len'))), 'ftruncate'),
  futimes: (files: TaskFiles, fd: number, atime: Time, mtime: Time): void =>
    files.futimes(fdOf(fd), msOf(atime, 'atime'), msOf(mtime, 'mtime')),
  open: (files: TaskFiles, path: Path, flags: string | number = 'r', mode: Mode | null = 0o666): number => {
    const name = pathOf(path)
    return files.open(name, flagsOf(flags), modeOf(mode ?? 0o666))
  },
}
