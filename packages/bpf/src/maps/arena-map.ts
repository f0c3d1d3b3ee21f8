/** ARENA: pages that programs allocate and share with user space. */
import { EOPNOTSUPP } from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap } from './bpf-map.ts'
import type { MapSpace } from './map-space.ts'

const PAGE = 4096

/** The whole range is set aside when the map is made, so that every 32-bit offset in it lies somewhere. */
export class ArenaMap extends BpfMap {
  /** Address of the arena's first page. */
  readonly base: number
  readonly #pages: Uint8Array

  constructor(spec: MapSpec, space: MapSpace) {
    super(spec, space)
    this.base = this.take(spec.maxEntries * PAGE, 'data')
    this.#pages = new Uint8Array(spec.maxEntries)
    if (spec.data) {
      this.memory.u8.set(spec.data, this.base)
      this.#pages.fill(1, 0, Math.ceil(spec.data.length / PAGE))
    }
  }

  /** Offset of `count` pages in the arena, at `wanted` unless it is -1; -1 when there is no room. */
  allocPages(count: number, wanted = -1): number {
    if (!(count > 0) || count > this.maxEntries) return -1
    const from = wanted < 0 ? this.#findRoom(count) : wanted / PAGE
    if (from < 0 || !Number.isInteger(from) || from + count > this.maxEntries) return -1
    if (this.#pages.subarray(from, from + count).includes(1)) return -1
    this.#pages.fill(1, from, from + count)
    this.memory.u8.fill(0, this.base + from * PAGE, this.base + (from + count) * PAGE)
    return from * PAGE
  }

  /** Zeroes them; pages that are not allocated are passed over. */
  freePages(offset: number, count: number): void {
    const from = Math.max(0, Math.floor(offset / PAGE))
    const to = Math.min(this.maxEntries, from + count)
    if (to <= from) return
    this.#pages.fill(0, from, to)
    this.memory.u8.fill(0, this.base + from * PAGE, this.base + to * PAGE)
  }

  override update(_key: number, _value: number, _flags: number): number {
    return -EOPNOTSUPP
  }

  override free(): void {
    this.give(this.base, this.maxEntries * PAGE)
    super.free()
  }

  #findRoom(count: number): number {
    let run = 0
    for (let page = 0; page < this.#pages.length; page++) {
      run = this.#pages[page] ? 0 : run + 1
      if (run === count) return page - count + 1
    }
    return -1
  }
}
