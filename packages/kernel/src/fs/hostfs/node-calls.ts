/** Calls of the host by `node:fs`. On Linux a name below a descriptor is `/proc/PID/fd/N/NAME`. */
import {
  closeSync, fchmodSync, fstatSync, fsyncSync, ftruncateSync, futimesSync, linkSync, lstatSync, lutimesSync, mkdirSync,
  openSync, readdirSync, readlinkSync, readSync, renameSync, rmdirSync, symlinkSync, unlinkSync, writeSync,
} from 'node:fs'
import { ENOENT } from '@lsmkit/abi'
import { decodeName, encodeName } from '../../state/vfs/names.ts'
import type { HostCalls, Place } from './host-calls.ts'
import { rcOf } from './host-error.ts'
import { listFolder } from './host-listing.ts'
import { isExact } from './host-node.ts'
import { pathBelow, pathOfFd } from './host-paths.ts'

/** An exception costs more than an answer, and every new name would throw one. */
const LSTAT = { bigint: true, throwIfNoEntry: false } as const
const QUICK_LSTAT = { throwIfNoEntry: false } as const

/** True if the host can leave a time unchanged (UTIME_OMIT): libuv since 1.51 takes NaN for that. */
const KEEPS_TIME = ((): boolean => {
  const [major = 0, minor = 0] = process.versions.uv.split('.').map(Number)
  return major > 1 || minor >= 51
})()
/** Node takes a number below 0 for the current time, so earlier times are dates, exact to the millisecond. */
const hostTime = (ns: bigint): number | Date => (ns < 0n ? new Date(Number(ns / 1_000_000n)) : Number(ns) / 1e9)
const timeOrNot = (ns: bigint | null): number | Date => (ns === null ? new Date(NaN) : hostTime(ns))

const path = (place: Place): Buffer | string => place as Buffer | string

const answer = <T>(act: () => T): T | number => {
  try {
    return act()
  } catch (error) {
    return rcOf(error)
  }
}
const done = (act: () => void): number => {
  try {
    act()
    return 0
  } catch (error) {
    return rcOf(error)
  }
}

const fstat: HostCalls['fstat'] = (fd) => answer(() => fstatSync(fd, { bigint: true }))
const stat: HostCalls['stat'] = (place) => answer(() => lstatSync(path(place), LSTAT) ?? -ENOENT)

export const nodeCalls: HostCalls = {
  place: pathBelow,
  open: (place, flags, mode) => answer(() => openSync(path(place), flags, mode)),
  reopen: (fd, flags) => answer(() => openSync(`${pathOfFd(fd)}/`, flags)),
  close: (fd) => closeSync(fd),
  stat,
  statQuickly: (place) => {
    const stats = answer(() => lstatSync(path(place), QUICK_LSTAT) ?? -ENOENT)
    return typeof stats === 'number' || isExact(stats) ? stats : stat(place)
  },
  fstat,
  fstatQuickly: (fd) => {
    const stats = answer(() => fstatSync(fd))
    return typeof stats === 'number' || isExact(stats) ? stats : fstat(fd)
  },
  changeTime: (fd) => {
    try {
      return fstatSync(fd).ctimeMs
    } catch {
      return NaN
    }
  },
  readlink: (place) => answer(() => decodeName(readlinkSync(path(place), { encoding: 'buffer' }))),
  list: (fd, place, typeOf) => answer(() => listFolder(place ?? `${pathOfFd(fd)}/`, typeOf)),
  names: (fd) => answer(() =>
    readdirSync(`${pathOfFd(fd)}/`, { encoding: 'buffer' }).map((name) => decodeName(name))),
  read: (fd, buf, off, len, pos) => {
    try {
      return readSync(fd, buf, off, len, pos)
    } catch (error) {
      return rcOf(error)
    }
  },
  write: (fd, buf, off, len, pos) => {
    try {
      return writeSync(fd, buf, off, len, pos)
    } catch (error) {
      return rcOf(error)
    }
  },
  mkdir: (place, mode) => done(() => mkdirSync(path(place), mode)),
  symlink: (target, place) => done(() => symlinkSync(Buffer.from(encodeName(target)), path(place))),
  unlink: (place) => done(() => unlinkSync(path(place))),
  rmdir: (place) => done(() => rmdirSync(path(place))),
  link: (from, to) => done(() => linkSync(path(from), path(to))),
  rename: (from, to) => done(() => renameSync(path(from), path(to))),
  renameNew: null,
  changesByName: false,
  truncate: (fd, size) => done(() => ftruncateSync(fd, size)),
  chmod: (fd, mode) => done(() => fchmodSync(fd, mode)),
  futimes: (fd, atime, mtime) => done(() => futimesSync(fd, timeOrNot(atime), timeOrNot(mtime))),
  lutimes: (place, atime, mtime) => done(() => lutimesSync(path(place), timeOrNot(atime), timeOrNot(mtime))),
  keepsTime: KEEPS_TIME,
  fsync: (fd) => done(() => fsyncSync(fd)),
  attributes: null,
  watches: null,
}
