/** An open file as `fs.promises.open` gives it: all that it does is done on the descriptor. */
import { EventEmitter } from 'node:events'
import type { ReadStream, WriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Interface } from 'node:readline/promises'
import { ReadableStream } from 'node:stream/web'
import { EBADF } from '@lsmkit/abi'
import { FileError } from '@lsmkit/kernel/files'
import type { BigIntStats, Stats, TaskFiles } from '@lsmkit/kernel/files'
import { mistake } from './arguments/argument-error.ts'
import type { View } from './arguments/data.ts'
import type { StatOptions } from './arguments/options.ts'
import type { StreamOptions } from './arguments/stream-options.ts'
import type { Time } from './arguments/times.ts'
import type { FileArgument } from './calls/contents.ts'
import type { Operations, Transfers } from './calls/index.ts'
import { readIn, readPart, writeOut, writePart } from './calls/transfers.ts'
import type { PartOptions, Position, Rest } from './calls/transfers.ts'
import { later } from './forms.ts'
import type { Call } from './forms.ts'
import { noteHandle } from './open-handle.ts'
import type { StreamClasses } from './streams.ts'
import { writeWhole } from './whole-data.ts'
import type { WholeData } from './whole-data.ts'

const WEB_CHUNK = 16384

/** The parts that a handle works with. */
export interface HandleParts {
  readonly files: TaskFiles
  readonly calls: Operations
  readonly transfers: Transfers
  readonly streams: StreamClasses
}

export interface WebStreamOptions {
  readonly type?: 'bytes'
  readonly autoClose?: boolean
}

/** As `fs.promises.FileHandle`. */
export class FileHandle extends EventEmitter {
  readonly #parts: HandleParts
  #fd: number
  #isLocked = false

  constructor(parts: HandleParts, fd: number) {
    super()
    this.#parts = parts
    this.#fd = fd
    noteHandle(this)
  }

  /** -1 once it is closed. */
  get fd(): number {
    return this.#fd
  }

  async read<T extends View = Buffer>(
    buffer?: T | PartOptions & { buffer?: T } | null, ...rest: Rest
  ): Promise<{ bytesRead: number; buffer: T }> {
    const part = readPart(this.#open('read'), buffer ?? undefined, rest)
    return { bytesRead: await this.#later(() => readIn(this.#parts.files, part)), buffer: part.of as T }
  }
  async write<T extends View | string>(buffer: T, ...rest: Rest): Promise<{ bytesWritten: number; buffer: T }> {
    const part = writePart(this.#open('write'), buffer, rest)
    return { bytesWritten: await this.#later(() => writeOut(this.#parts.files, part)), buffer }
  }
  async readv<T extends readonly View[]>(
    buffers: T, position?: Position,
  ): Promise<{ bytesRead: number; buffers: T }> {
    const fd = this.#open('read')
    return { bytesRead: await this.#later(() => this.#parts.transfers.readv(fd, buffers, position)), buffers }
  }
  async writev<T extends readonly View[]>(
    buffers: T, position?: Position,
  ): Promise<{ bytesWritten: number; buffers: T }> {
    const fd = this.#open('write')
    return { bytesWritten: await this.#later(() => this.#parts.transfers.writev(fd, buffers, position)), buffers }
  }

  async readFile(options?: FileArgument): Promise<string | Buffer> {
    return this.#later(this.#parts.calls.readFile, this.#open('read'), options)
  }
  async writeFile(data: WholeData, options?: FileArgument): Promise<void> {
    await writeWhole(this.#parts, this.#open('write'), data, options)
  }
  async appendFile(data: WholeData, options?: FileArgument): Promise<void> {
    return this.writeFile(data, options)
  }
  async stat(options?: StatOptions): Promise<Stats | BigIntStats> {
    return this.#later(this.#parts.calls.fstat, this.#open('fstat'), options)
  }
  async chmod(mode: number | string): Promise<void> {
    return this.#later(this.#parts.calls.fchmod, this.#open('fchmod'), mode)
  }
  async chown(uid: number, gid: number): Promise<void> {
    return this.#later(this.#parts.calls.fchown, this.#open('fchown'), uid, gid)
  }
  async utimes(atime: Time, mtime: Time): Promise<void> {
    return this.#later(this.#parts.calls.futimes, this.#open('futime'), atime, mtime)
  }
  async truncate(length = 0): Promise<void> {
    return this.#later(this.#parts.calls.ftruncate, this.#open('ftruncate'), length)
  }
  async sync(): Promise<void> {
    return this.#later(this.#parts.calls.fsync, this.#open('fsync'))
  }
  async datasync(): Promise<void> {
    return this.#later(this.#parts.calls.fdatasync, this.#open('fdatasync'))
  }

  createReadStream(options?: StreamOptions): ReadStream {
    return new (this.#parts.streams.ReadStream)(undefined, { ...options, fd: this })
  }
  createWriteStream(options?: StreamOptions): WriteStream {
    return new (this.#parts.streams.WriteStream)(undefined, { ...options, fd: this })
  }
  /** A line at a time, from where the file stands. */
  readLines(options?: StreamOptions): Interface {
    const input = this.createReadStream(options)
    return createInterface({ input, crlfDelay: Infinity }) as unknown as Interface
  }
  /** Bytes from where the file stands. `autoClose`: the handle is closed at the end. */
  readableWebStream({ autoClose = false }: WebStreamOptions = {}): ReadableStream {
    if (this.#fd === -1) throw mistake('ERR_INVALID_STATE', 'Invalid state: The FileHandle is closed', Error)
    if (this.#isLocked) throw mistake('ERR_INVALID_STATE', 'Invalid state: The FileHandle is locked', Error)
    this.#isLocked = true
    const ended = async (): Promise<void> => {
      this.#isLocked = false
      if (autoClose) await this.close()
    }
    return new ReadableStream({
      type: 'bytes',
      autoAllocateChunkSize: WEB_CHUNK,
      pull: async (controller): Promise<void> => {
        const { byobRequest } = controller
        const { bytesRead } = await this.read(byobRequest!.view as Uint8Array)
        if (bytesRead === 0) {
          controller.close()
          await ended()
        }
        byobRequest!.respond(bytesRead)
      },
      cancel: ended,
    })
  }

  /** A second call does nothing. */
  async close(): Promise<void> {
    if (this.#fd === -1) return
    const fd = this.#fd
    this.#fd = -1
    await this.#later(this.#parts.calls.close, fd)
    this.emit('close')
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #open(syscall: string): number {
    if (this.#fd === -1) throw new FileError(-EBADF, syscall)
    return this.#fd
  }

  #later<A extends readonly unknown[], R>(call: (...args: A) => R, ...args: A): Promise<R> {
    return later(call as unknown as Call)(...args) as Promise<R>
  }
}
