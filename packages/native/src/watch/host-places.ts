/** Where names of a program lead on the host: looked up once, and held as descriptors. */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, EACCES, ELOOP, ENAMETOOLONG, ENOENT, O_CLOEXEC, O_DIRECTORY,
  O_NOFOLLOW, O_PATH, RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import { decodeName, encodeName } from '@lsmkit/kernel/parts'
import type { System } from '../sys/system.ts'
import { privateProcessOf, walkMagic } from './magic-links.ts'
import type { Walker } from './magic-links.ts'
import { swapFlags } from './open-flags.ts'
import { Pinned, wordText } from './pinned.ts'
import type { GivenName } from './requests.ts'

/** The file that a name leads to, with the descriptors that hold it. `close` gives them back. */
export interface HostPlace {
  /** From the root of the host, without a link. */
  readonly path: string
  /** O_PATH descriptor of the file; -1 where there is none yet. */
  readonly fd: number
  /** The directory that holds it, with the last part of the name; -1 where the name has no such part. */
  readonly parent: number
  readonly last: string
  /** `st_mode`; 0 where there is no file. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly links: number
  /** Of the file, as long as it lives: device, inode and the time of its birth. */
  readonly key: string
  readonly rdev: number
}

/** STATX_BASIC_STATS and STATX_BTIME. */
const STATX_ALL = 0xfff
const PATH_ROOM = 8192
/** Paths that are remembered. */
const MOST_STRAIGHT = 20_000
const NOT_ASCII = /[^\0-\x7f]/
const DELETED = ' (deleted)'

/** The name stays below the descriptor that it was given with. */
const CONFINED = RESOLVE_BENEATH | RESOLVE_IN_ROOT

export const isDirectoryMode = (mode: number): boolean => (mode & S_IFMT) === S_IFDIR

