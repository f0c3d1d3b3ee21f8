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

// The name is looked at before the descriptor, as since 6.13; 6.12 has it the other way round.

/** Fills `buf` with a result: its length without a buffer, -ERANGE when it does not fit. */
const answer = (value: Uint8Array, buf: GuestBytes | null): number => {
  if (buf === null || buf.length === 0) return value.length
  if (value.length > buf.length) return -ERANGE
  copyOut(value, buf)
  return value.length
}

/** What to do by a name, and by what else was copied in with it, at a place. */
type UseName<N> = (named: N) => (path: Path) => number

/** As the kernel has copied them in. */
interface NamedValue {
  readonly text: string
  readonly value: Uint8Array
}

export const xattrSyscalls = (machine: Machine) => {
  const { current } = machine
  const { user_path_at, setxattrAt, getxattrAt, removexattrAt, vfs_listxattr } = machine.vfs

  /** What setxattr copies in before it looks for the file. */
  const prepareSet = (name: unknown, value: GuestBytes | null, flags: number): NamedValue | number => {
    if ((flags & ~(XATTR_CREATE | XATTR_REPLACE)) !== 0) return -EINVAL
    const text = xattrName(name)
    if (typeof text === 'number') return text
    if (value === null) return { text, value: new Uint8Array() }
    return value.length > XATTR_SIZE_MAX ? -E2BIG : { text, value: copyIn(value) }
  }

  const writable = (path: Path, change: () => number): number => {
    const rc = mnt_want_write(path.mnt)
    return rc !== 0 ? rc : change()
  }

  const set = ({ text, value }: NamedValue, flags: number) => (path: Path): number =>
    writable(path, () => setxattrAt(path, text, value, flags))

  const get = (name: string, buf: GuestBytes | null) => (path: Path): number => {
    const value = getxattrAt(path, name, buf !== null && buf.length > 0)
    if (typeof value === 'number') return value
    const rc = answer(value, buf)
    return rc === -ERANGE && buf!.length >= XATTR_SIZE_MAX ? -E2BIG : rc
  }

  const remove = (name: string) => (path: Path): number => writable(path, () => removexattrAt(path, name))

  const list = (buf: GuestBytes | null) => (path: Path): number => {
    const names = vfs_listxattr(path.dentry)
    if (typeof names === 'number') return names
    const rc = answer(encodeName(names.map((name) => `${name}\0`).join('')), buf)
    return rc === -ERANGE && buf!.length >= XATTR_LIST_MAX ? -E2BIG : rc
  }

  /** `named` reads and checks the name, `use` what to do by it at a place. */
  const nameFirst = <N extends string | NamedValue>(
    find: () => Path | number, named: () => N | number, use: UseName<N>,
  ): number => {
    const name = named()
    if (typeof name === 'number') return name
    const path = find()
    return typeof path === 'number' ? path : use(name)(path)
  }
  /** Of two mistakes, before 6.13 that of a descriptor, or of the path of getxattr, was told. */
  const placeFirst = <N extends string | NamedValue>(
    find: () => Path | number, named: () => N | number, use: UseName<N>,
  ): number => {
    const path = find()
    if (typeof path === 'number') return path
    const name = named()
    return typeof name === 'number' ? name : use(name)(path)
  }
  const oldOrder = machine.stack.profile === '6.18' ? nameFirst : placeFirst

  const at = (pathname: unknown, lookup_flags: number) => (): Path | number =>
    user_path_at(AT_FDCWD, pathname, lookup_flags)
  const of = (fd: number) => (): Path | number => fget(current.task, fd)?.f_path ?? -EBADF

  const setPath = (path: unknown, name: unknown, value: GuestBytes | null, flags: number, follow: number): number =>
    nameFirst(at(path, follow), () => prepareSet(name, value, flags), (named) => set(named, flags))
  const fsetxattr = (fd: number, name: unknown, value: GuestBytes | null, flags: number): number =>
    oldOrder(of(fd), () => prepareSet(name, value, flags), (named) => set(named, flags))

  const getPath = (path: unknown, name: unknown, buf: GuestBytes | null, follow: number): number =>
    oldOrder(at(path, follow), () => xattrName(name), (text) => get(text, buf))
  const fgetxattr = (fd: number, name: unknown, buf: GuestBytes | null): number =>
    oldOrder(of(fd), () => xattrName(name), (text) => get(text, buf))

  const removePath = (path: unknown, name: unknown, follow: number): number =>
    nameFirst(at(path, follow), () => xattrName(name), remove)
  const fremovexattr = (fd: number, name: unknown): number => oldOrder(of(fd), () => xattrName(name), remove)

  const listAt = (find: () => Path | number, buf: GuestBytes | null): number => {
    const path = find()
    return typeof path === 'number' ? path : list(buf)(path)
  }

  return {
    setxattr: (path: unknown, name: unknown, value: GuestBytes | null, flags: number): number =>
      setPath(path, name, value, flags, LOOKUP_FOLLOW),
    lsetxattr: (path: unknown, name: unknown, value: GuestBytes | null, flags: number): number =>
      setPath(path, name, value, flags, 0),
    fsetxattr,
    getxattr: (path: unknown, name: unknown, buf: GuestBytes | null): number => getPath(path, name, buf, LOOKUP_FOLLOW),
    lgetxattr: (path: unknown, name: unknown, buf: GuestBytes | null): number => getPath(path, name, buf, 0),
    fgetxattr,
    listxattr: (path: unknown, buf: GuestBytes | null): number => listAt(at(path, LOOKUP_FOLLOW), buf),
    llistxattr: (path: unknown, buf: GuestBytes | null): number => listAt(at(path, 0), buf),
    flistxattr: (fd: number, buf: GuestBytes | null): number => listAt(of(fd), buf),
    removexattr: (path: unknown, name: unknown): number => removePath(path, name, LOOKUP_FOLLOW),
    lremovexattr: (path: unknown, name: unknown): number => removePath(path, name, 0),
    fremovexattr,
  }
}
