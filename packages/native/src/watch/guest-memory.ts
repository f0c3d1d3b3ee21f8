/** The memory of a program whose call waits: read once into memory of the watcher's own. */
import { EFAULT, ENAMETOOLONG, PATH_MAX } from '@lsmkit/abi'
import { decodeName } from '@lsmkit/kernel/parts'
import type { System } from '../sys/system.ts'
import { Pinned } from './pinned.ts'

const PAGE = 4096
/** No argument that is read is longer. */
const MOST = 65_536
/** Most names are shorter: a part of a page is read in half the time of two pages. */
const FIRST = 256

export class GuestMemory {
  readonly #system: System
  readonly #data: Pinned
  /** `struct iovec`: one of ours, two of the program's. */
  readonly #own: Pinned
  readonly #theirs: Pinned
  readonly #buffer: Buffer

  constructor(system: System) {
    this.#system = system
    this.#data = new Pinned(system, MOST)
    this.#buffer = Buffer.from(this.#data.bytes.buffer)
    this.#own = new Pinned(system, 16)
    this.#theirs = new Pinned(system, 32)
    this.#own.putWord(0, this.#data.address)
  }

  /** How many bytes were read: `size` at most, fewer where the memory ends; -EFAULT where nothing is mapped. */
  #read(pid: number, address: number, size: number): number {
    if (address === 0 || !Number.isSafeInteger(address)) return -EFAULT
    const length = Math.min(size, MOST)
    // a part of the vector that cannot be read ends the reading: the page in front of it is read nevertheless
    const first = Math.min(length, PAGE - (address % PAGE))
    this.#own.putWord(8, length)
    const theirs = this.#theirs
    theirs.putWord(0, address)
    theirs.putWord(8, first)
    theirs.putWord(16, address + first)
    theirs.putWord(24, length - first)
    const parts = length > first ? 2 : 1
    const read = this.#system.call('process_vm_readv', pid, this.#own.address, 1, this.#theirs.address, parts, 0)
    return read <= 0 ? -EFAULT : read
  }

  /** A copy of the bytes at an address; -EFAULT where fewer than `size` are there, or `size` is beyond 64 KiB. */
  bytes(pid: number, address: number, size: number): Uint8Array | number {
    if (size > MOST) return -EFAULT
    return this.#read(pid, address, size) === size ? this.#data.bytes.slice(0, size) : -EFAULT
  }

  /** Writes a few bytes into the program's memory. False where none can be written. */
  put(pid: number, address: number, bytes: Uint8Array): boolean {
    this.#data.bytes.set(bytes)
    this.#own.putWord(8, bytes.length)
    this.#theirs.putWord(0, address)
    this.#theirs.putWord(8, bytes.length)
    return this.#system.call(
      'process_vm_writev', pid, this.#own.address, 1, this.#theirs.address, 1, 0) === bytes.length
  }

  /** A name as `getname` reads it: -EFAULT where it cannot be read, -ENAMETOOLONG from PATH_MAX on. */
  name(pid: number, address: number): string | number {
    let read = this.#read(pid, address, Math.min(FIRST, PAGE - (address % PAGE)))
    if (read < 0) return read
    let length = this.#length(read)
    if (length < 0) {
      read = this.#read(pid, address, PATH_MAX)
      if (read < 0) return read
      length = this.#length(read)
    }
    if (length < 0) return read === PATH_MAX ? -ENAMETOOLONG : -EFAULT
    if (this.#isAscii(length)) return this.#buffer.toString('latin1', 0, length)
    return decodeName(this.#data.bytes.subarray(0, length))
  }

  /** Bytes in front of the first NUL of those that were read; -1 where there is none. */
  #length(read: number): number {
    const { bytes } = this.#data
    for (let at = 0; at < read; at++) if (bytes[at] === 0) return at
    return -1
  }

  #isAscii(length: number): boolean {
    const { bytes } = this.#data
    for (let at = 0; at < length; at++) if (bytes[at]! > 0x7f) return false
    return true
  }
}
