/** The operations of a spool on its folder: few, so that a test can end it between any two of them. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { orNull, syncFolder } from '../store/folder/disk.ts'

export interface SpoolDisk {
  names(): Promise<readonly string[]>
  /** Makes an empty file, or empties one, and makes its name last. */
  create(name: string): Promise<void>
  /** All bytes at this place, or an error. They last after `sync`. */
  write(name: string, at: number, bytes: Uint8Array): Promise<void>
  sync(name: string): Promise<void>
  /** From a place on, at most so many bytes; fewer at the end. Null where there is no such file. */
  read(name: string, at: number, most: number): Promise<Buffer | null>
  cut(name: string, size: number): Promise<void>
  /** The new name lasts. */
  rename(from: string, to: string): Promise<void>
  remove(name: string): Promise<void>
  close(): Promise<void>
}

/** One file is open for writing at a time. */
export class FolderDisk implements SpoolDisk {
  readonly #path: string
  #writing: { readonly name: string, readonly handle: FileHandle } | null = null

  constructor(path: string) {
    this.#path = path
  }

  async names(): Promise<readonly string[]> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 })
    return readdir(this.#path)
  }

  async create(name: string): Promise<void> {
    await this.close()
    this.#writing = { name, handle: await open(join(this.#path, name), 'w', 0o600) }
    await syncFolder(this.#path)
  }

  async #handle(name: string): Promise<FileHandle> {
    if (this.#writing?.name !== name) {
      await this.close()
      this.#writing = { name, handle: await open(join(this.#path, name), 'r+') }
    }
    return this.#writing!.handle
  }

  async write(name: string, at: number, bytes: Uint8Array): Promise<void> {
    const handle = await this.#handle(name)
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done)
      done += bytesWritten
    }
  }

  async sync(name: string): Promise<void> {
    await (await this.#handle(name)).datasync()
  }

  async read(name: string, at: number, most: number): Promise<Buffer | null> {
    const handle = await orNull(open(join(this.#path, name), 'r'))
    if (handle === null) return null
    try {
      const { size } = await handle.stat()
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(most, size - at)))
      let length = 0
      for (;;) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length, at + length)
        length += bytesRead
        if (bytesRead === 0 || length === bytes.length) return bytes.subarray(0, length)
      }
    } finally {
      await handle.close()
    }
  }

  async cut(name: string, size: number): Promise<void> {
    await (await this.#handle(name)).truncate(size)
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(join(this.#path, from), join(this.#path, to))
    await syncFolder(this.#path)
  }

  async remove(name: string): Promise<void> {
    if (this.#writing?.name === name) await this.close()
    await rm(join(this.#path, name), { force: true })
  }

  async close(): Promise<void> {
    const writing = this.#writing
    this.#writing = null
    await writing?.handle.close()
  }
}
