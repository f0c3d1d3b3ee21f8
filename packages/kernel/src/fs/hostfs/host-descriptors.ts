/**
 * Descriptors of the host that one folder holds: those that programs open are counted and bounded, and all are given
 * back at the latest when nobody can reach the folder any more.
 */
import { ENFILE } from '@lsmkit/abi'
import type { FolderWatch } from './folder-watch.ts'
import type { HostCalls, Place } from './host-calls.ts'

export class HostDescriptors {
  readonly #own = new Set<number>()
  readonly #ofPrograms = new Set<number>()
  /** A folder may be known as two nodes: each watch counts. */
  readonly #watches: FolderWatch[] = []
  /** How many programs may hold. */
  readonly #most: number
  readonly #calls: HostCalls

  constructor(most: number, calls: HostCalls) {
    this.#most = most
    this.#calls = calls
  }

  /** Keeps one of the folder itself; an error is passed on. */
  keep(fd: number): number {
    if (fd >= 0) this.#own.add(fd)
    return fd
  }

  /** One of the folder itself; -errno when refused. */
  open(place: Place, flags: number): number {
    return this.keep(this.#calls.open(place, flags, 0))
  }

  /** One for a program; -ENFILE when they have too many. */
  openFile(place: Place, flags: number, mode = 0): number {
    if (this.#ofPrograms.size >= this.#most) return -ENFILE
    const fd = this.#calls.open(place, flags, mode)
    if (fd >= 0) this.#ofPrograms.add(fd)
    return fd
  }

  close(fd: number): void {
    if (this.#ofPrograms.delete(fd) || this.#own.delete(fd)) this.#calls.close(fd)
  }

  /** Null where the host watches no folders. */
  watch(fd: number): FolderWatch | null {
    const watch = this.#calls.watches?.watch(fd) ?? null
    if (watch !== null) this.#watches.push(watch)
    return watch
  }

  unwatch(watch: FolderWatch): void {
    const at = this.#watches.indexOf(watch)
    if (at < 0) return
    this.#watches.splice(at, 1)
    this.#calls.watches!.unwatch(watch)
  }

  closeAll(): void {
    for (const watch of this.#watches.splice(0)) this.#calls.watches!.unwatch(watch)
    for (const fds of [this.#ofPrograms, this.#own]) {
      for (const fd of fds) this.#calls.close(fd)
      fds.clear()
    }
  }
}

const forgotten = new FinalizationRegistry<HostDescriptors>((descriptors) => descriptors.closeAll())

/** Closes all of them when `owner` is gone. */
export const closeWith = (owner: object, descriptors: HostDescriptors): void =>
  forgotten.register(owner, descriptors, descriptors)
