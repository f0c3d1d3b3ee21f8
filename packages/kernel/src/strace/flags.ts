/** Numbers of system calls by the names that C has for them: a line a call, a kind an argument. */
import * as abi from '@lsmkit/abi'

const constants = abi as unknown as Readonly<Record<string, unknown>>

type Names = readonly (readonly [name: string, value: number])[]

const named = (...names: readonly string[]): Names =>
  names.flatMap((name) => (typeof constants[name] === 'number' ? [[name, constants[name]] as const] : []))

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

const openFlags = named(
  'O_CREAT', 'O_EXCL', 'O_NOCTTY', 'O_TRUNC', 'O_APPEND', 'O_NONBLOCK', 'O_DSYNC', 'O_DIRECT', 'O_DIRECTORY',
  'O_NOFOLLOW', 'O_NOATIME', 'O_CLOEXEC', 'O_SYNC', 'O_PATH',
)
const atFlags = named('AT_SYMLINK_NOFOLLOW', 'AT_SYMLINK_FOLLOW', 'AT_NO_AUTOMOUNT', 'AT_EMPTY_PATH')
const accessFlags = named('AT_EACCESS', 'AT_SYMLINK_NOFOLLOW', 'AT_EMPTY_PATH')
const unlinkFlags = named('AT_REMOVEDIR')
const renameFlags = named('RENAME_NOREPLACE', 'RENAME_EXCHANGE', 'RENAME_WHITEOUT')
const access = named('R_OK', 'W_OK', 'X_OK')
const prot = named('PROT_READ', 'PROT_WRITE', 'PROT_EXEC')
const map = named(
  'MAP_SHARED', 'MAP_PRIVATE', 'MAP_FIXED', 'MAP_ANONYMOUS', 'MAP_GROWSDOWN', 'MAP_LOCKED', 'MAP_POPULATE',
)
const whence = named('SEEK_SET', 'SEEK_CUR', 'SEEK_END', 'SEEK_DATA', 'SEEK_HOLE')
const family = named('AF_UNSPEC', 'AF_UNIX', 'AF_INET', 'AF_INET6', 'AF_NETLINK')
const socketTypes = named('SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_RAW', 'SOCK_SEQPACKET')
const socketFlags = named('SOCK_NONBLOCK', 'SOCK_CLOEXEC')
const fcntl = named(
  'F_DUPFD', 'F_GETFD', 'F_SETFD', 'F_GETFL', 'F_SETFL', 'F_GETLK', 'F_SETLK', 'F_SETLKW', 'F_SETOWN', 'F_GETOWN',
  'F_DUPFD_CLOEXEC',
)
const mount = named('MS_RDONLY', 'MS_NOSUID', 'MS_NODEV', 'MS_NOEXEC', 'MS_REMOUNT', 'MS_BIND', 'MS_MOVE', 'MS_REC')
const prctl = named(
  ...Object.keys(constants).filter((name) => /^PR_[A-Z_]+$/.test(name) && !name.startsWith('PR_CAP_AMBIENT_')),
)
const signal = named(...Object.keys(constants).filter((name) => /^SIG[A-Z]+[0-9]?$/.test(name)))
const clone = named('CLONE_NEWNS', 'CLONE_NEWUTS', 'CLONE_NEWIPC', 'CLONE_NEWUSER', 'CLONE_NEWPID', 'CLONE_NEWNET')

const socketText = (value: number): string => {
  const rest = flagsText(socketFlags, value & ~0xf, '')
  return valueText(socketTypes, value & 0xf) + (rest === '' ? '' : `|${rest}`)
}

const kinds: Readonly<Record<string, (value: number) => string>> = {
  d: (value) => (value === abi.AT_FDCWD ? 'AT_FDCWD' : String(value)),
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
  S: (value) => valueText(signal, value),
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
  const kind = calls[call]?.[index]
  return kind === undefined || kind === '.' || typeof value !== 'number' ? null : kinds[kind]!(value)
}
