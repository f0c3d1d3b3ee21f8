/**
 * `wasi_unstable`, the earlier name of preview 1: the same calls, except for the numbers of `whence`, the layout of a
 * filestat and that of a subscription.
 */
import { SEEK_CUR, SEEK_END, SEEK_SET, WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_SUCCESS } from '@lsmkit/abi'
import type { Import } from '../guard.ts'
import type { Process } from '../process.ts'

export const UNSTABLE = 'wasi_unstable'

const WHENCE = [SEEK_CUR, SEEK_END, SEEK_SET]

/** A filestat: the number of links is of 32 bits, and what follows lies 8 bytes further in front. */
const FILESTAT = 64
const OLD_FILESTAT = 56
const LINKS = 24
const OLD_LINKS = 20
const BEHIND_LINKS = 32

/** A subscription: a clock has an identifier in front of what preview 1 has. */
const SUBSCRIPTION = 48
const OLD_SUBSCRIPTION = 56
const UNION = 16
const OLD_CLOCK = 24
const CLOCK_TYPE = 0

/** The calls of preview 1, with those that differ in between. */
export const unstableImports = (
  { memory }: Process, preview1: Readonly<Record<string, Import>>,
): Readonly<Record<string, Import>> => {
  /** `call` writes a filestat of preview 1 at `stat`; what lies behind the shorter one is put back. */
  const filestat = (stat: number, call: () => number): number => {
    if (!memory.has(stat, FILESTAT)) return WASI_ERRNO_FAULT
    const behind = memory.bytes.slice(stat + OLD_FILESTAT, stat + FILESTAT)
    const error = call()
    if (error !== WASI_ERRNO_SUCCESS) return error
    const { bytes, view } = memory
    view.setUint32(stat + OLD_LINKS, view.getUint32(stat + LINKS, true), true)
    bytes.copyWithin(stat + LINKS, stat + BEHIND_LINKS, stat + FILESTAT)
    bytes.set(behind, stat + OLD_FILESTAT)
    return WASI_ERRNO_SUCCESS
  }
  const call = (name: string, ...args: unknown[]): number => preview1[name]!(...args) as number

  return {
    ...preview1,
    fd_seek(fd: number, offset: bigint, whence: number, newoffset: number) {
      const linux = WHENCE[whence]
      return linux === undefined ? WASI_ERRNO_INVAL : call('fd_seek', fd, offset, linux, newoffset)
    },
    fd_filestat_get: (fd: number, stat: number) => filestat(stat >>> 0, () => call('fd_filestat_get', fd, stat)),
    path_filestat_get: (fd: number, flags: number, path: number, path_len: number, stat: number) =>
      filestat(stat >>> 0, () => call('path_filestat_get', fd, flags, path, path_len, stat)),
    /** The list is read before the call waits, and put back as it was. */
    poll_oneoff(subscriptions: number, events: number, count: number, nevents: number) {
      const at = subscriptions >>> 0
      const size = (count >>> 0) * OLD_SUBSCRIPTION
      if (!memory.has(at, size)) return WASI_ERRNO_FAULT
      const { bytes } = memory
      const old = bytes.slice(at, at + size)
      for (let i = 0; i < count >>> 0; i++) {
        const one = old.subarray(i * OLD_SUBSCRIPTION, (i + 1) * OLD_SUBSCRIPTION)
        const to = at + i * SUBSCRIPTION
        bytes.set(one.subarray(0, UNION), to)
        const from = one[8] === CLOCK_TYPE ? OLD_CLOCK : UNION
        bytes.set(one.subarray(from, from + SUBSCRIPTION - UNION), to + UNION)
      }
      const answer: unknown = preview1.poll_oneoff!(subscriptions, events, count, nevents)
      bytes.set(old, at)
      return answer
    },
  }
}
