/** Options of `mount` rules as flags, and which flags each kind of mount looks at. */
import {
  MS_BIND, MS_DIRSYNC, MS_I_VERSION, MS_LAZYTIME, MS_MANDLOCK, MS_MOVE, MS_NOATIME, MS_NODEV, MS_NODIRATIME, MS_NOEXEC,
  MS_NOSUID, MS_NOSYMFOLLOW, MS_NOUSER, MS_POSIXACL, MS_PRIVATE, MS_RDONLY, MS_REC, MS_RELATIME, MS_REMOUNT, MS_SHARED,
  MS_SILENT,
  MS_SLAVE, MS_STRICTATIME, MS_SYNCHRONOUS, MS_UNBINDABLE,
} from '@lsmkit/abi'

/** Flags that a word sets, or that it says are not set. */
interface OptionFlags {
  readonly set: number
  readonly clear: number
}

const sets = (set: number): OptionFlags => ({ set, clear: 0 })
const clears = (clear: number): OptionFlags => ({ set: 0, clear })

const flagged = (yes: string, no: string, flag: number): [string, OptionFlags][] =>
  [[yes, sets(flag)], [no, clears(flag)]]

/** A change of propagation: by itself, for the whole tree, and both as mount(8) spells them. */
const propagation = (name: string, flag: number): [string, OptionFlags][] => [
  [name, sets(flag)], [`make-${name}`, sets(flag)], [`r${name}`, sets(flag | MS_REC)],
  [`make-r${name}`, sets(flag | MS_REC)],
]

export const MOUNT_OPTIONS: ReadonlyMap<string, OptionFlags> = new Map([
  ...flagged('ro', 'rw', MS_RDONLY), ...flagged('r', 'w', MS_RDONLY), ['read-only', sets(MS_RDONLY)],
  ...flagged('nosuid', 'suid', MS_NOSUID), ...flagged('nodev', 'dev', MS_NODEV),
  ...flagged('noexec', 'exec', MS_NOEXEC),
  ...flagged('sync', 'async', MS_SYNCHRONOUS), ['remount', sets(MS_REMOUNT)], ...flagged('mand', 'nomand', MS_MANDLOCK),
  ['dirsync', sets(MS_DIRSYNC)], ...flagged('nosymfollow', 'symfollow', MS_NOSYMFOLLOW),
  ...flagged('noatime', 'atime', MS_NOATIME),
  ...flagged('nodiratime', 'diratime', MS_NODIRATIME), ['bind', sets(MS_BIND)], ['B', sets(MS_BIND)],
  ['move', sets(MS_MOVE)],
  ['M', sets(MS_MOVE)], ['rbind', sets(MS_BIND | MS_REC)], ['R', sets(MS_BIND | MS_REC)], ['verbose', sets(MS_SILENT)],
  ...flagged('silent', 'loud', MS_SILENT), ...flagged('acl', 'noacl', MS_POSIXACL),
  ...propagation('unbindable', MS_UNBINDABLE),
  ...propagation('private', MS_PRIVATE), ...propagation('slave', MS_SLAVE), ...propagation('shared', MS_SHARED),
  ['relatime', sets(MS_RELATIME)], ['norelatime', sets(0)], ...flagged('iversion', 'noiversion', MS_I_VERSION),
  ...flagged('strictatime', 'nostrictatime', MS_STRICTATIME), ...flagged('lazytime', 'nolazytime', MS_LAZYTIME),
  ...flagged('nouser', 'user', MS_NOUSER),
] as [string, OptionFlags][])

const MAKE = MS_UNBINDABLE | MS_PRIVATE | MS_SLAVE | MS_SHARED | MS_REC
export const BIND_FLAGS = MS_BIND | MS_REC
export const MOVE_FLAGS = MS_MOVE
/** Flags that change the propagation of a mount. */
export const MAKE_COMMANDS = MAKE
/** Flags that decide what a call of mount does. */
export const COMMANDS = MS_MOVE | MS_REMOUNT | BIND_FLAGS | MAKE
/** Every flag: a rule without options. */
export const ALL_FLAGS = COMMANDS | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS | MS_MANDLOCK
  | MS_DIRSYNC | MS_NOSYMFOLLOW | MS_NOATIME | MS_NODIRATIME | MS_SILENT | MS_POSIXACL | MS_RELATIME
  | MS_I_VERSION | MS_STRICTATIME
  | MS_LAZYTIME
export const REMOUNT_FLAGS = ALL_FLAGS & ~MOVE_FLAGS
export const NEW_FLAGS = ALL_FLAGS & ~COMMANDS
/** Flags of a change of propagation: all that a mount itself does not have. */
export const MAKE_FLAGS = ALL_FLAGS
  & ~(MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME)
