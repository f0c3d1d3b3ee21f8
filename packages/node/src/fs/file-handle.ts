/** An open file as `fs.promises.open` gives it: all that it does is done on the descriptor. */
import type { Stats } from '@lsmkit/kernel/files'
import type { Operations } from './operations.ts'
import type { Data, FileOptions, StatOptions } from './options.ts'
import type { Rest, Transfers } from './transfer.ts'

type FileArgument = FileOptions | BufferEncoding | null

type View = NodeJS.ArrayBufferView

/** As `fs.promises.FileHandle`. */
export class FileHandle {
  readonly fd: number
  readonly #calls: Operations
  readonly #transfers: Transfers

  constructor(calls: Operations, transfers: Transfers, fd: number) {
    this.#calls = calls
    this.#transfers = transfers
    this.fd = fd
  }

  async read<T extends View>(buffer: T, ...rest: Rest): Promise<{ bytesRead: number; buffer: T }> {
    return { bytesRead: this.#transfers.read(this.fd, buffer, ...rest), buffer }
  }
  async write<T extends View | string>(buffer: T, ...rest: Rest): Promise<{ bytesWritten: number; buffer: T }> {
    return { bytesWritten: this.#transfers.write(this.fd, buffer, ...rest), buffer }
  }
  async readv<T extends readonly View[]>(buffers: T, position?: number): Promise<{ bytesRead: number; buffers: T }> {
    return { bytesRead: this.#transfers.readv(this.fd, buffers, position), buffers }
  }
  async writev<T extends readonly View[]>(
    buffers: T, position?: number,
  ): Promise<{ bytesWritten: number; buffers: T }> {
    return { bytesWritten: this.#transfers.writev(this.fd, buffers, position), buffers }
  }

  async readFile(options?: FileArgument): Promise<string | Buffer> {
    return this.#calls.readFile(this.fd, options)
  }
  async writeFile(data: Data, options?: FileArgument): Promise<void> {
    this.#calls.writeFile(this.fd, data, options)
  }
  async appendFile(data: Data, options?: FileArgument): Promise<void> {
    this.#calls.writeFile(this.fd, data, options)
  }
  async stat(options?: StatOptions): Promise<Stats> {
    return this.#calls.fstat(this.fd, options)
  }
  async chmod(mode: number | string): Promise<void> {
    this.#calls.fchmod(this.fd, mode)
  }
  async chown(uid: number, gid: number): Promise<void> {
    this.#calls.fchown(this.fd, uid, gid)
  }
  async utimes(atime: number | string | Date, mtime: number | string | Date): Promise<void> {
    this.#calls.futimes(this.fd, atime, mtime)
  }
  async truncate(length = 0): Promise<void> {
    this.#calls.ftruncate(this.fd, length)
  }
  async sync(): Promise<void> {
    this.#calls.fsync(this.fd)
  }
  async datasync(): Promise<void> {
    this.#calls.fdatasync(this.fd)
  }
  async close(): Promise<void> {
    this.#calls.close(this.fd)
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
