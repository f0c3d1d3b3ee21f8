/** The pair of times that fd_filestat_set_times and path_filestat_set_times pass on to utimensat. */
import {
  UTIME_NOW, UTIME_OMIT, WASI_FSTFLAGS_ATIM, WASI_FSTFLAGS_ATIM_NOW, WASI_FSTFLAGS_MTIM, WASI_FSTFLAGS_MTIM_NOW,
} from '@lsmkit/abi'
import type { Timespec } from './kernel.ts'

const ALL = WASI_FSTFLAGS_ATIM | WASI_FSTFLAGS_ATIM_NOW | WASI_FSTFLAGS_MTIM | WASI_FSTFLAGS_MTIM_NOW
const NANOSECONDS = 1_000_000_000n

/** Access and modification time; null for flags that contradict one another or do not exist. */
export const fileTimes = (atim: bigint, mtim: bigint, flags: number): Timespec[] | null => {
  if ((flags & ~ALL) !== 0) return null
  const access = choose(atim, flags & WASI_FSTFLAGS_ATIM, flags & WASI_FSTFLAGS_ATIM_NOW)
  const change = choose(mtim, flags & WASI_FSTFLAGS_MTIM, flags & WASI_FSTFLAGS_MTIM_NOW)
  return access === null || change === null ? null : [access, change]
}

const choose = (time: bigint, given: number, now: number): Timespec | null => {
  if (given !== 0 && now !== 0) return null
  if (now !== 0) return { tv_sec: 0, tv_nsec: UTIME_NOW }
  if (given === 0) return { tv_sec: 0, tv_nsec: UTIME_OMIT }
  const all = BigInt.asUintN(64, time)
  return { tv_sec: Number(all / NANOSECONDS), tv_nsec: Number(all % NANOSECONDS) }
}
