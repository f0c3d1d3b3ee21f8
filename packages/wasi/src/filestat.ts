/** `filestat` from what the kernel's stat filled in. */
import { WASI_FILESTAT_SIZE } from '@lsmkit/abi'
import type { Kstat } from '@lsmkit/kernel'
import type { GuestMemory } from './memory.ts'
import { fileType } from './rights.ts'
import { setTimestamp, setU64 } from './u64.ts'

/**
 * `at` must be a range of WASI_FILESTAT_SIZE bytes that the guest has. `type` is what a descriptor knows: a mode does
 * not tell sockets apart.
 */
export const setFilestat = (
  { view, bytes }: GuestMemory, at: number, stat: Kstat, type = fileType(stat.mode),
): void => {
  bytes.fill(0, at, at + WASI_FILESTAT_SIZE)
  setU64(view, at, stat.dev)
  setU64(view, at + 8, stat.ino)
  view.setUint8(at + 16, type)
  setU64(view, at + 24, stat.nlink)
  setU64(view, at + 32, stat.size)
  setTimestamp(view, at + 40, stat.atime_sec, stat.atime_nsec)
  setTimestamp(view, at + 48, stat.mtime_sec, stat.mtime_nsec)
  setTimestamp(view, at + 56, stat.ctime_sec, stat.ctime_nsec)
}
