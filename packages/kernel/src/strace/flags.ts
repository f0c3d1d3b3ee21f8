/** Numbers of system calls by the names that C has for them: a line a call, a kind an argument. */
import {
  AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, AF_UNSPEC, AT_EACCESS, AT_EMPTY_PATH, AT_FDCWD, AT_NO_AUTOMOUNT,
  AT_REMOVEDIR, AT_SYMLINK_FOLLOW, AT_SYMLINK_NOFOLLOW, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID,
  CLONE_NEWUSER, CLONE_NEWUTS, F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_GETLK, F_GETOWN, F_SETFD, F_SETFL,
  F_SETLK, F_SETLKW, F_SETOWN, MAP_ANONYMOUS, MAP_FIXED, MAP_GROWSDOWN, MAP_LOCKED, MAP_POPULATE, MAP_PRIVATE,
  MAP_SHARED, MS_BIND, MS_MOVE, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REC, MS_REMOUNT, O_APPEND, O_CLOEXEC,
  O_CREAT, O_DIRECT, O_DIRECTORY, O_DSYNC, O_EXCL, O_NOATIME, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_PATH, O_SYNC,
  O_TRUNC, PROT_EXEC, PROT_READ, PROT_WRITE, PR_CAPBSET_DROP, PR_CAPBSET_READ, PR_CAP_AMBIENT, PR_GET_AUXV,
  PR_GET_CHILD_SUBREAPER, PR_GET_DUMPABLE, PR_GET_IO_FLUSHER, PR_GET_KEEPCAPS, PR_GET_MDWE, PR_GET_MEMORY_MERGE,
  PR_GET_NAME, PR_GET_NO_NEW_PRIVS, PR_GET_PDEATHSIG, PR_GET_SECCOMP, PR_GET_SECUREBITS, PR_GET_SPECULATION_CTRL,
  PR_GET_THP_DISABLE, PR_GET_TID_ADDRESS, PR_GET_TIMERSLACK, PR_GET_TSC, PR_MCE_KILL, PR_MCE_KILL_GET, PR_SCHED_CORE,
  PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE, PR_SET_IO_FLUSHER, PR_SET_KEEPCAPS, PR_SET_MDWE, PR_SET_MEMORY_MERGE,
  PR_SET_MM, PR_SET_NAME, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG, PR_SET_PTRACER, PR_SET_SECCOMP, PR_SET_SECUREBITS,
  PR_SET_SPECULATION_CTRL, PR_SET_SYSCALL_USER_DISPATCH, PR_SET_THP_DISABLE, PR_SET_TIMERSLACK, PR_SET_TSC, PR_SET_VMA,
  RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT, R_OK, SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET,
  SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM, W_OK, X_OK, signalName, ownValue,
} from '@lsmkit/abi'

type Names = readonly (readonly [name: string, value: number])[]

const named = (constants: Readonly<Record<string, number>>): Names => Object.entries(constants)

/** Of names that overlap the larger comes first: O_SYNC has O_DSYNC in it. */
const flagsText = (names: Names, value: number, zero: string): string => {
  let left = value
  const found: string[] = []
  for (const [name, bits] of [...names].sort(([, a], [, b]) => b - a)) {
    if (bits === 0 || (left & bits) !== bits) continue
    found.push(name)
    left &= ~bits
  }
  // in the order of the table, as people write them
  const order = names.map(([name]) => name)
  found.sort((a, b) => order.indexOf(a) - order.indexOf(b))
  if (left !== 0) found.push(`0x${(left >>> 0).toString(16)}`)
  return found.length === 0 ? zero : found.join('|')
}

const valueText = (names: Names, value: number): string =>
  names.find(([, one]) => one === value)?.[0] ?? String(value)

/** An access mode in the lowest bits, flags above it. */
const openText = (value: number): string => {
  const mode = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', '0x3'][value & 3]!
  const rest = flagsText(openFlags, value & ~3, '')
  return rest === '' ? mode : `${mode}|${rest}`
}

