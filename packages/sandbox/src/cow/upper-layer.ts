/** The upper layer of a copy-on-write folder, read and mended below the overlay: files, whiteouts, and marks. */
import { S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, XATTR_NAME_CAPS, XATTR_SECURITY_PREFIX } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { Kstat } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { FileError, TaskFiles } from '@lsmkit/kernel/files'
import { attributesOf } from '../fs/fs-calls.ts'
import { noteBytes, noteOfBytes } from './cow-state.ts'
import type { LowerNote } from './cow-state.ts'

export interface UpperStat {
  readonly kind: 'dir' | 'file' | 'link' | 'special' | 'whiteout'
  /** The permissions alone. */
  readonly mode: number
  readonly size: number
  readonly ino: number
  readonly nlink: number
}

const KINDS = new Map<number, UpperStat['kind']>([[S_IFDIR, 'dir'], [S_IFREG, 'file'], [S_IFLNK, 'link']])
const text = new TextDecoder()

/** Paths are relative to the root of the layer; `''` is the root. Throws FileError. */
export class UpperLayer {
  readonly files: TaskFiles
  /** A task whose root is the layer's. */
  readonly task: Task

  constructor(kernel: Kernel, task: Task) {
    this.files = new TaskFiles(kernel, task)
    this.task = task
  }

  list(path: string): string[] {
    return this.files.readdir(`/${path}`).map(({ name }) => name)
  }

  /** Null where nothing is. */
  stat(path: string): UpperStat | null {
    const stat = new Kstat()
    if (this.files.sys.lstat(this.task, `/${path}`, stat) !== 0) return null
    const { mode, size, ino, nlink, rdev } = stat
    const type = mode & S_IFMT
    const kind = type === S_IFCHR && rdev === 0 ? 'whiteout' : KINDS.get(type) ?? 'special'
    return { kind, mode: mode & 0o777, size, ino, nlink }
  }

  readlink(path: string): string {
    return this.files.readlink(`/${path}`)
  }

  /** Nothing of the layers below shows in the directory. */
  isOpaque(path: string): boolean {
    const mark = this.#own(path, 'opaque')
    return mark !== null && text.decode(mark) === 'y'
  }

  /** Where the directory was on the layer below; null where it was not moved. */
  redirect(path: string): string | null {
    const value = this.#own(path, 'redirect')
    return value === null ? null : text.decode(value)
  }

  note(path: string): LowerNote | null {
    return noteOfBytes(this.#own(path, 'note'))
  }

  setNote(path: string, note: LowerNote): void {
    attributesOf(this.files, `/${path}`, false).set('trusted.overlay.note', noteBytes(note))
  }

  /** Attributes that users have set, which no file of the host keeps. */
  userAttributes(path: string): string[] {
    return attributesOf(this.files, `/${path}`, false).list().filter((name) => name.startsWith('user.'))
  }

  /** Labels of modules, by what stands behind `security.`. Capabilities of files are not labels. */
  labels(path: string): [name: string, value: Uint8Array][] {
    const attributes = attributesOf(this.files, `/${path}`, false)
    return attributes.list().filter((name) => name.startsWith(XATTR_SECURITY_PREFIX) && name !== XATTR_NAME_CAPS)
      .map((name) => [name.slice(XATTR_SECURITY_PREFIX.length), attributes.get(name)])
  }

  clear(path: string, mark: 'opaque' | 'redirect'): void {
    attributesOf(this.files, `/${path}`, false).remove(`trusted.overlay.${mark}`)
  }

  /** The directory shows that one of the host, from the root of the folder. */
  setRedirect(path: string, lower: string): void {
    attributesOf(this.files, `/${path}`, false).set('trusted.overlay.redirect', new TextEncoder().encode(`/${lower}`))
  }

  unlink(path: string): void {
    this.files.unlink(`/${path}`)
  }

  #own(path: string, name: string): Uint8Array | null {
    try {
      return attributesOf(this.files, `/${path}`, false).get(`trusted.overlay.${name}`)
    } catch (error) {
      if (error instanceof FileError && MISSING.has(error.code)) return null
      throw error
    }
  }
}
const MISSING: ReadonlySet<string> = new Set(['ENODATA', 'EOPNOTSUPP', 'EPERM'])
