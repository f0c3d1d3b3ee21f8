/** The entries of a directory one by one, out of getdents64. */
import { FMODE_PATH, O_DIRECTORY, O_RDONLY, SEEK_SET } from '@lsmkit/abi'
import type { File, Task } from '@lsmkit/core'
import type { Sys } from './kernel.ts'

/** Bytes of `struct linux_dirent64` before the name. */
const HEAD = 19
const CHUNK = 4096

export class DirectoryReader {
  /** Of the current entry: where the directory goes on, inode number, DT_ type, name as it is stored. */
  next = 0
  ino = 0
  type = 0
  name = new Uint8Array(0)
  private readonly sys: Sys
  private readonly task: Task
  private readonly chunk = new Uint8Array(CHUNK)
  private readonly view = new DataView(this.chunk.buffer)
  private fd = -1
  private opened = false
  private at = 0
  private end = 0

  constructor(sys: Sys, task: Task) {
    this.sys = sys
    this.task = task
  }

  /**
   * Starts at a position; 0 or -errno. A preopened directory is held without the right to read it, so that a program
   * which never does needs no permission: it is opened for reading here.
   */
  begin(fd: number, file: File, position: number): number {
    this.at = this.end = 0
    this.opened = (file.f_mode & FMODE_PATH) !== 0
    this.fd = this.opened ? this.sys.openat(this.task, fd, '.', O_RDONLY | O_DIRECTORY, 0) : fd
    if (this.fd < 0) return this.fd
    return Math.min(0, this.sys.lseek(this.task, this.fd, position, SEEK_SET))
  }

  /** 1: there is an entry; 0: that was all; -errno. */
  read(): number {
    if (this.at === this.end) {
      const got = this.sys.getdents64(this.task, this.fd, this.chunk)
      if (got <= 0) return got
      this.at = 0
      this.end = got
    }
    const { at, view, chunk } = this
    const length = view.getUint16(at + 16, true)
    this.ino = Number(view.getBigUint64(at, true))
    this.next = Number(view.getBigInt64(at + 8, true))
    this.type = view.getUint8(at + 18)
    this.name = chunk.subarray(at + HEAD, chunk.indexOf(0, at + HEAD))
    this.at = at + length
    return 1
  }

  finish(): void {
    if (this.opened && this.fd >= 0) this.sys.close(this.task, this.fd)
    this.fd = -1
  }
}
