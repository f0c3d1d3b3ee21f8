/**
 * The last change of a folder of the host (its ctime): while it is the same, so are the folder's names, mode and times.
 * That holds on file systems of a disk or of memory. The time has to be some ticks of the host's clock old when it is
 * read, because a second change in the same tick would not show.
 */
import { statfsSync } from 'node:fs'

const OVERLAY = 0x794c7630
/** f_type of ext4, XFS, Btrfs, tmpfs, overlay, F2FS, bcachefs and ZFS. */
const KEEP_TIMES: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, OVERLAY, 0xf2f52010, 0xca451a4e, 0x2fc12fc1,
])
/** Milliseconds; a tick is 10 at most. */
const SETTLED = 100

/** How it shows that something in a folder was changed. */
export interface ChangesShown {
  readonly byTimes: boolean
  /** By events. An overlay has none of changes in the file systems that it is made of. */
  readonly byWatches: boolean
}

/** `path`: a folder on the file system that is asked about. */
export const changesShown = (path: string): ChangesShown => {
  try {
    const { type } = statfsSync(path)
    const byTimes = KEEP_TIMES.has(type)
    return { byTimes, byWatches: byTimes && type !== OVERLAY }
  } catch {
    return { byTimes: false, byWatches: false }
  }
}

/** `time`: when a folder has changed, in milliseconds, which was just read. */
export const isSettled = (time: number): boolean => Date.now() - time > SETTLED
