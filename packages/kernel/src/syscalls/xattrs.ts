/** Extended attributes by name, link and descriptor (fs/xattr.c). */
import {
  AT_FDCWD, E2BIG, EBADF, EFAULT, EINVAL, ERANGE, XATTR_CREATE, XATTR_LIST_MAX, XATTR_NAME_MAX, XATTR_REPLACE,
  XATTR_SIZE_MAX,
} from '@lsmkit/abi'
import type { Path } from '@lsmkit/core'
import { copyIn, copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { mnt_want_write } from '../state/vfs/mount.ts'
import { byteLength, encodeName } from '../state/vfs/names.ts'

/** The name as the kernel copies it in; -ERANGE when it is empty or longer than XATTR_NAME_MAX. */
const xattrName = (name: unknown): string | number => {
  if (typeof name !== 'string') return -EFAULT
  const nul = name.indexOf('\0')
  const text = nul < 0 ? name : name.slice(0, nul)
  const length = byteLength(text)
  return length === 0 || length > XATTR_NAME_MAX ? -ERANGE : text
}

/** Fills `buf` with a result: its length without a buffer, -ERANGE when it does not fit. */
const answer = (value: Uint8Array, buf: GuestBytes | null): number => {
  if (buf === null || buf.length === 0) return value.length
  if (value.length > buf.length) return -ERANGE
  copyOut(value, buf)
  return value.length
}

/** A name and a value that were copied in. */
interface NamedValue {
  readonly text: string
  readonly value: Uint8Array
}

/** Checks and copies in the arguments of setxattr, before the file is looked for. */
const prepareSet = (name: unknown, value: GuestBytes | null, flags: number): NamedValue | number => {
  if ((flags & ~(XATTR_CREATE | XATTR_REPLACE)) !== 0) return -EINVAL
  const text = xattrName(name)
  if (typeof text === 'number') return text
  if (value === null) return { text, value: new Uint8Array() }
  return value.length > XATTR_SIZE_MAX ? -E2BIG : { text, value: copyIn(value) }
}

const setAt = (machine: Machine, path: Path, { text, value }: NamedValue, flags: number): number =>
  mnt_want_write(path.mnt) || machine.vfs.setxattrAt(path, text, value, flags)

const getAt = (machine: Machine, path: Path, name: string, buf: GuestBytes | null): number => {
  const value = machine.vfs.getxattrAt(path, name, buf !== null && buf.length > 0)
  if (typeof value === 'number') return value
  const rc = answer(value, buf)
  return rc === -ERANGE && buf!.length >= XATTR_SIZE_MAX ? -E2BIG : rc
}

const removeAt = (machine: Machine, path: Path, name: string): number =>
  mnt_want_write(path.mnt) || machine.vfs.removexattrAt(path, name)

const listAt = (machine: Machine, path: Path | number, buf: GuestBytes | null): number => {
  if (typeof path === 'number') return path
  const names = machine.vfs.vfs_listxattr(path.dentry)
  if (typeof names === 'number') return names
  const rc = answer(encodeName(names.map((name) => `${name}\0`).join('')), buf)
  return rc === -ERANGE && buf!.length >= XATTR_LIST_MAX ? -E2BIG : rc
}

type Find = () => Path | number

const pathAt = (machine: Machine, pathname: unknown, lookup_flags: number): Path | number =>
  machine.vfs.user_path_at(AT_FDCWD, pathname, lookup_flags)

const pathOf = (machine: Machine, fd: number): Path | number => fget(machine.current.task, fd)?.f_path ?? -EBADF

/** `read` reads and checks the name, `find` looks for the file, `use` gets both. */
const nameFirst = <N extends string | NamedValue>(
  find: Find, read: () => N | number, use: (path: Path, name: N) => number,
): number => {
  const name = read()
  if (typeof name === 'number') return name
  const path = find()
  return typeof path === 'number' ? path : use(path, name)
}

/** As `nameFirst`. Before 6.13 calls on descriptors, and getxattr, looked for the file first. */
const inOldOrder = <N extends string | NamedValue>(
  machine: Machine, find: Find, read: () => N | number, use: (path: Path, name: N) => number,
): number => {
  if (machine.rules.xattrNameFirst) return nameFirst(find, read, use)
  const path = find()
  if (typeof path === 'number') return path
  const name = read()
  return typeof name === 'number' ? name : use(path, name)
}

const setPath = (
  machine: Machine, path: unknown, name: unknown, value: GuestBytes | null, flags: number, follow: number,
): number => nameFirst(
  () => pathAt(machine, path, follow),
  () => prepareSet(name, value, flags),
  (place, named) => setAt(machine, place, named, flags),
)

const fsetxattr = (machine: Machine, fd: number, name: unknown, value: GuestBytes | null, flags: number): number =>
  inOldOrder(
    machine,
    () => pathOf(machine, fd),
    () => prepareSet(name, value, flags),
    (place, named) => setAt(machine, place, named, flags),
  )

const getxattrOf = (machine: Machine, find: Find, name: unknown, buf: GuestBytes | null): number =>
  inOldOrder(machine, find, () => xattrName(name), (place, text) => getAt(machine, place, text, buf))

const removePath = (machine: Machine, path: unknown, name: unknown, follow: number): number =>
  nameFirst(
    () => pathAt(machine, path, follow), () => xattrName(name), (place, text) => removeAt(machine, place, text),
  )

const fremovexattr = (machine: Machine, fd: number, name: unknown): number =>
  inOldOrder(
    machine, () => pathOf(machine, fd), () => xattrName(name), (place, text) => removeAt(machine, place, text),
  )

const setxattr = (machine: Machine, path: unknown, name: unknown, value: GuestBytes | null, flags: number): number =>
  setPath(machine, path, name, value, flags, LOOKUP_FOLLOW)

const lsetxattr = (machine: Machine, path: unknown, name: unknown, value: GuestBytes | null, flags: number): number =>
  setPath(machine, path, name, value, flags, 0)

const getxattr = (machine: Machine, path: unknown, name: unknown, buf: GuestBytes | null): number =>
  getxattrOf(machine, () => pathAt(machine, path, LOOKUP_FOLLOW), name, buf)

const lgetxattr = (machine: Machine, path: unknown, name: unknown, buf: GuestBytes | null): number =>
  getxattrOf(machine, () => pathAt(machine, path, 0), name, buf)

const fgetxattr = (machine: Machine, fd: number, name: unknown, buf: GuestBytes | null): number =>
  getxattrOf(machine, () => pathOf(machine, fd), name, buf)

const listxattr = (machine: Machine, path: unknown, buf: GuestBytes | null): number =>
  listAt(machine, pathAt(machine, path, LOOKUP_FOLLOW), buf)

const llistxattr = (machine: Machine, path: unknown, buf: GuestBytes | null): number =>
  listAt(machine, pathAt(machine, path, 0), buf)

const flistxattr = (machine: Machine, fd: number, buf: GuestBytes | null): number =>
  listAt(machine, pathOf(machine, fd), buf)

const removexattr = (machine: Machine, path: unknown, name: unknown): number =>
  removePath(machine, path, name, LOOKUP_FOLLOW)

const lremovexattr = (machine: Machine, path: unknown, name: unknown): number => removePath(machine, path, name, 0)

export const xattrSyscalls = {
  setxattr, lsetxattr, fsetxattr, getxattr, lgetxattr, fgetxattr, listxattr, llistxattr, flistxattr, removexattr,
  lremovexattr, fremovexattr,
}
