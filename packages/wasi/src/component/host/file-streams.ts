/** Streams of open files: at a place of the file, at its end, or where it stands. */
import { RWF_APPEND } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Process } from '../../process.ts'
import { Pollable } from './pollable.ts'
import { InputStream, OutputStream } from './streams.ts'

/** An open file, for as long as it is: a stream does not outlive it. */
export interface Opened {
  readonly fd: number
}

export const fileOf = ({ task }: Process, { fd }: Opened): File | null => task.files?.fd[fd] ?? null

export class FileInput extends InputStream {
  readonly opened: Opened
  /** Null: where the file stands. */
  #offset: number | null

  constructor(opened: Opened, offset: number | null) {
    super()
    this.opened = opened
    this.#offset = offset
  }

  read({ sys, task }: Process, buffer: Uint8Array): number {
    const { opened: { fd } } = this
    const offset = this.#offset
    if (offset === null) return sys.read(task, fd, buffer)
    const rc = sys.pread64(task, fd, buffer, offset)
    if (rc > 0) this.#offset = offset + rc
    return rc
  }

  poll(process: Process): Pollable {
    return Pollable.ofFile(() => fileOf(process, this.opened), false)
  }
}

export class FileOutput extends OutputStream {
  readonly opened: Opened
  #place: number | 'end' | null

  constructor(opened: Opened, place: number | 'end' | null) {
    super()
    this.opened = opened
    this.#place = place
  }

  write({ sys, task }: Process, bytes: Uint8Array): number {
    const { opened: { fd } } = this
    const place = this.#place
    if (place === null) return sys.write(task, fd, bytes)
    if (place === 'end') return sys.pwritev2(task, fd, [bytes], 0, RWF_APPEND)
    const rc = sys.pwrite64(task, fd, bytes, place)
    if (rc > 0) this.#place = place + rc
    return rc
  }

  poll(process: Process): Pollable {
    return Pollable.ofFile(() => fileOf(process, this.opened), true)
  }
}
