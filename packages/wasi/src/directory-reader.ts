/** The entries of a directory one by one, out of getdents64. */
import { FMODE_PATH, O_DIRECTORY, O_RDONLY, SEEK_SET } from '@lsmkit/abi'
import type { File, Task } from '@lsmkit/core'
import type { Sys } from './kernel.ts'
import { getU64 } from './u64.ts'

/** Bytes of `struct linux_dirent64` before the name. */
const HEAD = 19
/** The longest entry: a name of 255 bytes and its end. */
const LONGEST = 280
const CHUNK = 4096

export class DirectoryReader {
  /** Of the current entry: where the directory goes on, inode number, DT_ type, bytes of the name. */
  next = 0
  ino = 0
  type = 0
  length = 0
  readonly #sys: Sys
  readonly #task: Task
  readonly #chunk = new Uint8Array(CHUNK)
  readonly #view = new DataView(this.#chunk.buffer)
  #fd = -1
  #opened = false
  #nameAt = 0
  #at = 0
  #end = 0

  constructor(sys: Sys, task: Task) {
    this.#sys = sys
    this.#task = task
  }

  /**
   * Starts at a position; 0 or -errno. A preopened directory is held without the right to read it, so that a program
   * which never does needs no permission: it is opened for reading here.
   */
  begin(fd: number, file: File, position: number): number {
    this.#at = this.#end = 0
    this.#opened = (file.f_mode & FMODE_PATH) !== 0
    this.#fd = this.#opened ? this.#sys.openat(this.#task, fd, '.', O_RDONLY | O_DIRECTORY, 0) : fd
    if (this.#fd < 0) return this.#fd
    return Math.min(0, this.#sys.lseek(this.#task, this.#fd, position, SEEK_SET))
  }

  /** 1: there is an entry; 0: that was all; -errno. `wanted`: about how many bytes of entries are still of use. */
  read(wanted: number): number {
    if (this.#at === this.#end) {
      const size = Math.min(CHUNK, Math.max(LONGEST, wanted))
      const got = this.#sys.getdents64(this.#task, this.#fd, this.#chunk.subarray(0, size))
      if (got <= 0) return got
      this.#at = 0
      this.#end = got
    }
    const at = this.#at
    const view = this.#view
    const chunk = this.#chunk
    const length = view.getUint16(at + 16, true)
    this.ino = getU64(view, at)
    this.next = getU64(view, at + 8)
    this.type = view.getUint8(at + 18)
    this.#nameAt = at + HEAD
    let end = this.#nameAt
    while (chunk[end] !== 0) end++
    this.length = end - this.#nameAt
    this.#at = at + length
    return 1
  }

  /** As much of the name as `to` has room for at `at`. */
  copyName(to: Uint8Array, at: number): void {
    const { length } = this
    const chunk = this.#chunk
    const nameAt = this.#nameAt
    for (let i = 0; i < length; i++) to[at + i] = chunk[nameAt + i]!
  }

  finish(): void {
    if (this.#opened && this.#fd >= 0) this.#sys.close(this.#task, this.#fd)
    this.#fd = -1
  }
}