export class HostPlaces {
  readonly #system: System
  readonly #path: Pinned
  readonly #pathText: Buffer
  readonly #how: Pinned
  readonly #link: Pinned
  readonly #linkText: Buffer
  readonly #stat: Pinned
  readonly #name: Pinned
  /** Paths that have led over no link, with the file: the kernel need not be asked where they lead. */
  readonly #straight = new Map<string, string>()
  /** A descriptor of our own /proc/self/fd. */
  readonly descriptors: number
  readonly #own = `/proc/${process.pid}`
  readonly #walker: Walker = {
    open: (path, flags, at) => this.#openPath(path, flags, 0, at),
    close: (fd) => this.close(fd),
    pathOf: (fd) => this.pathOf(fd),
    modeOf: (fd) => this.#modeOf(fd),
    textOf: (fd) => this.#textOf(fd),
    isOurs: (pid) => this.isOurs(pid),
  }
  /** Whether a program may look into a process. Default: the kernel decides that. */
  isOurs: (pid: number) => boolean = () => true

  constructor(system: System) {
    this.#system = system
    this.#path = new Pinned(system, PATH_ROOM)
    this.#pathText = Buffer.from(this.#path.bytes.buffer)
    this.#how = new Pinned(system, 24)
    this.#link = new Pinned(system, 8192)
    this.#linkText = Buffer.from(this.#link.bytes.buffer)
    this.#stat = new Pinned(system, 256)
    this.#name = new Pinned(system, 16)
    // links below it are read by a number: half the time of a path from the root
    this.descriptors = this.#openPath(`${this.#own}/fd`, O_PATH | O_DIRECTORY | O_CLOEXEC, 0)
  }

  #putPath(path: string): boolean {
    if (NOT_ASCII.test(path)) return this.#path.putString(encodeName(path))
    if (path.length >= PATH_ROOM) return false
    this.#pathText.write(path, 0, 'latin1')
    this.#pathText[path.length] = 0
    return true
  }

  #openPath(path: string, flags: number, resolve: number, at = AT_FDCWD): number {
    return this.open(path, flags, 0, resolve, at)
  }

  /** openat2 by an absolute path, or below a descriptor. */
  open(path: string, flags: number, mode = 0, resolve = 0, at = AT_FDCWD): number {
    if (!this.#putPath(path)) return -ENAMETOOLONG
    const how = this.#how
    how.putWord(0, swapFlags(this.#system.arch, flags) >>> 0)
    how.putWord(8, mode)
    how.putWord(16, resolve)
    return this.#system.call('openat2', at, this.#path.address, how.address, 24)
  }

  close(fd: number): void {
    if (fd >= 0) this.#system.call('close', fd)
  }

  /** Nothing can be looked up any more. */
  end(): void {
    this.close(this.descriptors)
  }

  closeAll({ fd, parent }: HostPlace): void {
    this.close(fd)
    this.close(parent)
  }

  /** The path of an open file, or null where it has none: a pipe, a file that was removed. */
  pathOf(fd: number): string | null {
    const { bytes, address } = this.#name
    const text = String(fd)
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
    bytes[text.length] = 0
    const length = this.#system.call('readlinkat', this.descriptors, address, this.#link.address, 8192)
    if (length <= 0) return null
    const plain = this.#linkText.toString('latin1', 0, length)
    const path = NOT_ASCII.test(plain) ? decodeName(this.#link.bytes.slice(0, length)) : plain
    return path.startsWith('/') && !path.endsWith(DELETED) ? path : null
  }

  #modeOf(fd: number): number {
    const place = this.#place(fd, -1, '', '')
    return typeof place === 'number' ? 0 : place.mode
  }

  #textOf(fd: number): string | null {
    this.#name.bytes[15] = 0
    const length = this.#system.call('readlinkat', fd, this.#name.address + 15, this.#link.address, 8192)
    return length <= 0 ? null : decodeName(this.#link.bytes.slice(0, length))
  }

  /** Opens a name for a thread whose root is the host's: a descriptor, or -errno. */
  #lookUp(pid: number, { at, path }: GivenName, flags: number, resolve = 0, isWalked = false): number {
    const base = at === AT_FDCWD ? `/proc/${pid}/cwd` : `/proc/${pid}/fd/${at}`
    if (path === '') return this.#openPath(base, flags, 0)
    const isConfined = (resolve & CONFINED) !== 0
    if (path.startsWith('/') && !isConfined) {
      const own = path.startsWith('/proc/') ? /^\/proc\/(self|thread-self)(?=\/|$)/.exec(path) : null
      const given = own === null ? path : `/proc/${pid}${path.slice(own[0].length)}`
      return this.#openBelow(pid, AT_FDCWD, given, flags, resolve, isWalked)
    }
    const held = this.#openPath(base, O_PATH | O_CLOEXEC, 0)
    if (held < 0) return held
    const fd = this.#openBelow(pid, held, path, flags, resolve, isWalked)
    this.close(held)
    return fd
  }

  #openBelow(
    pid: number, at: number, path: string, flags: number, resolve: number, isWalked: boolean,
  ): number {
    const fd = isWalked ? -ELOOP : this.#openPath(path, flags, resolve | RESOLVE_NO_MAGICLINKS, at)
    if (fd !== -ELOOP || (resolve & (CONFINED | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS)) !== 0) return fd
    const end = walkMagic(this.#walker, pid, at, path, (flags & O_NOFOLLOW) === 0)
    if (end < 0 || (flags & O_DIRECTORY) === 0) return end
    const directory = this.#openPath('.', flags & ~O_NOFOLLOW, 0, end)
    this.close(end)
    return directory
  }

  #place(fd: number, parent: number, last: string, path: string): HostPlace | number {
    if (fd < 0) return { path, fd, parent, last, mode: 0, uid: 0, gid: 0, links: 0, key: '', rdev: 0 }
    this.#name.bytes[15] = 0
    const rc = this.#system.call(
      'statx', fd, this.#name.address + 15, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_ALL, this.#stat.address)
    if (rc < 0) return rc
    const { view } = this.#stat
    const device = `${view.getUint32(136, true)}.${view.getUint32(140, true)}`
    return {
      path, fd, parent, last, mode: view.getUint16(28, true), uid: view.getUint32(20, true),
      gid: view.getUint32(24, true), links: view.getUint32(16, true),
      key: `${device}:${wordText(view, 32)}:${wordText(view, 80)}.${view.getUint32(88, true)}`,
      rdev: (view.getUint32(128, true) << 8) | (view.getUint32(132, true) & 0xff),
    }
  }

  /** A file that is open. Its descriptor is the place's. */
  held(fd: number): HostPlace | number {
    const place = this.#place(fd, -1, '', this.pathOf(fd) ?? '')
    if (typeof place === 'number') this.close(fd)
    return place
  }

  /** The same file, as it is now; without descriptors. */
  again(place: HostPlace): HostPlace {
    const now = this.#place(place.fd, -1, '', place.path)
    return typeof now === 'number' ? place : { ...now, fd: -1 }
  }

  /** The file that the name of an entry leads to by now. Its descriptor is to be closed. */
  inDirectory({ parent, last, path }: HostPlace): HostPlace | number {
    const fd = this.#openPath(last, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, parent)
    return fd < 0 ? fd : this.#place(fd, -1, '', path)
  }

  /** A path of the host, whose last link is not followed. Its descriptor is to be closed. */
  at(path: string): HostPlace | number {
    const fd = this.#openPath(path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0)
    if (fd < 0) return fd
    const place = this.#place(fd, -1, '', path)
    if (typeof place === 'number') this.close(fd)
    return place
  }

  #isForeign(path: string): boolean {
    const owner = privateProcessOf(path)
    return owner !== null && !this.isOurs(owner)
  }

  /** The file that a name leads to, or -errno. Links that lead through the watcher's own /proc lead to the task's. */
  file(pid: number, name: GivenName, resolve = 0): HostPlace | number {
    const flags = O_PATH | O_CLOEXEC | (name.follows || name.path === '' ? 0 : O_NOFOLLOW)
    const known = resolve === 0 ? this.#again(name.path, flags) : null
    if (known !== null) return known
    let fd = this.#lookUp(pid, name, flags, resolve)
    if (fd < 0) return fd
    let path = this.pathOf(fd) ?? ''
    if (path.startsWith(`${this.#own}/`) || path === this.#own) {
      this.close(fd)
      fd = this.#lookUp(pid, name, flags, resolve, true)
      if (fd < 0) return fd
      path = this.pathOf(fd) ?? ''
    }
    if (this.#isForeign(path)) {
      this.close(fd)
      return -EACCES
    }
    const place = this.#place(fd, -1, '', path)
    if (typeof place === 'number') this.close(fd)
    else if (path === name.path && resolve === 0) this.#remember(place)
    return place
  }

  #remember({ path, key }: HostPlace): void {
    // what is below /proc is another file for each process
    if (path.startsWith('/proc/') || path === '/proc') return
    if (this.#straight.size >= MOST_STRAIGHT) this.#straight.clear()
    this.#straight.set(path, key)
  }

  /** The file that a path led to before, if it leads there still, over no link; null if that is not known. */
  #again(path: string, flags: number): HostPlace | null {
    const key = this.#straight.get(path)
    if (key === undefined) return null
    const fd = this.#openPath(path, flags, RESOLVE_NO_SYMLINKS)
    const place = fd < 0 ? fd : this.#place(fd, -1, '', path)
    if (typeof place !== 'number' && place.key === key) return place
    this.close(fd)
    this.#straight.delete(path)
    return null
  }

  /** A name in its directory: for what is made, removed or moved. The file may be absent. Or -errno. */
  entry(pid: number, name: GivenName): HostPlace | number {
    const given = name.path.replace(/\/+$/, '')
    const slash = given.lastIndexOf('/')
    const last = given.slice(slash + 1)
    if (name.path === '') return -ENOENT
    const directory = slash === 0 || given === '' ? '/' : slash < 0 ? '' : given.slice(0, slash)
    const parent = this.#lookUp(pid, { ...name, path: directory }, O_PATH | O_DIRECTORY | O_CLOEXEC)
    if (parent < 0) return parent
    const above = this.pathOf(parent)
    if (above === null || this.#isForeign(`${above}/${last}`)) {
      this.close(parent)
      return above === null ? -ENOENT : -EACCES
    }
    const path = above === '/' ? `/${last}` : `${above}/${last}`
    const fd = this.#openPath(last, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, parent)
    const place = fd < 0 && fd !== -ENOENT ? fd : this.#place(fd, parent, last, path)
    if (typeof place === 'number') {
      this.close(fd)
      this.close(parent)
    }
    return place
  }
}
