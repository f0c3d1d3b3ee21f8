/**
 * The state of a descriptor in preview 1 beside the kernel's own: its rights, and the name of a preopened directory.
 *
 * The numbers are the kernel's. An entry belongs to one open file: when the number stands for another file now
 * (closed and opened again behind our back), the entry is void.
 */
import {
  FMODE_LSEEK, WASI_ERRNO_BADF, WASI_ERRNO_NOTCAPABLE, WASI_ERRNO_SUCCESS, WASI_FILETYPE_DIRECTORY,
} from '@lsmkit/abi'
import type { File, Task } from '@lsmkit/core'
import type { WasiKernel } from './kernel.ts'
import { deniedByMode, fileType, INHERITING, rightsOfType } from './rights.ts'

type Machine = WasiKernel['machine']

export class Descriptor {
  readonly file: File
  readonly type: number
  base: number
  inheriting: number
  /** UTF-8 name of a preopened directory; null for the rest. */
  preopen: Uint8Array | null = null

  constructor(file: File, type: number, base: number, inheriting: number) {
    this.file = file
    this.type = type
    this.base = base
    this.inheriting = inheriting
  }

  /** A pipe, socket or terminal: it has no position. */
  get isStream(): boolean {
    return this.type !== WASI_FILETYPE_DIRECTORY && (this.file.f_mode & FMODE_LSEEK) === 0
  }
}

export class Descriptors {
  readonly #machine: Machine
  readonly #task: Task
  readonly #entries: (Descriptor | undefined)[] = []

  constructor(machine: Machine, task: Task) {
    this.#machine = machine
    this.#task = task
  }

  /** 0 when `fd` is open and has all of `rights`; badf or notcapable. */
  check(fd: number, rights: number): number {
    const entry = this.find(fd)
    if (entry === null) return WASI_ERRNO_BADF
    return (entry.base & rights) === rights ? WASI_ERRNO_SUCCESS : WASI_ERRNO_NOTCAPABLE
  }

  find(fd: number): Descriptor | null {
    const entry = this.#entries[fd]
    if (entry !== undefined && entry.file === this.#task.files?.fd[fd]) return entry
    return this.#adopt(fd)
  }

  /** Registers a file just opened with the rights asked for, less those that mean nothing for it. */
  open(fd: number, base: number, inheriting: number): Descriptor | null {
    const file = this.#fileOf(fd)
    if (file === null) return null
    const type = this.#typeOf(file)
    const allowed = possible(file, type)
    const entry = new Descriptor(file, type, base & allowed, type === WASI_FILETYPE_DIRECTORY ? inheriting : 0)
    this.#entries[fd] = entry
    return entry
  }

  /** Takes over the state of files from another process: rights given up there are missing here too. */
  inherit(from: Descriptors): void {
    for (const [fd, entry] of from.#entries.entries()) {
      if (entry === undefined || entry.preopen !== null) continue
      this.#entries[fd] = new Descriptor(entry.file, entry.type, entry.base, entry.inheriting)
    }
  }

  /** The entry of `from` is now that of `to`, as the kernel's dup2 and close have made it. */
  move(from: number, to: number): void {
    this.#entries[to] = this.#entries[from]
    this.#entries[from] = undefined
  }

  forget(fd: number): void {
    this.#entries[fd] = undefined
  }

  /** A file that was not opened through preview 1: the rights of its double if it has one, else all it can have. */
  #adopt(fd: number): Descriptor | null {
    const file = this.#fileOf(fd)
    if (file === null) return null
    const double = this.#entries.find((entry) => entry?.file === file)
    const type = this.#typeOf(file)
    const entry =
      double === undefined
        ? new Descriptor(file, type, possible(file, type), type === WASI_FILETYPE_DIRECTORY ? INHERITING : 0)
        : new Descriptor(file, type, double.base, double.inheriting)
    this.#entries[fd] = entry
    return entry
  }

  #typeOf(file: File): number {
    return fileType(file.f_inode.i_mode, this.#machine.net.sock_from_file(file)?.type)
  }

  #fileOf(fd: number): File | null {
    return this.#task.files?.fd[fd] ?? null
  }
}

const possible = (file: File, type: number): number =>
  rightsOfType(type, (file.f_mode & FMODE_LSEEK) !== 0) & ~deniedByMode(file.f_mode, type)
