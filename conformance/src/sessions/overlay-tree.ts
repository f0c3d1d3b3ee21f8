/** How files, directories and whole trees are written in the answers of overlay-sessions. */
import { AT_FDCWD, O_DIRECTORY, O_RDONLY, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel'
import type { Calls } from '../c/actor.ts'

/** A later time is one that nobody has set. */
const NOW = 1_000_000
const LAYERS = ['u', 'l1', 'l2'] as const
const decoder = new TextDecoder()
/** Attributes whose bytes differ from boot to boot. */
const isOpaqueValue = (name: string): boolean => /\.origin|\.upper|\.uuid|posix_acl/.test(name)

/** Of a name in the index only the inode number is the same in every boot. */
const steady = (name: string): string => (name.length > 60 ? name.slice(50) : name)

const lstat = (sys: Calls, path: string): Kstat | number => {
  const st = new Kstat()
  const rc = sys.lstat(path, st)
  return rc < 0 ? rc : st
}

/** The layer that has the inode number under the same name. */
const layerOf = (sys: Calls, path: string, { ino }: Kstat): string => {
  if (path !== 'm' && !path.startsWith('m/')) return 'self'
  for (const layer of LAYERS) {
    const other = lstat(sys, layer + path.slice(1))
    if (typeof other !== 'number' && other.ino === ino) return layer
  }
  return 'other'
}

const fields = (st: Kstat): string => {
  const when = (sec: number): string => (sec > NOW ? 'now' : String(sec))
  const blocks = (st.mode & S_IFMT) === S_IFREG ? ` b${st.blocks}` : ''
  const rdev = st.rdev === 0 ? '' : ` r${(st.rdev >> 8) & 0xfff}.${st.rdev & 0xff}`
  const own = `${st.mode.toString(8)} n${st.nlink} ${st.uid}:${st.gid} s${st.size}${blocks}${rdev}`
  return `${own} m${when(st.mtime_sec)} a${when(st.atime_sec)}`
}

/** A file, and whose device and inode number it has. */
export const showStat = (sys: Calls, path: string): string | number => {
  const st = lstat(sys, path)
  if (typeof st === 'number') return st
  const root = lstat(sys, 'm')
  const dev = typeof root !== 'number' && root.dev === st.dev ? 'odev' : '-'
  return `${fields(st)} ${dev} ${layerOf(sys, path, st)}`
}

export const showFile = (sys: Calls, fd: number): string | number => {
  const st = new Kstat()
  const rc = sys.fstat(fd, st)
  return rc < 0 ? rc : fields(st)
}

export const listAttributes = (sys: Calls, path: string): string => {
  const buf = new Uint8Array(4096)
  const n = sys.llistxattr(path, buf)
  if (n < 0) return String(n)
  const names = decoder.decode(buf.subarray(0, n)).split('\0').filter((name) => name !== '')
  return names.map((name) => {
    const value = new Uint8Array(300)
    const length = sys.lgetxattr(path, name, value)
    if (isOpaqueValue(name)) return `${name}#${length} `
    return length < 0 ? `${name}${length} ` : `${name}=${decoder.decode(value.subarray(0, length))} `
  }).join('')
}

interface Entry {
  readonly name: string
  readonly ino: number
  readonly type: number
}

const entriesOf = (sys: Calls, fd: number): Entry[] | number => {
  const all: Entry[] = []
  const buf = new Uint8Array(8192)
  const view = new DataView(buf.buffer)
  for (;;) {
    const n = sys.getdents64(fd, buf)
    if (n < 0) return n
    if (n === 0) return all
    for (let at = 0; at < n; at += view.getUint16(at + 16, true)) {
      const end = buf.indexOf(0, at + 19)
      const name = decoder.decode(buf.subarray(at + 19, end))
      all.push({ name, ino: Number(view.getBigUint64(at, true)), type: buf[at + 18]! })
    }
  }
}

/** Entries in their order: name, type, and whether the inode number is the file's. */
export const listEntries = (sys: Calls, fd: number, path: string): string => {
  const entries = entriesOf(sys, fd)
  if (typeof entries === 'number') return String(entries)
  return entries.map(({ name, ino, type }) => {
    const st = name === '..' ? -1 : lstat(sys, `${path}/${name}`)
    return `${name}:${type}${typeof st === 'number' ? '?' : st.ino === ino ? '=' : '!'} `
  }).join('')
}

const linkText = (sys: Calls, path: string): string => {
  const buf = new Uint8Array(4096)
  return decoder.decode(buf.subarray(0, sys.readlink(path, buf)))
}

/** A file and all that lies below it; `shown` is its path in the answer. */
export const showTree = (sys: Calls, path: string, shown = path): string => {
  const st = lstat(sys, path)
  if (typeof st === 'number') return `${shown} ${st}; `
  const link = (st.mode & S_IFMT) === S_IFLNK ? ` ->${linkText(sys, path)}` : ''
  const own = `${shown} ${fields(st)}${link} [${listAttributes(sys, path)}]; `
  if ((st.mode & S_IFMT) !== S_IFDIR) return own
  const fd = sys.openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0)
  const entries = entriesOf(sys, fd)
  sys.close(fd)
  if (typeof entries === 'number') return own
  const below = entries.map(({ name }) => name).filter((name) => name !== '.' && name !== '..')
  below.sort((a, b) => (steady(a) < steady(b) ? -1 : 1))
  // names in the work directory are by chance
  return own + below.map((name) =>
    name.startsWith('#') ? `${shown}/#; ` : showTree(sys, `${path}/${name}`, `${shown}/${steady(name)}`)).join('')
}
