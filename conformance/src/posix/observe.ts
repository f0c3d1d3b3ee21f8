/** The observations beside a result: stat, directories, link texts, and the tree at the end. */
import {
  AT_FDCWD, AT_SYMLINK_NOFOLLOW, errnoName, O_NOFOLLOW, O_RDONLY, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { encodeName, Kstat } from '@lsmkit/kernel'
import { fromBytes, showData, toName } from './session.ts'
import { reportProgram } from './world.ts'
import type { World } from './world.ts'

const TYPES: Readonly<Record<number, string>> = {
  0o100000: 'reg',
  0o040000: 'dir',
  0o120000: 'lnk',
  0o020000: 'chr',
  0o060000: 'blk',
  0o010000: 'fifo',
  0o140000: 'sock',
}
/** DT_* are the type bits of a mode, shifted. */
const DT_NAMES = (type: number): string => TYPES[type << 12] ?? '?'

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0')
/** stat shows twelve bits of major and twenty of minor, folded. */
const device = (rdev: number): [number, number] => [(rdev >>> 8) & 0xfff, (rdev & 0xff) | ((rdev >>> 12) & 0xfff00)]

/** The number of a file in the order of first sight; 0 outside of the session's tmpfs. */
const seenAs = (world: World, stat: Kstat): number => {
  const root = new Kstat()
  world.kernel.sys.stat(world.kernel.init, '/', root)
  if (stat.dev !== root.dev) return 0
  const known = world.inodes.get(stat.ino)
  if (known !== undefined) return known
  world.inodes.set(stat.ino, world.inodes.size + 1)
  return world.inodes.size
}

export const showStat = (world: World, stat: Kstat): unknown => {
  const type = stat.mode & S_IFMT
  const name = TYPES[type]
  const ino = seenAs(world, stat)
  return {
    t: name,
    mode: octal(stat.mode),
    ...(ino === 0 && type === S_IFDIR ? {} : { nlink: stat.nlink }),
    uid: stat.uid,
    gid: stat.gid,
    ino,
    ...(type === S_IFREG || type === S_IFLNK ? { size: stat.size } : {}),
    ...(name === 'chr' || name === 'blk' ? { rdev: device(stat.rdev) } : {}),
  }
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Entries from the descriptor's position to the end; or -errno. */
export const readDir = (world: World, task: Task, fd: number): [string, string][] | number => {
  const entries: [string, string][] = []
  const buf = new Uint8Array(32768)
  for (;;) {
    const n = world.kernel.sys.getdents64(task, fd, buf)
    if (n < 0) return n
    if (n === 0) return entries.sort((a, b) => byBytes(a[0], b[0]))
    const view = new DataView(buf.buffer)
    for (let at = 0; at < n; at += view.getUint16(at + 16, true)) {
      const end = buf.indexOf(0, at + 19)
      entries.push([fromBytes(buf.subarray(at + 19, end)), DT_NAMES(buf[at + 18]!)])
    }
  }
}

/** Kernel numbers in link texts are not compared. */
export const showLink = (bytes: Uint8Array): string =>
  fromBytes(bytes).replace(/^(pipe|socket):\[\d+\]$/, '$1:[#]').replace(/\/#\d+/, '/#')

const contents = (world: World, path: string, size: number): unknown => {
  const { sys, init } = world.kernel
  const fd = sys.openat(init, AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0)
  if (fd < 0) return errnoName(fd)
  const bytes = new Uint8Array(Math.min(size, 1 << 24))
  const n = sys.read(init, fd, bytes)
  sys.close(init, fd)
  const { show_size } = world.header
  const program = reportProgram(show_size)
  if (n >= show_size && program.every((byte, i) => byte === bytes[i])) return '@show'
  return showData(bytes.subarray(0, Math.max(n, 0)))
}

const attributes = (world: World, path: string): Record<string, unknown> | null => {
  const { sys, init } = world.kernel
  const list = new Uint8Array(65536)
  const n = sys.llistxattr(init, path, list)
  if (n <= 0) return null
  const names = fromBytes(list.subarray(0, n)).split('\0').filter((name) => name !== '')
  return Object.fromEntries(
    names.map((name) => {
      const value = new Uint8Array(65536)
      const length = sys.lgetxattr(init, path, toName(name), value)
      return [name, length < 0 ? { error: errnoName(length) } : showData(value.subarray(0, length))]
    }),
  )
}

const describe = (world: World, path: string, stat: Kstat): unknown[] => {
  const { sys, init } = world.kernel
  const type = stat.mode & S_IFMT
  const head = [
    fromBytes(encodeName(path)),
    TYPES[type],
    octal(stat.mode),
    stat.nlink,
    stat.uid,
    stat.gid,
    seenAs(world, stat),
  ]
  let body: unknown = null
  if (type === S_IFREG) body = contents(world, path, stat.size)
  else if (type === S_IFLNK) {
    const buf = new Uint8Array(4096)
    body = fromBytes(buf.subarray(0, sys.readlink(init, path, buf)))
  } else if (TYPES[type] === 'chr' || TYPES[type] === 'blk') body = device(stat.rdev)
  const xattrs = attributes(world, path)
  if (xattrs !== null) return [...head, body, xattrs]
  return body === null ? head : [...head, body]
}

/** The tree as root sees it, depth first in byte order, without /proc. */
export const finalTree = (world: World): unknown[] => {
  const { sys, init } = world.kernel
  const rows: unknown[] = []
  const visit = (dir: string): void => {
    const fd = sys.openat(init, AT_FDCWD, dir === '' ? '/' : dir, O_RDONLY, 0)
    const entries = fd < 0 ? [] : readDir(world, init, fd)
    if (fd >= 0) sys.close(init, fd)
    if (typeof entries === 'number') return
    for (const [name] of entries) {
      if (name === '.' || name === '..' || (dir === '' && name === 'proc')) continue
      const path = `${dir}/${toName(name)}`
      const stat = new Kstat()
      const rc = sys.newfstatat(init, AT_FDCWD, path, stat, AT_SYMLINK_NOFOLLOW)
      if (rc < 0) {
        rows.push([fromBytes(encodeName(path)), errnoName(rc)])
        continue
      }
      rows.push(describe(world, path, stat))
      if ((stat.mode & S_IFMT) === S_IFDIR) visit(path)
    }
  }
  visit('')
  return rows
}
