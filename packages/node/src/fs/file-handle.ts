/** An open file as `fs.promises.open` gives it: all that it does is done on the descriptor. */
import type { TaskFiles } from '@lsmkit/kernel/files'
import type { Operations } from './operations.ts'
import { bytesOf } from './options.ts'
import type { Data, FileOptions } from './options.ts'
import type { Stats } from './stats.ts'

type FileArgument = FileOptions | BufferEncoding | null

export class FileHandle {
  readonly fd: number
  readonly #files: TaskFiles
  readonly #calls: Operations

  constructor(files: TaskFiles, calls: Operations, fd: number) {
    this.#files = files
    this.#calls = calls
    this.fd = fd
  }

  async read<T extends NodeJS.ArrayBufferView>(
    buffer: T, offset = 0, length = buffer.byteLength - offset, position: number | null = null,
  ): Promise<{ bytesRead: number; buffer: T }> {
    const part = new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length)
    return { bytesRead: this.#files.read(this.fd, part, position), buffer }
  }

  async write(data: Data, position: number | null = null): Promise<{ bytesWritten: number }> {
    return { bytesWritten: this.#files.write(this.fd, bytesOf(data, 'utf8'), position) }
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
  async stat(): Promise<Stats> {
    return this.#calls.fstat(this.fd)
  }
  async chmod(mode: number): Promise<void> {
    this.#calls.fchmod(this.fd, mode)
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
    this.#files.close(this.fd)
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
