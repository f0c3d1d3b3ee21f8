/** Arguments of file system calls in the memory of a C program: strings, buffers, structs, and places for results. */
import {
  F_GET_RW_HINT, F_GETLK, F_GETOWN_EX, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_SET_RW_HINT, F_SETLK, F_SETLKW,
  F_SETOWN_EX, FICLONE, FICLONERANGE, TCGETS, TUNSETIFF, TUNSETQUEUE,
} from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel'
import { binderArg } from './binder.ts'
import { FIRST } from './memory.ts'
import type { CMachine } from './machine.ts'

/** fcntl commands that take a `struct flock`. */
const LOCKS: ReadonlySet<number> = new Set([F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW])
/** fcntl commands that take the address of a 64-bit number. */
const HINTS: ReadonlySet<number> = new Set([F_GET_RW_HINT, F_SET_RW_HINT])

export const str = (m: CMachine, at: number) => m.text(at)

export const bytes = (m: CMachine, at: number, length: number) => (at === 0 ? null : m.slice(at, length))

export const longs = (m: CMachine, at: number, count: number) =>
  Array.from({ length: count }, (_, i) => Number(m.view.getBigInt64(at + 8 * i, true)))

export const vector = (m: CMachine, at: number, count: number) =>
  Array.from({ length: count }, (_, i) =>
    m.slice(m.get(at + 16 * i, 'iovec', 'iov_base'), m.get(at + 16 * i, 'iovec', 'iov_len')),
  )

export const times = (m: CMachine, at: number) => {
  if (at === 0) return null
  const [a = 0, b = 0, c = 0, d = 0] = longs(m, at, 4)
  return [{ tv_sec: a, tv_nsec: b }, { tv_sec: c, tv_nsec: d }]
}

export const offset = (m: CMachine, at: number) => (at === 0 ? null : { value: longs(m, at, 1)[0]! })

export const pair = (m: CMachine, at: number, call: (fds: number[]) => number) => {
  const fds = [-1, -1]
  const rc = call(fds)
  fds.forEach((fd, i) => m.view.setInt32(at + 4 * i, fd, true))
  return rc
}

export const stat = (m: CMachine, at: number, call: (stat: Kstat) => number) => {
  const kstat = new Kstat()
  const rc = call(kstat)
  m.set(at, 'stat', 'st_dev', kstat.dev)
  return rc
}

export const how = (m: CMachine, at: number) => ({
  flags: m.get(at, 'open_how', 'flags'),
  mode: m.get(at, 'open_how', 'mode'),
  resolve: m.get(at, 'open_how', 'resolve'),
})

const flock = (m: CMachine, at: number) => {
  const field = (name: string) => m.get(at, 'flock', name)
  return {
    l_type: field('l_type'),
    l_whence: field('l_whence'),
    l_start: field('l_start'),
    l_len: field('l_len'),
    l_pid: field('l_pid'),
  }
}

export const fcntlArg = (m: CMachine, cmd: number, arg: number) => {
  if (LOCKS.has(cmd)) return flock(m, arg)
  if (cmd === F_SETOWN_EX || cmd === F_GETOWN_EX)
    return { type: m.view.getInt32(arg, true), pid: m.view.getInt32(arg + 4, true) }
  return HINTS.has(cmd) ? { value: m.view.getBigUint64(arg, true) } : arg
}

/** The argument of an ioctl command: for most an int at the address. */
export const ioctlArg = (m: CMachine, cmd: number, at: number): unknown => {
  if (at < FIRST || cmd === FICLONE) return at
  const ofBinder = binderArg(m, cmd >>> 0, at)
  if (ofBinder !== undefined) return ofBinder
  if (cmd === FICLONERANGE) return { src_fd: longs(m, at, 1)[0] }
  if (cmd >= 0x8910 && cmd <= 0x8990) return { ifr_name: m.text(at) }
  if (cmd === TUNSETIFF || cmd === TUNSETQUEUE)
    return { ifr_name: m.text(at), ifr_flags: m.get(at, 'ifreq', 'ifr_flags') }
  return cmd === TCGETS ? {} : { value: m.view.getInt32(at, true) }
}

/** Its first word is the size. */
export const idReq = (m: CMachine, at: number) => {
  const [, mnt_id = 0, param = 0] = longs(m, at, 3)
  return { mnt_id, param }
}
