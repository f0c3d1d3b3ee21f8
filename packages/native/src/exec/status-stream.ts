/** Messages of the launcher, from its descriptor 3. */
import { FAILED, LISTENER, MESSAGE, ENDED, STARTED } from '../launcher/steps.ts'

/** The time and memory that a program and the children it waited for have used, as the kernel counts them. */
export interface NativeUsage {
  /** Milliseconds of processor time, in the program and in the kernel. */
  readonly user: number
  readonly system: number
  /** Most bytes of memory that the largest process had at a time. */
  readonly memory: number
}

export interface Messages {
  started?: (pid: number) => void
  /** A descriptor of the program, which waits for a byte. */
  listener?: (fd: number) => void
  /** The status of wait4(2). */
  ended?: (status: number, usage: NativeUsage) => void
  /** The number of the call, and -errno. */
  failed?: (call: number, rc: number) => void
}

const KIB = 1024

/** struct rusage: two timevals, then ru_maxrss in KiB. */
const usageOf = (view: DataView): NativeUsage => {
  const milliseconds = (at: number): number =>
    Number(view.getBigInt64(at, true)) * 1000 + Number(view.getBigInt64(at + 8, true)) / 1000
  return { user: milliseconds(16), system: milliseconds(32), memory: Number(view.getBigInt64(48, true)) * KIB }
}

/** A function that takes the bytes as they come. */
export const messageReader = (to: Messages): ((bytes: Uint8Array) => void) => {
  let kept = Buffer.alloc(0)
  return (bytes) => {
    kept = Buffer.concat([kept, bytes])
    for (; kept.length >= MESSAGE; kept = kept.subarray(MESSAGE)) {
      const view = new DataView(kept.buffer, kept.byteOffset, MESSAGE)
      const tag = Number(view.getBigInt64(0, true))
      const value = Number(view.getBigInt64(8, true))
      if (tag === STARTED) to.started?.(value)
      else if (tag === LISTENER) to.listener?.(value)
      else if (tag === ENDED) to.ended?.(value & 0xffff, usageOf(view))
      else if (tag >= FAILED) to.failed?.(tag - FAILED, value)
    }
  }
}
