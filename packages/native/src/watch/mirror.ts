/**
 * The files that mediated programs ask for, as files of a kernel of ours: the same paths, kinds and owners, without
 * contents, and with labels. The kernel's own system calls on them ask each hook, in the kernel's order. Modes grant
 * all: the host decides by modes itself.
 */
import {
  AT_FDCWD, AT_SYMLINK_NOFOLLOW, ELOOP, errnoName, ETXTBSY, EXDEV, O_TRUNC, O_WRONLY, S_IFBLK, S_IFCHR, S_IFDIR,
  S_IFLNK, S_IFMT,
} from '@lsmkit/abi'
import type { Lsm } from '@lsmkit/core'
import { BootError } from '@lsmkit/kernel'
import type { Machine } from '@lsmkit/kernel'
import { bootKernel } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel/boot'
import { net } from '@lsmkit/kernel/subsystems'
import { readdirSync, readlinkSync } from 'node:fs'
import { NativeError } from '../native-error.ts'
import type { HostPlace, HostPlaces } from './host-places.ts'

type Stack = Parameters<typeof bootKernel>[0]['stack']

/** Attributes of a file by name: `security.SMACK64`. */
export type Attributes = ReadonlyMap<string, Uint8Array>

/** Gives a file of the kernel the label of its path: the method of SELinux's module. */
interface Labeller {
  relabel(kernel: Kernel, options: { paths: readonly string[]; recursive: false; force: true }): unknown
}
const labellersOf = (lsms: readonly object[]): readonly Labeller[] =>
  lsms.filter((lsm): lsm is Labeller => typeof (lsm as Partial<Labeller>).relabel === 'function')

/** Places of the host whose labels come with the type of their file system: file systems of these names, in memory. */
const TYPES: ReadonlyMap<string, string> = new Map([['/proc', 'proc'], ['/sys', 'sysfs'], ['/dev', 'devtmpfs']])

const inMemory = (name: string) => (machine: Machine) => ({ ...machine.filesystem('tmpfs')!, name })

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))

/** Nodes after which all are forgotten: they are made again when they are asked for. */
const MOST_NODES = 50_000
/** Files of a directory that is moved: each keeps its label. */
const MOST_MOVED = 20_000
const ALL = 0o777

export interface MirrorOptions {
  readonly stack: Stack
  readonly lsms: readonly Lsm[]
  readonly places: HostPlaces
  /** Labels that a file of the host has itself; null: none has. */
  readonly attributesOf: ((place: HostPlace) => Attributes) | null
}

export class Mirror {
  readonly kernel: Kernel
  readonly #places: HostPlaces
  readonly #labellers: readonly Labeller[]
  readonly #attributesOf: MirrorOptions['attributesOf']
  /** Paths that are there, with the file of the host that they stand for. */
  readonly #nodes = new Map<string, string>()
  /** A file has the label that it got when it was first seen, made or labelled, whatever its name is later. */
  readonly #labels = new Map<string, Attributes>()
  /** First bytes that programs have in the kernel. */
  readonly #heads = new Map<string, string>()

  constructor({ stack, lsms, places, attributesOf }: MirrorOptions) {
    this.kernel = booted(stack)
    this.#places = places
    this.#labellers = labellersOf(lsms)
    this.#attributesOf = attributesOf
    const { sys, init } = this.kernel
    sys.umask(init, 0)
    for (const path of ['/', ...TYPES.keys()]) {
      sys.fchmodat(init, AT_FDCWD, path, ALL)
      this.#relabel(path)
      this.#nodes.set(path, '')
    }
  }

