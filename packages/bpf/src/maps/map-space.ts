/** The maps of one stack: their memory and its limit, their ids, and who lies at an address. */
import { ENOMEM } from '@lsmkit/abi'
import { aFunction, checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { BpfError } from '../error.ts'
import type { BpfMemory } from '../vm/memory.ts'
import type { BpfMap, MapHome } from './bpf-map.ts'

export interface MapSpaceOptions {
  /** Most bytes of all maps together, `RLIMIT_MEMLOCK` of old. Default 256 MiB. */
  readonly limit?: number
  /** Called with each value that is overwritten or deleted and holds kernel pointers, timers or lists. */
  readonly release?: (map: BpfMap, value: number) => void
  /** Called with each map that goes. */
  readonly releaseAll?: (map: BpfMap) => void
  /** Called when a map begins and ends to keep a value beside the kernel object at that address. */
  readonly kept?: (map: BpfMap, owner: number, isThere: boolean) => void
}

const rules: OptionRules<MapSpaceOptions> = {
  limit: wholeNumber(0), release: aFunction, releaseAll: aFunction, kept: aFunction,
}

/** The maps of one stack. `limit` is the bytes that all of them may take. */
export class MapSpace implements MapHome {
  readonly memory: BpfMemory
  readonly limit: number
  readonly release: (map: BpfMap, value: number) => void
  readonly releaseAll: (map: BpfMap) => void
  readonly kept: (map: BpfMap, owner: number, isThere: boolean) => void
  readonly #maps = new Map<number, BpfMap>()
  readonly #addresses = new Map<number, BpfMap>()
  #nextId = 1
  #taken = 0
  /** Memory taken since a map began to be made; null in between. */
  #begun: (readonly [address: number, size: number])[] | null = null

  constructor(memory: BpfMemory, options: MapSpaceOptions = {}) {
    checkOptions(options, rules, 'MapSpace')
    this.memory = memory
    this.limit = options.limit ?? 256 << 20
    this.release = options.release ?? (() => {})
    this.releaseAll = options.releaseAll ?? (() => {})
    this.kept = options.kept ?? (() => {})
  }

  /** Bytes that maps have now. */
  get used(): number {
    return this.#taken
  }

  /** The map whose header lies at the address: what a program's register points to. Null when none does. */
  at(address: number): BpfMap | null {
    return this.#addresses.get(address) ?? null
  }

  /** Null when there is none of that id. */
  byId(id: number): BpfMap | null {
    return this.#maps.get(id) ?? null
  }

  all(): IterableIterator<BpfMap> {
    return this.#maps.values()
  }

  add(map: BpfMap): number {
    const id = this.#nextId++
    this.#maps.set(id, map)
    this.#addresses.set(map.address, map)
    return id
  }

  remove(map: BpfMap): void {
    this.#maps.delete(map.id)
    this.#addresses.delete(map.address)
  }

  /** Makes a map; when that throws, what it had taken is free again. */
  whole<Made>(make: () => Made): Made {
    const first = this.#nextId
    this.#begun = []
    try {
      return make()
    } catch (error) {
      for (const [address, size] of this.#begun) this.give(address, size)
      for (const map of this.#maps.values()) if (map.id >= first) this.remove(map)
      throw error
    } finally {
      this.#begun = null
    }
  }

  /** Throws BpfError -ENOMEM before anything is allocated past the limit. */
  take(size: number, access: 'data' | 'read-only', name: string | null = null): number {
    const address = this.tryTake(size, access)
    if (address >= 0) return address
    throw new BpfError('too-large', `${size} bytes, of ${this.limit} for all maps ${this.#taken} are taken`, name,
      'fewer entries, or a higher limit', -ENOMEM)
  }

  /** -1 when there is no room. */
  tryTake(size: number, access: 'data' | 'read-only'): number {
    if (!(size >= 0) || this.#taken + size > this.limit) return -1
    const address = this.memory.tryAlloc(size, 8, access)
    if (address === 0) return -1
    this.#taken += size
    this.#begun?.push([address, size])
    return address
  }

  give(address: number, size: number): void {
    this.memory.free(address, size)
    this.#taken -= size
  }
}
