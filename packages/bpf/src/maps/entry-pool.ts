/** Entries of a hash, taken in slabs of growing size and used again when they are given back. */
import type { MapSpace } from './map-space.ts'

const FIRST = 16
const MOST = 4096
/** Where an entry keeps its value's address (hash-map.ts). */
const VALUE = 8

interface Slab {
  readonly entries: number
  readonly values: number
  readonly count: number
}

export class EntryPool {
  readonly #space: MapSpace
  readonly #entrySize: number
  readonly #valueSize: number
  readonly #access: 'data' | 'read-only'
  readonly #slabs: Slab[] = []
  #free = 0
  #next = FIRST

  /** Sizes are multiples of 8. Each entry is tied to one value for good, as the kernel's preallocated elements. */
  constructor(space: MapSpace, entrySize: number, valueSize: number, access: 'data' | 'read-only') {
    this.#space = space
    this.#entrySize = entrySize
    this.#valueSize = valueSize
    this.#access = access
  }

  /** 0 when there is no room. */
  take(): number {
    if (this.#free === 0 && !this.#extend()) return 0
    const { view } = this.#space.memory
    const entry = this.#free
    this.#free = view.getUint32(entry, true)
    return entry
  }

  give(entry: number): void {
    this.#space.memory.view.setUint32(entry, this.#free, true)
    this.#free = entry
  }

  /** The entry whose value has the byte at an address, in use or not; 0 when none has. */
  entryOf(address: number): number {
    for (const { entries, values, count } of this.#slabs) {
      const index = Math.floor((address - values) / this.#valueSize)
      if (index >= 0 && index < count) return entries + index * this.#entrySize
    }
    return 0
  }

  free(): void {
    for (const { entries, values, count } of this.#slabs) {
      this.#space.give(entries, count * this.#entrySize)
      this.#space.give(values, count * this.#valueSize)
    }
    this.#slabs.length = 0
    this.#free = 0
  }

  /** A slab, smaller ones when there is no room for a larger. */
  #extend(): boolean {
    for (let count = this.#next; count > 0; count >>= 2) {
      const entries = this.#space.tryTake(count * this.#entrySize, 'read-only')
      if (entries < 0) continue
      const values = this.#space.tryTake(count * this.#valueSize, this.#access)
      if (values < 0) {
        this.#space.give(entries, count * this.#entrySize)
        continue
      }
      this.#slabs.push({ entries, values, count })
      this.#chain(entries, values, count)
      this.#next = Math.min(count * 2, MOST)
      return true
    }
    return false
  }

  #chain(entries: number, values: number, count: number): void {
    const { view } = this.#space.memory
    for (let index = count - 1; index >= 0; index--) {
      const entry = entries + index * this.#entrySize
      view.setUint32(entry + VALUE, values + index * this.#valueSize, true)
      this.give(entry)
    }
  }
}