  /** The file, and all directories above it, are there. 0, or -errno of what could not be made. */
  show(place: HostPlace): number {
    const { path } = place
    const now = this.#nodes.get(path)
    if (now === '' || now === place.key) return 0
    if (now !== undefined) this.forget(path)
    else if (this.#nodes.size > MOST_NODES) this.#forgetAll()
    const rc = this.#showDirectory(parentOf(path))
    return rc === 0 ? this.#make(place) : rc
  }

  /** The directory of a name that does not exist is there, and the name is not. */
  showAbsent(path: string): number {
    if (this.#nodes.has(path)) this.forget(path)
    return this.#showDirectory(parentOf(path))
  }

  /** Links that a name from the root leads over are there, with what they lead to. */
  showLinks(name: string, depth = 0): number {
    if (depth > 8) return -ELOOP
    const parts = name.split('/').filter((part) => part !== '' && part !== '.')
    let at = ''
    for (const [i, part] of parts.entries()) {
      if (part === '..') return 0
      at = `${at}/${part}`
      const place = this.#places.at(at)
      if (typeof place === 'number') return 0
      this.#places.close(place.fd)
      if ((place.mode & S_IFMT) !== S_IFLNK) continue
      const shown = this.show(place)
      if (shown < 0) return shown
      const target = linkText(at)
      const rest = parts.slice(i + 1).join('/')
      const next = target.startsWith('/') ? target : `${parentOf(at)}/${target}`
      return this.showLinks(rest === '' ? next : `${next}/${rest}`, depth + 1)
    }
    return 0
  }

  #showDirectory(path: string): number {
    if (this.#nodes.has(path)) return 0
    const rc = this.#showDirectory(parentOf(path))
    if (rc !== 0) return rc
    const place = this.#places.at(path)
    if (typeof place === 'number') return place
    this.#places.close(place.fd)
    return this.#make(place)
  }

  #make(place: HostPlace): number {
    const { sys, init } = this.kernel
    const { path, mode, uid, gid, rdev, key } = place
    const type = mode & S_IFMT
    const rc = type === S_IFDIR ? sys.mkdirat(init, AT_FDCWD, path, ALL)
      : type === S_IFLNK ? sys.symlinkat(init, linkText(path), AT_FDCWD, path)
        : sys.mknodat(init, AT_FDCWD, path, type | ALL, type === S_IFCHR || type === S_IFBLK ? rdev : 0)
    if (rc < 0) return rc
    if (uid !== 0 || gid !== 0) sys.fchownat(init, AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW)
    this.#nodes.set(path, key)
    this.#heads.delete(key)
    return this.#label(place)
  }

  #relabel(path: string): void {
    for (const labeller of this.#labellers) {
      labeller.relabel(this.kernel, { paths: [path], recursive: false, force: true })
    }
  }

