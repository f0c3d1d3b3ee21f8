/** A recorded call turned into a system call of our kernel, and what is observed beside its result. */
import * as abi from '@lsmkit/abi'
import {
  AT_SYMLINK_NOFOLLOW, capFromHex, CapSet, capToHex, F_GETFL, F_GETLK, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_RDLCK,
  F_SETLK, F_SETLKW, F_UNLCK, F_WRLCK, packUserCap, SEEK_CUR, SEEK_SET, unpackUserCap, UTIME_NOW, UTIME_OMIT,
  _LINUX_CAPABILITY_VERSION_3, ownValue,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { Kstat } from '@lsmkit/kernel'
import type { Flock } from '@lsmkit/kernel'
import { execCalls } from './exec-calls.ts'
import { ipcCalls } from './ipc-calls.ts'
import { readDir, showLink, showStat } from './observe.ts'
import type { Replay } from './replay.ts'
import { fromBytes, showData, toBytes, toData, toName, toNumber } from './session.ts'
import type { World } from './world.ts'

type Kind = 'n' | 'p' | 'd'
/** Calls whose arguments go over as they are: numbers, paths, data. */
export const PLAIN: Readonly<Record<string, string>> = {
  open: 'pnn',
  creat: 'pn',
  openat: 'npnn',
  close: 'n',
  dup: 'n',
  dup2: 'nn',
  dup3: 'nnn',
  lseek: 'nnn',
  ftruncate: 'nn',
  truncate: 'pn',
  fallocate: 'nnnn',
  fsync: 'n',
  fchdir: 'n',
  chdir: 'p',
  chroot: 'p',
  umask: 'n',
  access: 'pn',
  flock: 'nn',
  faccessat2: 'npnn',
  fchmodat2: 'npnn',
  unlinkat: 'npn',
  mkdirat: 'npn',
  mknodat: 'npnn',
  fchmodat: 'npn',
  fchownat: 'npnnn',
  fchown: 'nnn',
  fchmod: 'nn',
  linkat: 'npnpn',
  symlinkat: 'pnp',
  renameat2: 'npnpn',
  chmod: 'pn',
  chown: 'pnn',
  lchown: 'pnn',
  link: 'pp',
  symlink: 'pp',
  rename: 'pp',
  unlink: 'p',
  rmdir: 'p',
  mkdir: 'pn',
  mknod: 'pnn',
  write: 'nd',
  pwrite64: 'ndn',
  setuid: 'n',
  setgid: 'n',
  setreuid: 'nn',
  setregid: 'nn',
  setresuid: 'nnn',
  setresgid: 'nnn',
  setfsuid: 'n',
  setfsgid: 'n',
  kill: 'nn',
  setsid: '',
  setpgid: 'nn',
  getpgid: 'n',
  getsid: 'n',
  getpid: '',
  setxattr: 'ppdn',
  lsetxattr: 'ppdn',
  fsetxattr: 'npdn',
  removexattr: 'pp',
  lremovexattr: 'pp',
  fremovexattr: 'np',
  prctl: 'nnnnn',
  mount: 'pppnp',
  umount2: 'pn',
  unshare: 'n',
  pivot_root: 'pp',
}
const convert: Readonly<Record<Kind, (arg: unknown) => unknown>> = {
  n: toNumber,
  p: (arg) => (typeof arg === 'string' ? toName(arg) : arg),
  d: toData,
}

const plain = (name: string, kinds: string): Replay => ({ kernel }, task, args) =>
  [kernel.syscall(task, name, ...[...kinds].map((kind, i) => convert[kind as Kind](args[i])))]

/** A call that fills a buffer of the size its argument `at` gives. */
const filling = (
  name: string, kinds: string, at: number, show: (bytes: Uint8Array) => unknown,
): Replay => ({ kernel }, task, args) => {
  const buf = new Uint8Array(toNumber(args[at]))
  const plainArgs = [...kinds].map((kind, i) => (i === at ? buf : convert[kind as Kind](args[i])))
  const rc = kernel.syscall(task, name, ...plainArgs)
  return rc < 0 ? [rc] : [rc, show(buf.subarray(0, Math.min(rc, buf.length)))]
}

const linkCall = (name: string, kinds: string, at: number): Replay => (world, task, args) => {
  const [rc, seen] = filling(name, kinds, at, (bytes) => fromBytes(bytes))(world, task, args)
  if (rc < 0) return [rc]
  const text = showLink(toBytes(seen as string))
  return [text === seen ? rc : text.length, text]
}

const attributeValue = (name: string, kinds: string): Replay => (world, task, args) => {
  const size = toNumber(args[2])
  const [rc, seen] = filling(name, kinds, 2, showData)(world, task, args)
  return rc < 0 || size === 0 ? [rc] : [rc, seen]
}
const attributeList = (name: string, kinds: string): Replay => (world, task, args) => {
  const size = toNumber(args[1])
  const sorted = (bytes: Uint8Array) => fromBytes(bytes).split('\0').filter((text) => text !== '').sort()
  const [rc, seen] = filling(name, kinds, 1, sorted)(world, task, args)
  return rc < 0 || size === 0 ? [rc] : [rc, seen]
}

/** In the order the recording writes them; O_TMPFILE takes O_DIRECTORY in. */
const FLAG_NAMES = [
  'O_APPEND', 'O_NONBLOCK', 'O_DIRECT', 'O_NOATIME', 'O_PATH', 'O_TMPFILE', 'O_LARGEFILE', 'O_DIRECTORY', 'O_NOFOLLOW',
] as const

const FLAG_BITS: Readonly<Record<(typeof FLAG_NAMES)[number], number>> = abi

/** F_GETFL as the recording names it. */
const flagText = (flags: number): string => {
  const names: string[] = [['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'][flags & 3]!]
  let rest = flags & ~3
  for (const name of FLAG_NAMES) {
    const bits = FLAG_BITS[name]
    if ((rest & bits) !== bits) continue
    names.push(name)
    rest &= ~bits
  }
  return names.join('|')
}

const LOCK_TYPES: Readonly<Record<number, string>> = {
  [F_RDLCK]: 'F_RDLCK',
  [F_WRLCK]: 'F_WRLCK',
  [F_UNLCK]: 'F_UNLCK',
}
const LOCK_COMMANDS = new Set([F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW])

const lockCall: Replay = ({ kernel }, task, [fd, command, range]) => {
  const cmd = toNumber(command)
  const [l_type, l_whence, l_start, l_len] = (range as unknown[]).map(toNumber) as [number, number, number, number]
  const lock: Flock = { l_type, l_whence, l_start, l_len, l_pid: 0 }
  const rc = kernel.sys.fcntl(task, toNumber(fd), cmd, lock)
  if (rc < 0 || (cmd !== F_GETLK && cmd !== F_OFD_GETLK)) return [rc]
  if (lock.l_type === F_UNLCK) return [rc, ['F_UNLCK']]
  const whence = lock.l_whence === SEEK_SET ? 'SEEK_SET' : lock.l_whence === SEEK_CUR ? 'SEEK_CUR' : 'SEEK_END'
  return [rc, [LOCK_TYPES[lock.l_type], whence, lock.l_start, lock.l_len, lock.l_pid]]
}

const fcntl: Replay = (world, task, args) => {
  const [fd, command, arg] = args
  const cmd = toNumber(command)
  if (LOCK_COMMANDS.has(cmd)) return lockCall(world, task, args)
  const rc = world.kernel.sys.fcntl(task, toNumber(fd), cmd, toNumber(arg))
  return rc >= 0 && cmd === F_GETFL ? [rc, flagText(rc)] : [rc]
}

const statCall = (call: (world: World, task: Task, args: readonly unknown[], stat: Kstat) => number): Replay =>
  (world, task, args) => {
    const stat = new Kstat()
    const rc = call(world, task, args, stat)
    return rc < 0 ? [rc] : [rc, showStat(world, stat)]
  }

const utimensat: Replay = (world, task, [dfd, path, times, flags]) => {
  const { sys } = world.kernel
  const special: Readonly<Record<string, number>> = { UTIME_NOW, UTIME_OMIT }
  const specs =
    times === null
      ? null
      : (times as unknown[]).map((time) =>
        typeof time === 'string'
          ? { tv_sec: 0, tv_nsec: ownValue(special, time)! }
          : { tv_sec: (time as number[])[0]!, tv_nsec: (time as number[])[1]! },
      )
  const name = path === null ? null : toName(path as string)
  const rc = sys.utimensat(task, toNumber(dfd), name, specs, toNumber(flags))
  if (rc < 0) return [rc]
  if (times === null || name === null) return [rc]
  const stat = new Kstat()
  const isExplicit = (i: number): boolean => Array.isArray((times as unknown[])[i])
  const looked = sys.newfstatat(
    task,
    toNumber(dfd),
    name,
    stat,
    toNumber(flags) & (AT_SYMLINK_NOFOLLOW | abi.AT_EMPTY_PATH),
  )
  if (looked < 0) return [rc]
  return [
    rc,
    [
      isExplicit(0) ? [stat.atime_sec, stat.atime_nsec] : null,
      isExplicit(1) ? [stat.mtime_sec, stat.mtime_nsec] : null,
    ],
  ]
}

const copy_file_range: Replay = ({ kernel }, task, [fdIn, offIn, fdOut, offOut, len]) => {
  const off = (arg: unknown) => (arg === null ? null : { value: toNumber(arg) })
  return [
    kernel.syscall(
      task,
      'copy_file_range',
      toNumber(fdIn),
      off(offIn),
      toNumber(fdOut),
      off(offOut),
      toNumber(len),
      0,
    ),
  ]
}

const threeIds = (name: 'getresuid' | 'getresgid'): Replay => ({ kernel }, task) => {
  const refs = [{ value: 0 }, { value: 0 }, { value: 0 }] as const
  const rc = kernel.sys[name](task, ...refs)
  return [rc, refs.map(({ value }) => value)]
}

const prlimit: Replay = ({ kernel }, task, [resource, limits]) => {
  const old = { rlim_cur: 0, rlim_max: 0 }
  const value = (arg: unknown): number => (arg === -1 ? Infinity : toNumber(arg))
  const [soft, hard] = (limits as unknown[] | null) ?? []
  const next = limits === null ? null : { rlim_cur: value(soft), rlim_max: value(hard) }
  const rc = kernel.sys.prlimit64(task, 0, toNumber(resource), next, old)
  const show = (limit: number): number => (limit === Infinity ? -1 : limit)
  return rc < 0 ? [rc] : [rc, [show(old.rlim_cur), show(old.rlim_max)]]
}

const capget: Replay = ({ kernel }, task) => {
  const data = new Uint8Array(24)
  const rc = kernel.sys.capget(task, { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }, data)
  const sets = unpackUserCap(data, 2)!
  return [rc, [sets.effective, sets.permitted, sets.inheritable].map(capToHex)]
}
const capset: Replay = ({ kernel }, task, masks) => {
  const [effective, permitted, inheritable] = (masks as string[]).map((mask) => capFromHex(mask) ?? new CapSet()) as [
    CapSet,
    CapSet,
    CapSet,
  ]
  const data = packUserCap({ effective, permitted, inheritable }, 2)
  return [kernel.sys.capset(task, { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }, data)]
}

const sigpending: Replay = ({ kernel }, task) => {
  const set = { value: 0n }
  const rc = kernel.sys.rt_sigpending(task, set, 8)
  return [rc, Array.from({ length: 64 }, (_, i) => i + 1).filter((sig) => (set.value >> BigInt(sig - 1)) & 1n)]
}

export const replays: Readonly<Record<string, Replay>> = {
  ...Object.fromEntries(Object.entries(PLAIN).map(([name, kinds]) => [name, plain(name, kinds)])),
  openat2: ({ kernel }, task, [dfd, path, how]) => {
    const { flags, mode, resolve } = how as Record<string, unknown>
    return [kernel.sys.openat2(task, toNumber(dfd), toName(path as string), {
      flags: toNumber(flags), mode: toNumber(mode), resolve: toNumber(resolve),
    })]
  },
  read: filling('read', 'nn', 1, showData),
  pread64: filling('pread64', 'nnn', 1, showData),
  copy_file_range,
  newfstatat: statCall(({ kernel }, task, [dfd, path, flags], stat) =>
    kernel.sys.newfstatat(task, toNumber(dfd), toName(path as string), stat, toNumber(flags))),
  fstat: statCall(({ kernel }, task, [fd], stat) => kernel.sys.fstat(task, toNumber(fd), stat)),
  readlink: linkCall('readlink', 'pn', 1),
  readlinkat: linkCall('readlinkat', 'npn', 2),
  getcwd: (world, task, args) => {
    const [rc, seen] = filling('getcwd', 'n', 0, (bytes) => fromBytes(bytes))(world, task, args)
    return rc < 0 ? [rc] : [rc, (seen as string).replace(/\0$/, '')]
  },
  getdents64: (world, task, [fd]) => {
    const entries = readDir(world, task, toNumber(fd))
    return typeof entries === 'number' ? [entries] : [entries.length, entries]
  },
  utimensat,
  getxattr: attributeValue('getxattr', 'ppn'),
  lgetxattr: attributeValue('lgetxattr', 'ppn'),
  fgetxattr: attributeValue('fgetxattr', 'npn'),
  listxattr: attributeList('listxattr', 'pn'),
  llistxattr: attributeList('llistxattr', 'pn'),
  flistxattr: attributeList('flistxattr', 'nn'),
  fcntl,
  pipe2: ({ kernel }, task, [flags]) => {
    const fds: number[] = []
    const rc = kernel.sys.pipe2(task, fds, toNumber(flags))
    return rc < 0 ? [rc] : [rc, fds]
  },
  setgroups: ({ kernel }, task, [groups]) => {
    const list = (groups as unknown[]).map(toNumber)
    return [kernel.sys.setgroups(task, list.length, list)]
  },
  getresuid: threeIds('getresuid'),
  getresgid: threeIds('getresgid'),
  getgroups: ({ kernel }, task) => {
    const list: number[] = []
    const rc = kernel.sys.getgroups(task, 65536, list)
    return rc < 0 ? [rc] : [rc, list.slice(0, rc)]
  },
  capget,
  capset,
  sigpending,
  prlimit,
  ...execCalls,
  ...ipcCalls,
}