const openFlags = named({
  O_CREAT, O_EXCL, O_NOCTTY, O_TRUNC, O_APPEND, O_NONBLOCK, O_DSYNC, O_DIRECT, O_DIRECTORY, O_NOFOLLOW, O_NOATIME,
  O_CLOEXEC, O_SYNC, O_PATH,
})
const atFlags = named({ AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW, AT_NO_AUTOMOUNT, AT_EMPTY_PATH })
const accessFlags = named({ AT_EACCESS, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH })
const unlinkFlags = named({ AT_REMOVEDIR })
const renameFlags = named({ RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT })
const access = named({ R_OK, W_OK, X_OK })
const prot = named({ PROT_READ, PROT_WRITE, PROT_EXEC })
const map = named({ MAP_SHARED, MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS, MAP_GROWSDOWN, MAP_LOCKED, MAP_POPULATE })
const whence = named({ SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE })
const family = named({ AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK })
const socketTypes = named({ SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET })
const socketFlags = named({ SOCK_NONBLOCK, SOCK_CLOEXEC })
const fcntl = named({
  F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_SETOWN, F_GETOWN, F_DUPFD_CLOEXEC,
})
const mount = named({ MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_MOVE, MS_REC })
const prctl = named({
  PR_SET_PDEATHSIG, PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE, PR_GET_KEEPCAPS, PR_SET_KEEPCAPS, PR_SET_NAME,
  PR_GET_NAME, PR_GET_SECCOMP, PR_SET_SECCOMP, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_GET_TSC, PR_SET_TSC,
  PR_GET_SECUREBITS, PR_SET_SECUREBITS, PR_SET_TIMERSLACK, PR_GET_TIMERSLACK, PR_MCE_KILL, PR_MCE_KILL_GET, PR_SET_MM,
  PR_SET_PTRACER, PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS,
  PR_GET_TID_ADDRESS, PR_SET_THP_DISABLE, PR_GET_THP_DISABLE, PR_CAP_AMBIENT, PR_GET_SPECULATION_CTRL,
  PR_SET_SPECULATION_CTRL, PR_SET_IO_FLUSHER, PR_GET_IO_FLUSHER, PR_SET_SYSCALL_USER_DISPATCH, PR_SCHED_CORE,
  PR_SET_MDWE, PR_GET_MDWE, PR_SET_VMA, PR_GET_AUXV, PR_SET_MEMORY_MERGE, PR_GET_MEMORY_MERGE,
})
const clone = named({ CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET })

const socketText = (value: number): string => {
  const rest = flagsText(socketFlags, value & ~0xf, '')
  return valueText(socketTypes, value & 0xf) + (rest === '' ? '' : `|${rest}`)
}

const kinds: Readonly<Record<string, (value: number) => string>> = {
  d: (value) => (value === AT_FDCWD ? 'AT_FDCWD' : String(value)),
  o: openText,
  m: (value) => (value === 0 ? '0' : `0${value.toString(8)}`),
  t: (value) => flagsText(atFlags, value, '0'),
  e: (value) => flagsText(accessFlags, value, '0'),
  u: (value) => flagsText(unlinkFlags, value, '0'),
  r: (value) => flagsText(renameFlags, value, '0'),
  a: (value) => flagsText(access, value, 'F_OK'),
  p: (value) => flagsText(prot, value, 'PROT_NONE'),
  M: (value) => flagsText(map, value, '0'),
  w: (value) => valueText(whence, value),
  f: (value) => valueText(family, value),
  s: socketText,
  c: (value) => valueText(fcntl, value),
  n: (value) => flagsText(mount, value, '0'),
  P: (value) => valueText(prctl, value),
  S: signalName,
  C: (value) => flagsText(clone, value, '0'),
}

/** A letter for each argument, `.` for one that is told as it is. */
const calls: Readonly<Record<string, string>> = {
  open: '.om', creat: '.m', openat: 'd.om', access: '.a', faccessat: 'd.a', faccessat2: 'd.ae', newfstatat: 'd..t',
  mkdir: '.m', mkdirat: 'd.m', mknod: '.m.', mknodat: 'd.m.', unlinkat: 'd.u', linkat: 'd.d.t', symlinkat: '.d.',
  readlinkat: 'd..', renameat: 'd.d.', renameat2: 'd.d.r', chmod: '.m', fchmod: '.m', fchmodat: 'd.m',
  fchmodat2: 'd.mt',
  fchownat: 'd...t', umask: 'm', lseek: '..w', mmap: '..pM..', mprotect: '..p', socket: 'fs.', socketpair: 'fs..',
  fcntl: '.c.', mount: '...n.', prctl: 'P....', kill: '.S', tkill: '.S', tgkill: '..S', unshare: 'C', pipe2: '.o',
  dup3: '..o', utimensat: 'd..t', execveat: 'd...t',
}

/** null for an argument that has no names. */
export const flagText = (call: string, index: number, value: unknown): string | null => {
  const kind = ownValue(calls, call)?.[index]
  return kind === undefined || kind === '.' || typeof value !== 'number' ? null : ownValue(kinds, kind)!(value)
}
