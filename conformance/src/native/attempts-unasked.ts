/**
 * Attempts by calls that Landlock is not asked about: attributes and events of files that may not be read, and changes
 * of files that may be read alone.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { AT_FDCWD, openAt, text, words } from './target.ts'
import type { Attempt, Target } from './target.ts'

const O_PATH = 0o10000000
const O_DIRECTORY = 0o200000
const F_NOTIFY = 1026
const DN_CREATE = 4
const IN_ALL_EVENTS = 0xfff
const ATTRIBUTE = text('user.attempt')
const ROOM = 64

/** It has the attribute. */
const marked = (t: Target): string => join(t.outside, 'loose')
const room = (): Uint8Array => new Uint8Array(ROOM)
const byDescriptor = (t: Target, path: string): string => `/proc/self/fd/${openAt(t, path, O_PATH)}`

const watched = (t: Target, path: string): number => {
  const fd = t.sys.call('inotify_init1', 0)
  return fd < 0 ? fd : t.sys.call('inotify_add_watch', fd, text(path), IN_ALL_EVENTS)
}

/** A file that the policy lets be read: the program of the attempts itself. */
const readable = (t: Target): number => openAt(t, process.argv[1]!)

const attempts: readonly (readonly [string, (t: Target) => number])[] = [
  ['getxattr', (t) => t.sys.call('getxattr', text(marked(t)), ATTRIBUTE, room(), ROOM)],
  ['lgetxattr', (t) => t.sys.call('lgetxattr', text(marked(t)), ATTRIBUTE, room(), ROOM)],
  ['listxattr', (t) => t.sys.call('listxattr', text(marked(t)), room(), ROOM) || -1],
  ['llistxattr', (t) => t.sys.call('llistxattr', text(marked(t)), room(), ROOM) || -1],
  ['getxattr of an O_PATH descriptor by /proc', (t) =>
    t.sys.call('getxattr', text(byDescriptor(t, marked(t))), ATTRIBUTE, room(), ROOM)],
  ['listxattr below an O_PATH descriptor of its folder', (t) =>
    t.sys.call('listxattr', text(`${byDescriptor(t, t.outside)}/loose`), room(), ROOM) || -1],
  ['fgetxattr of its descriptor', (t) =>
    t.sys.call('fgetxattr', openAt(t, marked(t)), ATTRIBUTE, room(), ROOM)],
  ['events of the folder', (t) => watched(t, t.outside)],
  ['events of a file', (t) => watched(t, t.secret)],
  ['events of an O_PATH descriptor by /proc', (t) => watched(t, byDescriptor(t, t.outside))],
  ['events by dnotify', (t) => t.sys.call('fcntl', openAt(t, t.outside, O_DIRECTORY), F_NOTIFY, DN_CREATE)],
  ['fchmod of a file that may be read', (t) =>
    t.sys.call('fchmod', readable(t), statSync(process.argv[1]!).mode & 0o777)],
  ['times of a file that may be read', (t) =>
    t.sys.call('utimensat', readable(t), null, words(0, 0x3fff_ffff, 0, 0x3fff_fffe), 0)],
  ['an attribute of a file that may be read', (t) =>
    t.sys.call('fsetxattr', readable(t), text('user.lsmkit'), text('x'), 1, 0)],
  ['cutting a file that may be read', (t) => {
    const path = process.argv[1]!
    return t.sys.call('truncate', text(path), statSync(path).size)
  }],
  ['a name for a file that may be read', (t) =>
    t.sys.call('linkat', AT_FDCWD, text(process.argv[1]!), AT_FDCWD, text(join(t.outside, `read-${process.pid}`)), 0)],
]

export const unaskedAttempts: readonly Attempt[] = attempts.map(([name, run]) => ({ name: `unasked: ${name}`, run }))
