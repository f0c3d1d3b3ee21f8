/** Arguments of `lsmkit_posix` that raw system calls do not have: structs, pairs, addresses of sockets. */
import { Kstat } from '@lsmkit/kernel/boot'
import type { GuestMemory } from '../memory.ts'
import type { Kind } from '../syscalls/argument.ts'
import { setU64 } from '../u64.ts'

/** A value that the program does not give. */
export const constant = (value: unknown): Kind => () => ({ value })

/** A kind that is read from another place than its own. */
export const word = (at: number, kind: Kind): Kind => (memory, args) => kind(memory, args, at)

/** A struct of `size` bytes at an address; null is passed on. It is written when the call has gone well. */
const struct = <T>(
  size: number, read: (memory: GuestMemory, at: number) => T,
  write: (memory: GuestMemory, at: number, value: T) => void,
): Kind => (memory, args, i) => {
  const at = (args[i] as number) >>> 0
  if (at === 0) return { value: null }
  if (!memory.has(at, size)) return null
  const value = read(memory, at)
  return { value, writeBack: (rc) => { if (rc >= 0) write(memory, at, value) } }
}

/** An i32 that is read and written. */
export const refI32 = struct(
  4, ({ view }, at) => ({ value: view.getInt32(at, true) }),
  ({ view }, at, { value }) => view.setInt32(at, value, true),
)

/** Two descriptors, written when they are there. */
export const fdPair = struct<number[]>(8, () => [], ({ view }, at, fds) =>
  fds.forEach((fd, i) => view.setInt32(at + i * 4, fd, true)))

/** `struct termios` of the kernel: four words, the line discipline, 19 control characters. */
const TERMIOS_SIZE = 36
const FLAGS = ['c_iflag', 'c_oflag', 'c_cflag', 'c_lflag'] as const
const CC = 17
export const termios = struct(
  TERMIOS_SIZE,
  ({ view, bytes }, at) => ({
    c_iflag: view.getUint32(at, true), c_oflag: view.getUint32(at + 4, true), c_cflag: view.getUint32(at + 8, true),
    c_lflag: view.getUint32(at + 12, true), c_line: bytes[at + 16]!,
    c_cc: [...bytes.subarray(at + CC, at + TERMIOS_SIZE)],
  }),
  ({ view, bytes }, at, value) => {
    FLAGS.forEach((field, i) => view.setUint32(at + i * 4, value[field], true))
    bytes[at + 16] = value.c_line
    bytes.set(value.c_cc.slice(0, TERMIOS_SIZE - CC), at + CC)
  },
)

const SIZES = ['ws_row', 'ws_col', 'ws_xpixel', 'ws_ypixel'] as const
export const winsize = struct(
  8, ({ view }, at) => Object.fromEntries(SIZES.map((field, i) => [field, view.getUint16(at + i * 2, true)])),
  ({ view }, at, value) => SIZES.forEach((field, i) => view.setUint16(at + i * 2, value[field] ?? 0, true)),
)

const WORDS = ['mode', 'nlink', 'uid', 'gid'] as const
const LONGS = ['size', 'ino', 'blocks', 'mtime_sec'] as const
/** `struct lsmkit_stat`: mode, links, uid, gid as u32; then size, inode, blocks, seconds of the last change as u64. */
export const kstat = struct(48, () => new Kstat(), ({ view }, at, stat) => {
  WORDS.forEach((field, i) => view.setUint32(at + i * 4, stat[field], true))
  LONGS.forEach((field, i) => setU64(view, at + 16 + i * 8, Math.max(0, stat[field])))
})

/** A buffer of argument `lengthAt` bytes that the kernel fills up to a length of its own: a socket's address. */
export const address = (lengthAt: number): Kind => (memory, args, i) => {
  const at = (args[i] as number) >>> 0
  const length = (args[lengthAt] as number) >>> 0
  if (at === 0) return { value: null }
  if (!memory.has(length, 4)) return null
  const room = memory.view.getUint32(length, true)
  return memory.has(at, room) ? { value: memory.bytes.subarray(at, at + room) } : null
}