  #label(place: HostPlace): number {
    const { path, key } = place
    const known = this.#labels.get(key)
    if (known !== undefined) return this.#set(path, known)
    this.#relabel(path)
    const own = this.#attributesOf?.(place)
    const rc = own === undefined ? 0 : this.#set(path, own)
    this.#labels.set(key, this.labelsOf(path))
    return rc
  }

  #set(path: string, labels: Attributes): number {
    const { sys, init } = this.kernel
    for (const [name, value] of labels) {
      const rc = sys.lsetxattr(init, path, name, value, 0)
      if (rc < 0) return rc
    }
    return 0
  }

  /** Labels that a path has in the kernel. */
  labelsOf(path: string): Attributes {
    const { sys, init } = this.kernel
    const list = new Uint8Array(4096)
    const length = sys.llistxattr(init, path, list)
    const names = length <= 0 ? [] : new TextDecoder().decode(list.subarray(0, length)).split('\0')
    const found = new Map<string, Uint8Array>()
    for (const name of names) {
      if (!name.startsWith('security.')) continue
      const value = new Uint8Array(4096)
      const size = sys.lgetxattr(init, path, name, value)
      if (size > 0) found.set(name, value.slice(0, size))
    }
    return found
  }

  /** A path that a program has made or changed stands for this file of the host, and the file keeps its labels. */
  keep(place: HostPlace): void {
    const { sys, init } = this.kernel
    this.#nodes.set(place.path, place.key)
    this.#labels.set(place.key, this.labelsOf(place.path))
    if ((place.mode & S_IFMT) !== S_IFLNK) sys.fchmodat(init, AT_FDCWD, place.path, ALL)
  }

  /** A name of the file is gone. */
  drop({ path, key, links }: HostPlace): void {
    if (links <= 1) this.#labels.delete(key)
    this.forget(path)
  }

  /** The path is made again when it is asked for. */
  forget(path: string): void {
    this.empty(path)
    if (path === '/' || TYPES.has(path)) return
    const { sys, init } = this.kernel
    if (sys.unlinkat(init, AT_FDCWD, path, 0) < 0) sys.rmdir(init, path)
    this.#nodes.delete(path)
  }

  /** All that is below a path is made again when it is asked for. */
  empty(path: string): void {
    const { sys, init } = this.kernel
    for (const one of this.#below(path)) {
      if (sys.unlinkat(init, AT_FDCWD, one, 0) < 0) sys.rmdir(init, one)
      this.#nodes.delete(one)
    }
  }

  /** Those that are deeper come first. */
  #below(path: string): string[] {
    const start = path === '/' ? '/' : `${path}/`
    return [...this.#nodes.keys()].filter((one) => one.startsWith(start) && one !== '/' && !TYPES.has(one))
      .toSorted((a, b) => b.length - a.length)
  }

  #forgetAll(): void {
    this.empty('/')
  }

  /**
   * Labels all files below a directory that is about to move, by their names of before. 0; -EXDEV where there are too
   * many, so that programs copy the directory.
   */
  showAllBelow(place: HostPlace): number {
    if ((place.mode & S_IFMT) !== S_IFDIR || this.#labellers.length === 0) return 0
    let names: readonly string[]
    try {
      names = readdirSync(place.path, { recursive: true, encoding: 'utf8' })
    } catch {
      return -EXDEV
    }
    if (names.length > MOST_MOVED) return -EXDEV
    for (const name of names) {
      const one = this.#places.at(`${place.path}/${name}`)
      if (typeof one === 'number') continue
      this.#places.close(one.fd)
      const rc = this.show(one)
      if (rc < 0) return rc
    }
    return 0
  }

  /** Two names have moved in the kernel: what it has below them is made again. */
  moved(from: string, to: string): void {
    const places = new Set<string>([from, to])
    for (const [here, there] of [[from, to], [to, from]] as const) {
      for (const one of this.#below(here)) places.add(one).add(there + one.slice(here.length))
    }
    const { sys, init } = this.kernel
    for (const one of [...places].toSorted((a, b) => b.length - a.length)) {
      if (sys.unlinkat(init, AT_FDCWD, one, 0) < 0) sys.rmdir(init, one)
      this.#nodes.delete(one)
    }
  }

  /** The first bytes of a program that is shown, by which the kernel knows its format. 0 or -errno. */
  writeHead(place: HostPlace, head: Uint8Array): number {
    const text = String.fromCharCode(...head)
    if (this.#heads.get(place.key) === text) return 0
    let rc = this.#write(place.path, head)
    if (rc === -ETXTBSY) {
      // it runs in the kernel with what it was: another file of that name is executed from now on
      this.forget(place.path)
      rc = this.show(place)
      if (rc === 0) rc = this.#write(place.path, head)
    }
    if (rc === 0) this.#heads.set(place.key, text)
    return rc
  }

  #write(path: string, bytes: Uint8Array): number {
    const { sys, init } = this.kernel
    const fd = sys.openat(init, AT_FDCWD, path, O_WRONLY | O_TRUNC, 0)
    if (fd < 0) return fd
    const rc = sys.write(init, fd, bytes)
    sys.close(init, fd)
    return Math.min(rc, 0)
  }
}

const linkText = (path: string): string => {
  try {
    return readlinkSync(path)
  } catch {
    return '?'
  }
}

const booted = (stack: Stack): Kernel => {
  const mounts = [...TYPES].map(([target, name]) => ({ type: inMemory(name), target, data: 'mode=777' }))
  try {
    return bootKernel({ stack, subsystems: [net], usualMounts: false, mounts, root: 'mode=777' })
  } catch (error) {
    if (!(error instanceof BootError)) throw error
    throw new NativeError('start-failed', `the kernel of the mediated programs cannot boot: ${errnoName(error.rc)}`, {
      cause: error,
    })
  }
}
