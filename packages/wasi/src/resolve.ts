/**
 * Keeps paths of preview 1 beneath the directory they start from: no absolute path, no `..` and no symbolic link that
 * leads out of it. A path that leads out is `notcapable`, so that a program can tell it apart from a refusal of the
 * kernel.
 *
 * The kernel walks (openat2 with RESOLVE_BENEATH); nothing is decided here by looking at text, except that a directory
 * which is the task's own root has no outside: there a path goes to the kernel as it is, and a link may be absolute.
 */
import {
  AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, EXDEV, O_DIRECTORY, O_NOFOLLOW, O_PATH, PATH_MAX, RESOLVE_BENEATH, wasiErrno,
  WASI_ERRNO_FAULT, WASI_ERRNO_ILSEQ, WASI_ERRNO_INVAL, WASI_ERRNO_NAMETOOLONG, WASI_ERRNO_NOENT,
  WASI_ERRNO_NOTCAPABLE, WASI_ERRNO_SUCCESS,
} from '@lsmkit/abi'
import type { FsStruct, Task } from '@lsmkit/core'
import type { Descriptors } from './descriptors.ts'
import type { Sys } from './kernel.ts'
import type { GuestMemory } from './memory.ts'

/** Where a path leads: what an *at call takes. `leave` it when the call is done. */
export interface Place {
  readonly dfd: number
  readonly name: string
  /** AT_EMPTY_PATH where `dfd` is the place itself, AT_SYMLINK_NOFOLLOW where a last link must stay. */
  readonly flags: number
  /** `dfd` was opened for this. */
  readonly opened: boolean
}

export class Resolver {
  readonly #sys: Sys
  readonly #task: Task
  readonly #memory: GuestMemory
  readonly #descriptors: Descriptors

  constructor(sys: Sys, task: Task, memory: GuestMemory, descriptors: Descriptors) {
    this.#sys = sys
    this.#task = task
    this.#memory = memory
    this.#descriptors = descriptors
  }

  /** The text of a path argument, or the WASI errno (above 0) that refuses it. */
  text(path: number, path_len: number): string | number {
    path >>>= 0
    path_len >>>= 0
    if (!this.#memory.has(path, path_len)) return WASI_ERRNO_FAULT
    // before it is a string: the longest that a memory holds is more than those may be
    if (path_len >= PATH_MAX) return WASI_ERRNO_NAMETOOLONG
    const text = this.#memory.text(path, path_len)
    if (text === null) return WASI_ERRNO_ILSEQ
    if (text.includes('\0')) return WASI_ERRNO_INVAL
    return text === '' ? WASI_ERRNO_NOENT : text
  }

  /** As `text`, for a path beneath a descriptor. One that is not UTF-8 can lead to what is there, as it is listed. */
  relative(fd: number, path: number, path_len: number): string | number {
    const text = this.text(path, path_len)
    if (text === WASI_ERRNO_ILSEQ) return this.#listed(fd, path >>> 0, path_len >>> 0)
    return typeof text === 'string' && text.startsWith('/') ? WASI_ERRNO_NOTCAPABLE : text
  }

  #listed(fd: number, path: number, path_len: number): string | number {
    const name = this.#memory.name(path, path_len)
    const how = { flags: O_PATH | O_NOFOLLOW, mode: 0, resolve: RESOLVE_BENEATH }
    const there = name.includes('\0') ? -1 : this.#sys.openat2(this.#task, fd, name, how)
    if (there < 0) return WASI_ERRNO_ILSEQ
    this.#sys.close(this.#task, there)
    return name
  }

  /**
   * A path that is one name, for a call that does not follow a link there: nothing leads out of the directory. Null for
   * any other path.
   */
  oneName(fd: number, right: number, path: number, path_len: number): Place | number | null {
    const error = this.#descriptors.check(fd, right)
    if (error !== WASI_ERRNO_SUCCESS) return error
    const name = this.relative(fd, path, path_len)
    if (typeof name === 'number') return name
    if (name.includes('/') || name === '..' || name === '.') return null
    return { dfd: fd, name, flags: AT_SYMLINK_NOFOLLOW, opened: false }
  }

  /** Whether every walk of `path` from `fd` stays inside: `fd` is the task's root, and the text does not climb. */
  isConfined(fd: number, path: string): boolean {
    return this.isRoot(fd) && !climbs(path)
  }

  isRoot(fd: number): boolean {
    const file = this.#descriptors.find(fd)?.file
    const { root } = this.#task.fs as FsStruct
    return file !== undefined && file.f_path.dentry === root.dentry && file.f_path.mnt === root.mnt
  }

  /** For calls on the last component itself, link or not: they make, remove and rename. */
  name(fd: number, right: number, path: number, path_len: number): Place | number {
    const error = this.#descriptors.check(fd, right)
    if (error !== WASI_ERRNO_SUCCESS) return error
    const text = this.relative(fd, path, path_len)
    if (typeof text === 'number') return text
    if (this.isConfined(fd, text)) return { dfd: fd, name: text, flags: 0, opened: false }
    const bare = withoutTrailingSlashes(text)
    const slash = bare.lastIndexOf('/')
    // None of these calls does anything to `..`, but what it is must be told without looking outside.
    if (bare.slice(slash + 1) === '..') return this.#walk(fd, text, O_DIRECTORY, '.', 0)
    if (slash < 0) return { dfd: fd, name: text, flags: 0, opened: false }
    return this.#walk(fd, bare.slice(0, slash), O_DIRECTORY, text.slice(slash + 1), 0)
  }

  /** For calls on what the whole path leads to. */
  target(fd: number, right: number, path: number, path_len: number, follow: boolean): Place | number {
    const error = this.#descriptors.check(fd, right)
    if (error !== WASI_ERRNO_SUCCESS) return error
    const text = this.relative(fd, path, path_len)
    if (typeof text === 'number') return text
    if (this.isConfined(fd, text))
      return { dfd: fd, name: text, flags: follow ? 0 : AT_SYMLINK_NOFOLLOW, opened: false }
    return this.#walk(fd, text, follow ? 0 : O_NOFOLLOW, '', AT_EMPTY_PATH)
  }

  leave(place: Place): void {
    if (place.opened) this.#sys.close(this.#task, place.dfd)
  }

  /** As `wasiErrno` for a walk that must stay beneath: EXDEV means that it would have left. */
  walkError(rc: number): number {
    return rc === -EXDEV ? WASI_ERRNO_NOTCAPABLE : wasiErrno(rc)
  }

  #walk(fd: number, path: string, how: number, name: string, flags: number): Place | number {
    const dfd = this.#sys.openat2(this.#task, fd, path, { flags: O_PATH | how, mode: 0, resolve: RESOLVE_BENEATH })
    return dfd < 0 ? this.walkError(dfd) : { dfd, name, flags, opened: true }
  }
}

/** Whether the text goes above where it starts, if every name in it is a plain directory. */
const climbs = (path: string): boolean => {
  if (!path.includes('..')) return false
  let depth = 0
  for (const name of path.split('/')) {
    if (name === '..') depth--
    else if (name !== '' && name !== '.') depth++
    if (depth < 0) return true
  }
  return false
}

const withoutTrailingSlashes = (path: string): string => {
  let end = path.length
  while (end > 1 && path.charCodeAt(end - 1) === 0x2f) end--
  return path.slice(0, end)
}
