/** `fdflags` and the flags of open(2) they stand for. */
import {
  __O_SYNC, O_APPEND, O_DSYNC, O_NONBLOCK, O_SYNC, WASI_FDFLAGS_APPEND, WASI_FDFLAGS_DSYNC, WASI_FDFLAGS_NONBLOCK,
  WASI_FDFLAGS_RSYNC, WASI_FDFLAGS_SYNC,
} from '@lsmkit/abi'

const ALL =
  WASI_FDFLAGS_APPEND | WASI_FDFLAGS_DSYNC | WASI_FDFLAGS_NONBLOCK | WASI_FDFLAGS_RSYNC | WASI_FDFLAGS_SYNC

/** -1 for a flag that preview 1 does not have. Linux knows no O_RSYNC of its own: it is O_SYNC. */
export const openFlags = (fdflags: number): number => {
  if ((fdflags & ~ALL) !== 0) return -1
  return (
    ((fdflags & WASI_FDFLAGS_APPEND) !== 0 ? O_APPEND : 0) |
    ((fdflags & WASI_FDFLAGS_DSYNC) !== 0 ? O_DSYNC : 0) |
    ((fdflags & WASI_FDFLAGS_NONBLOCK) !== 0 ? O_NONBLOCK : 0) |
    ((fdflags & (WASI_FDFLAGS_RSYNC | WASI_FDFLAGS_SYNC)) !== 0 ? O_SYNC : 0)
  )
}

export const fdFlags = (f_flags: number): number =>
  ((f_flags & O_APPEND) !== 0 ? WASI_FDFLAGS_APPEND : 0) |
  ((f_flags & O_DSYNC) !== 0 ? WASI_FDFLAGS_DSYNC : 0) |
  ((f_flags & O_NONBLOCK) !== 0 ? WASI_FDFLAGS_NONBLOCK : 0) |
  ((f_flags & __O_SYNC) !== 0 ? WASI_FDFLAGS_RSYNC | WASI_FDFLAGS_SYNC : 0)
