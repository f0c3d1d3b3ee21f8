/** Reads directories and files of a booted kernel as one of its tasks, by system calls. */
import { AT_FDCWD, O_DIRECTORY, O_NOFOLLOW, O_RDONLY } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'

/** The calls that labelling takes, as a kernel's `sys` has them. */
export interface LabelCalls {
  lstat(task: Task, path: string, stat: { mode: number } | null): number
  openat(task: Task, dirfd: number, path: string, flags: number, mode: number): number
  read(task: Task, fd: number, buffer: Uint8Array): number
  getdents64(task: Task, fd: number, buffer: Uint8Array): number
  close(task: Task, fd: number): number
  lgetxattr(task: Task, path: string, name: string, value: Uint8Array): number
  lsetxattr(task: Task, path: string, name: string, value: Uint8Array, flags: number): number
}

const BUFFER = 4096
/** Of `struct linux_dirent64`: where its length is, and its name. */
const RECORD_LENGTH = 16
const NAME = 19

const decoder = new TextDecoder('utf-8', { fatal: true })

/** A byte of a name that is no UTF-8 is a lone surrogate, as the kernel's paths have it. */
const nameOf = (bytes: Uint8Array): string => {
  try {
    return decoder.decode(bytes)
  } catch {
    return String.fromCharCode(...Array.from(bytes, (byte) => (byte < 0x80 ? byte : 0xdc00 | byte)))
  }
}

const entriesOf = (records: Uint8Array): string[] => {
  const names: string[] = []
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  for (let at = 0; at + NAME < records.length;) {
    const end = records.indexOf(0, at + NAME)
    names.push(nameOf(records.subarray(at + NAME, end)))
    at += view.getUint16(at + RECORD_LENGTH, true)
  }
  return names
}

export class TreeReader {
  readonly #sys: LabelCalls
  readonly #task: Task

  constructor(sys: LabelCalls, task: Task) {
    this.#sys = sys
    this.#task = task
  }

  /** Names in a directory, itself and its parent apart; -errno. */
  names(path: string): string[] | number {
    const parts = this.#all(path, O_DIRECTORY, (fd, buffer) => this.#sys.getdents64(this.#task, fd, buffer))
    return typeof parts === 'number' ? parts : parts.flatMap(entriesOf).filter((name) => name !== '.' && name !== '..')
  }

  /** A file's text; -errno. */
  text(path: string): string | number {
    const parts = this.#all(path, 0, (fd, buffer) => this.#sys.read(this.#task, fd, buffer))
    if (typeof parts === 'number') return parts
    const text = new TextDecoder()
    return parts.map((part) => text.decode(part, { stream: true })).join('')
  }

  /** Calls `next` until it gives nothing more. */
  #all(path: string, flags: number, next: (fd: number, buffer: Uint8Array) => number): Uint8Array[] | number {
    const sys = this.#sys
    const task = this.#task
    const fd = sys.openat(task, AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | flags, 0)
    if (fd < 0) return fd
    const parts: Uint8Array[] = []
    let n: number
    for (let buffer = new Uint8Array(BUFFER); (n = next(fd, buffer)) > 0; buffer = new Uint8Array(BUFFER)) {
      parts.push(buffer.subarray(0, n))
    }
    sys.close(task, fd)
    return n < 0 ? n : parts
  }
}
