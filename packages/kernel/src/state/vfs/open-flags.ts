/** The flags of open(2) and openat2(2): checked, and translated for the walk and the open (build_open_flags). */
import {
  EAGAIN, EINVAL, MAY_APPEND, MAY_READ, MAY_WRITE, O_ACCMODE, O_APPEND, O_CLOEXEC, O_CREAT, O_DIRECT, O_DIRECTORY,
  O_DSYNC, O_EXCL, O_LARGEFILE, O_NOATIME, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_PATH, O_TRUNC, RESOLVE_BENEATH,
  RESOLVE_CACHED, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV, S_IALLUGO, S_IFREG,
  __O_SYNC, __O_TMPFILE,
} from '@lsmkit/abi'
import {
  LOOKUP_BENEATH, LOOKUP_CACHED, LOOKUP_CREATE, LOOKUP_DIRECTORY, LOOKUP_EXCL, LOOKUP_FOLLOW, LOOKUP_IN_ROOT,
  LOOKUP_NO_MAGICLINKS, LOOKUP_NO_SYMLINKS, LOOKUP_NO_XDEV, LOOKUP_OPEN,
} from './lookup-flags.ts'

/** O_ASYNC: the file sends SIGIO. */
export const FASYNC = 0o20000
const VALID_OPEN_FLAGS =
  O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_DSYNC | __O_SYNC | FASYNC | O_DIRECT |
  O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | __O_TMPFILE
const O_PATH_FLAGS = O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC
const CREATES = O_CREAT | __O_TMPFILE
const RESOLVE_TO_LOOKUP: readonly (readonly [number, number])[] = [
  [RESOLVE_NO_XDEV, LOOKUP_NO_XDEV],
  [RESOLVE_NO_MAGICLINKS, LOOKUP_NO_MAGICLINKS],
  [RESOLVE_NO_SYMLINKS, LOOKUP_NO_SYMLINKS],
  [RESOLVE_BENEATH, LOOKUP_BENEATH],
  [RESOLVE_IN_ROOT, LOOKUP_IN_ROOT],
  [RESOLVE_CACHED, LOOKUP_CACHED],
]
const VALID_RESOLVE = RESOLVE_TO_LOOKUP.reduce((mask, [resolve]) => mask | resolve, 0)
/** Access asked for by each access mode; 3 wants both, for the ioctls of some devices. */
const ACC_MODE = [MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE, MAY_READ | MAY_WRITE] as const

/** `struct open_how`. */
export interface OpenHow {
  flags: number
  mode: number
  resolve: number
}

/** `struct open_flags`. */
export interface OpenFlags {
  open_flag: number
  mode: number
  acc_mode: number
  intent: number
  lookup_flags: number
}

/**
 * Normalises the arguments of open(2): unknown flags and needless modes are dropped, and O_PATH overrides other flags.
 */
export const build_open_how = (flags: number, mode: number): OpenHow => {
  let known = flags & VALID_OPEN_FLAGS
  if ((known & O_PATH) !== 0) known &= O_PATH_FLAGS
  return { flags: known, mode: (known & CREATES) !== 0 ? mode & S_IALLUGO : 0, resolve: 0 }
}

const resolveFlags = (resolve: number): number => {
  let lookup = 0
  for (const [bit, flag] of RESOLVE_TO_LOOKUP) if ((resolve & bit) !== 0) lookup |= flag
  return lookup
}

/** -EINVAL for a combination that means nothing. */
const consistent = (flags: number, how: OpenHow, acc_mode: number): boolean => {
  if ((flags & ~VALID_OPEN_FLAGS) !== 0 || (how.resolve & ~VALID_RESOLVE) !== 0) return false
  const scopes = RESOLVE_BENEATH | RESOLVE_IN_ROOT
  if ((how.resolve & scopes) === scopes) return false
  if ((flags & CREATES) !== 0 ? (how.mode & ~S_IALLUGO) !== 0 : how.mode !== 0) return false
  if ((flags & (O_DIRECTORY | O_CREAT)) === (O_DIRECTORY | O_CREAT)) return false
  if ((flags & __O_TMPFILE) !== 0 && ((flags & O_DIRECTORY) === 0 || (acc_mode & MAY_WRITE) === 0)) return false
  return (flags & O_PATH) === 0 || (flags & ~O_PATH_FLAGS) === 0
}

/** The flags of an open, or -EINVAL, or -EAGAIN where RESOLVE_CACHED cannot be. */
export const build_open_flags = (how: OpenHow): OpenFlags | number => {
  let flags = how.flags & ~O_CLOEXEC
  let acc_mode: number = ACC_MODE[flags & O_ACCMODE] as number
  if (how.flags < 0 || how.flags > 0xffffffff || how.resolve < 0 || how.resolve > 0xffffffff) return -EINVAL
  if (!consistent(flags, how, acc_mode)) return -EINVAL
  if ((flags & O_PATH) !== 0) acc_mode = 0
  if ((flags & __O_SYNC) !== 0) flags |= O_DSYNC
  const open_flag = flags
  if ((flags & O_TRUNC) !== 0) acc_mode |= MAY_WRITE
  if ((flags & O_APPEND) !== 0) acc_mode |= MAY_APPEND
  let intent = (flags & O_PATH) !== 0 ? 0 : LOOKUP_OPEN
  if ((flags & O_CREAT) !== 0) {
    intent |= LOOKUP_CREATE
    if ((flags & O_EXCL) !== 0) {
      intent |= LOOKUP_EXCL
      flags |= O_NOFOLLOW
    }
  }
  if ((how.resolve & RESOLVE_CACHED) !== 0 && (flags & (O_TRUNC | CREATES)) !== 0) return -EAGAIN
  const lookup_flags =
    ((flags & O_DIRECTORY) !== 0 ? LOOKUP_DIRECTORY : 0) |
    ((flags & O_NOFOLLOW) === 0 ? LOOKUP_FOLLOW : 0) |
    resolveFlags(how.resolve)
  return { open_flag, mode: (flags & CREATES) !== 0 ? how.mode | S_IFREG : 0, acc_mode, intent, lookup_flags }
}
