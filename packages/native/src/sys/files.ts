/** Files of the host by descriptors: openat2 with its ways to resolve, memfd, ranges of descriptors. */
import type { System } from './system.ts'

const text = (name: string): Uint8Array => Buffer.from(`${name}\0`)

/** `struct open_how`: 24 bytes. */
export const packOpenHow = (flags: number, mode: number, resolve: number): Uint8Array => {
  const bytes = new Uint8Array(24)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(flags >>> 0), true)
  view.setBigUint64(8, BigInt(mode), true)
  view.setBigUint64(16, BigInt(resolve), true)
  return bytes
}

/**
 * openat2(2): a descriptor, or -errno. `at` is a descriptor of a directory, or AT_FDCWD; `resolve` is of RESOLVE_*, and
 * `mode` is for a file that is made.
 */
export const openat2 = (system: System, at: number, path: string, flags: number, resolve = 0, mode = 0): number => {
  const bytes = packOpenHow(flags, mode, resolve)
  return system.call('openat2', at, text(path), bytes, bytes.length)
}

/** memfd_create(2): a file in memory without a name. */
export const memfdCreate = (system: System, name: string, flags: number): number =>
  system.call('memfd_create', text(name), flags)

/** Closes descriptors, or sets their flag close-on-exec (CLOSE_RANGE_CLOEXEC). */
export const closeRange = (system: System, first: number, last: number, flags = 0): number =>
  system.call('close_range', first, last, flags)
