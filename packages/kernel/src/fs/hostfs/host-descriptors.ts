/**
 * Descriptors of the host that one folder holds: those that programs open are counted and bounded, and all are given
 * back at the latest when nobody can reach the folder any more.
 */
import { closeSync, openSync } from 'node:fs'
import { EIO, ENFILE, errnoByName } from '@lsmkit/abi'

/** The errno of a host error, negative; -EIO for one the kernel does not know. */
export const rcOf = (error: unknown): number => {
  const { code } = error as { code?: unknown }
  return -((typeof code === 'string' ? errnoByName(code) : undefined) ?? EIO)
}

export class HostDescriptors {
  readonly #own = new Set<number>()
  readonly #ofPrograms = new Set<number>()
  /** How many programs may hold. */
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** One of the folder itself; -errno when refused. */
  open(path: string | Buffer, flags: number): number {
    try {
      const fd = openSync(path, flags)
      this.#own.add(fd)
      return fd
    } catch (error) {
      return rcOf(error)
    }
  }

  /** One for a program; -ENFILE when they have too many. */
  openFile(path: string | Buffer, flags: number, mode = 0): number {
    if (this.#ofPrograms.size >= this.#most) return -ENFILE
    try {
      const fd = openSync(path, flags, mode)
      this.#ofPrograms.add(fd)
      return fd
    } catch (error) {
      return rcOf(error)
    }
  }

  close(fd: number): void {
    if (this.#ofPrograms.delete(fd) || this.#own.delete(fd)) closeSync(fd)
  }

  closeAll(): void {
    for (const fds of [this.#ofPrograms, this.#own]) {
      for (const fd of fds) closeSync(fd)
      fds.clear()
    }
  }
}

const forgotten = new FinalizationRegistry<HostDescriptors>((descriptors) => descriptors.closeAll())

/** Closes all of them when `owner` is gone. */
export const closeWith = (owner: object, descriptors: HostDescriptors): void =>
  forgotten.register(owner, descriptors, descriptors)
