/** `fs.watch`: what happens to a file or in a directory, as events. */
import { EventEmitter } from 'node:events'
import { posix } from 'node:path'
import { setInterval, clearInterval, setImmediate } from 'node:timers'
import { S_IFDIR, S_IFMT } from '@lsmkit/abi'
import { FileError, isDirectory } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { nameIn } from '../arguments/paths.ts'
import type { Ignored } from '../arguments/options.ts'
import type { NameEncoding } from '../arguments/paths.ts'
import { Inotify } from './inotify.ts'
import type { Happening } from './inotify.ts'

const LONG = 2 ** 31 - 1

export interface WatchOptions {
  readonly encoding?: NameEncoding
  /** The process stays alive as long as it watches. */
  readonly persistent?: boolean
  readonly recursive?: boolean
  readonly signal?: AbortSignal
  /** Names below the path that are left out: patterns, expressions, functions. */
  readonly ignore?: NamePattern | readonly NamePattern[]
}
type NamePattern = string | RegExp | ((name: string) => boolean)

type Listener = (eventType: 'change' | 'rename', filename: string | Buffer) => void

/** The options with their checks done. */
export type CheckedWatch = Omit<WatchOptions, 'ignore'> & { readonly ignore?: Ignored }

/** As `fs.FSWatcher`: `change`, `close` and `error`. */
export class FSWatcher extends EventEmitter {
  readonly #files: TaskFiles
  readonly #encoding: NameEncoding
  readonly #isRecursive: boolean
  readonly #inotify: Inotify
  readonly #top: string
  /** Where the watch of a number is, below the path that was given. */
  readonly #places = new Map<number, string>()
  readonly #alive: NodeJS.Timeout
  readonly #ignores: Ignored
  #isClosed = false

  /** Throws FileError. */
  constructor(files: TaskFiles, path: string, options: CheckedWatch) {
    super()
    this.#files = files
    this.#top = path
    this.#ignores = options.ignore ?? (() => false)
    this.#encoding = options.encoding ?? null
    this.#isRecursive = options.recursive === true && (files.stat(path).mode & S_IFMT) === S_IFDIR
    this.#inotify = new Inotify(files, (events) => this.#hear(events))
    this.#alive = setInterval(() => {}, LONG)
    if (options.persistent === false) this.#alive.unref()
    try {
      this.#add('')
    } catch (error) {
      this.#end()
      throw error
    }
    const { signal } = options
    if (signal?.aborted === true) setImmediate(() => this.close())
    else signal?.addEventListener('abort', () => this.close(), { once: true })
  }

  close(): void {
    if (this.#isClosed) return
    this.#end()
    setImmediate(() => this.emit('close'))
  }
  ref(): this {
    this.#alive.ref()
    return this
  }
  unref(): this {
    this.#alive.unref()
    return this
  }
  [Symbol.dispose](): void {
    this.close()
  }

  #end(): void {
    this.#isClosed = true
    clearInterval(this.#alive)
    this.#inotify.close()
  }

  #pathOf(place: string): string {
    return place === '' ? this.#top : posix.join(this.#top, place)
  }

  /** A directory, and with `recursive` those below it. */
  #add(place: string): void {
    const path = this.#pathOf(place)
    this.#places.set(this.#inotify.add(path), place)
    if (!this.#isRecursive) return
    for (const entry of this.#files.readdir(path)) {
      if (isDirectory(entry)) this.#add(posix.join(place, entry.name))
    }
  }

  #hear(events: readonly Happening[]): void {
    for (const { wd, name, isChange, isEnd } of events) {
      const place = this.#places.get(wd)
      if (this.#isClosed || place === undefined) continue
      if (isEnd) this.#places.delete(wd)
      // the directory above has said so already
      if (isEnd && place !== '') continue
      const shown = name === '' ? posix.basename(this.#pathOf(place)) : posix.join(place, name)
      this.#tell(isChange ? 'change' : 'rename', shown)
      if (this.#isRecursive && !isChange && name !== '') this.#addNew(posix.join(place, name))
    }
  }

  #tell(eventType: 'change' | 'rename', place: string): void {
    if (!this.#isClosed && !this.#ignores(place)) this.emit('change', eventType, nameIn(place, this.#encoding))
  }

  /** Files that were made in a new directory before it was watched. */
  #tellAll(place: string): void {
    for (const entry of this.#files.readdir(this.#pathOf(place))) {
      const inside = posix.join(place, entry.name)
      this.#tell('rename', inside)
      if (isDirectory(entry)) this.#tellAll(inside)
    }
  }

  /** A directory that was made or moved here, unless it has gone again meanwhile. */
  #addNew(place: string): void {
    try {
      if ((this.#files.lstat(this.#pathOf(place)).mode & S_IFMT) !== S_IFDIR) return
      this.#add(place)
      this.#tellAll(place)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
    }
  }
}

export type WatchListener = Listener
