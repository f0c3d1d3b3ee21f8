/** An open directory as `fs.opendir` gives it: read by and by, on its descriptor. */
import { posix } from 'node:path'
import { setImmediate } from 'node:timers'
import { AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_RDONLY } from '@lsmkit/abi'
import { answered, Dirent } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { mistake } from './arguments/argument-error.ts'
import { functionOf } from './arguments/checks.ts'
import { nameIn } from './arguments/paths.ts'
import type { NameEncoding } from './arguments/paths.ts'
import type { Callback } from './forms.ts'

/** Bytes that an entry may take in the buffer. */
const ENTRY = 280
const USUAL_ENTRIES = 32

type Entry = Dirent<string | Buffer>

export interface DirChoice {
  readonly encoding?: NameEncoding
  readonly bufferSize?: number
  readonly recursive?: boolean
}

const closedError = (): Error => mistake('ERR_DIR_CLOSED', 'Directory handle was closed', Error)

/** As `fs.Dir`. */
export class Dir {
  readonly path: string
  readonly #files: TaskFiles
  readonly #encoding: NameEncoding
  readonly #isRecursive: boolean
  readonly #buffer: Uint8Array
  /** Directories that are still to be read; only with `recursive`. */
  readonly #todo: string[] = []
  #waiting: Entry[] = []
  /** The directory that is being read: its path and descriptor; null at the end. */
  #open: { readonly path: string; readonly fd: number } | null
  #isClosed = false

  /** Opens it. Throws FileError. */
  constructor(files: TaskFiles, path: string, options: DirChoice) {
    this.path = path
    this.#files = files
    this.#encoding = options.encoding ?? null
    this.#isRecursive = options.recursive ?? false
    this.#buffer = new Uint8Array(ENTRY * Math.min(options.bufferSize ?? USUAL_ENTRIES, 1024))
    this.#open = this.#opened(path)
  }

  /** The next entry, or null at the end. */
  readSync(): Entry | null {
    if (this.#isClosed) throw closedError()
    while (this.#waiting.length === 0 && this.#open !== null) this.#readOn(this.#open)
    return this.#waiting.shift() ?? null
  }

  read(): Promise<Entry | null>
  read(callback: Callback<Entry | null>): void
  read(callback?: Callback<Entry | null>): Promise<Entry | null> | void {
    if (this.#isClosed) throw closedError()
    return this.#later(() => this.readSync(), callback)
  }

  closeSync(): void {
    if (this.#isClosed) throw closedError()
    this.#isClosed = true
    if (this.#open !== null) this.#files.close(this.#open.fd)
    this.#open = null
  }

  close(): Promise<void>
  close(callback: Callback<void>): void
  close(callback?: Callback<void>): Promise<void> | void {
    if (callback !== undefined) functionOf(callback, 'callback')
    if (this.#isClosed && callback === undefined) return Promise.reject(closedError())
    return this.#later(() => this.closeSync(), callback)
  }

  /** Closes it at the end. */
  async *entries(): AsyncIterableIterator<Entry> {
    try {
      for (;;) {
        const entry = await this.read()
        if (entry === null) return
        yield entry
      }
    } finally {
      this.closeSync()
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Entry> {
    return this.entries()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) await this.close()
  }

  [Symbol.dispose](): void {
    if (!this.#isClosed) this.closeSync()
  }

  #later<T>(act: () => T, callback: Callback<T> | undefined): Promise<T> | void {
    if (callback === undefined) {
      return new Promise((resolve, reject) => this.#handOn(act, (error, result) =>
        (error === null ? resolve(result as T) : reject(error))))
    }
    this.#handOn(act, functionOf(callback, 'callback'))
  }

  #handOn<T>(act: () => T, callback: Callback<T>): void {
    let [error, result]: [Error | null, T | undefined] = [null, undefined]
    try {
      result = act()
    } catch (thrown) {
      error = thrown as Error
    }
    setImmediate(() => (error === null ? callback(null, result) : callback(error)))
  }

  #opened(path: string): { path: string; fd: number } {
    const { sys, task } = this.#files
    const fd = answered(sys.openat(task, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), 'opendir', path)
    return { path, fd }
  }

  /** Reads a part of the directory that is open, and goes on to the next one at its end. */
  #readOn({ path, fd }: { readonly path: string; readonly fd: number }): void {
    const batch = this.#files.entryBatch(fd, this.#buffer, path)
    if (batch === null) {
      this.#files.close(fd)
      this.#open = null
      const next = this.#todo.shift()
      if (next !== undefined) this.#open = this.#opened(next)
      return
    }
    const parentPath = path
    this.#waiting = batch.map(({ name, type }) => {
      const entry = new Dirent({ name: nameIn(name, this.#encoding), parentPath, type })
      if (this.#isRecursive && entry.isDirectory()) this.#todo.push(posix.join(path, name))
      return entry
    })
  }
}
