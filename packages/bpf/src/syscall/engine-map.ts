/** A map as a kernel's bpf(2) uses it: keys and values are bytes outside of the programs' memory. */
import { EINVAL, ENOENT, ENOTSUPP } from '@lsmkit/abi'
import type { Cgroup, EngineMap, EngineProgram, OwnedValue, TargetProgram } from '@lsmkit/core'
import type { BpfMap } from '../maps/bpf-map.ts'
import { roundUp8 } from '../maps/bpf-map.ts'
import { specialFields } from '../maps/copy.ts'
import type { SpecialField } from '../maps/copy.ts'
import { TargetMap } from '../maps/device-map.ts'
import { ArrayOfMaps, HashOfMaps } from '../maps/map-of-maps.ts'
import { ObjectArray, ProgramArray } from '../maps/object-array.ts'
import { StorageMap } from '../maps/storage-map.ts'
import type { BpfMemory } from '../vm/memory.ts'
import { SyscallProgram } from './engine-program.ts'

const u32 = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)

const NO_STORAGE: OwnedValue = { lookup: () => -ENOTSUPP, update: () => -ENOTSUPP, delete: () => -ENOTSUPP }

export class SyscallMap implements EngineMap {
  readonly map: BpfMap
  readonly hasSpecialFields: boolean
  readonly hasSpinLock: boolean
  readonly memory: number
  readonly #memory: BpfMemory
  readonly #addressOf: (owner: object) => number
  readonly #fields: readonly SpecialField[]
  /** A key, the next one, and a value. */
  readonly #key: number
  readonly #next: number
  readonly #value: number
  readonly #room: number

  /** `addressOf`: what programs know an owner by; `taken`: bytes that making it took. */
  constructor(map: BpfMap, memory: BpfMemory, addressOf: (owner: object) => number, taken: number) {
    this.map = map
    this.memory = taken
    this.#memory = memory
    this.#addressOf = addressOf
    const { types, valueTypeId } = map.spec
    this.#fields = types && valueTypeId !== 0 ? specialFields(types, valueTypeId) : []
    this.hasSpecialFields = this.#fields.length > 0
    this.hasSpinLock = this.#fields.some(({ name }) => name === 'bpf_spin_lock')
    const key = roundUp8(map.keySize)
    this.#room = key * 2 + roundUp8(map.valueSize) + 8
    this.#key = memory.alloc(this.#room, 8, 'data')
    this.#next = this.#key + key
    this.#value = this.#next + key
  }

  get owner(): EngineMap['owner'] {
    const { owner } = this.map
    return owner === null ? null : { prog_type: owner.type, jited: owner.isCompiled }
  }

  get id(): number {
    return this.map.id
  }

  lookup(key: Uint8Array): Uint8Array | number {
    const at = this.map.peekAt(this.#put(this.#key, key))
    return at === 0 ? -ENOENT : this.#valueAt(at)
  }

  update(key: Uint8Array, value: Uint8Array, flags: number, target?: TargetProgram | number): number {
    const { map } = this
    if (map instanceof TargetMap && target !== undefined) {
      const held = typeof target === 'number' || !(target.program instanceof SyscallProgram)
        ? null
        : { id: target.id, traits: target.program.loaded.traits }
      return map.set(this.#put(this.#key, key), this.#put(this.#value, value), flags, held)
    }
    return this.map.update(this.#put(this.#key, key), this.#put(this.#value, value), flags)
  }

  delete(key: Uint8Array): number {
    return this.map.delete(this.#put(this.#key, key))
  }

  nextKey(key: Uint8Array | null): Uint8Array | number {
    const rc = this.map.nextKey(key === null ? 0 : this.#put(this.#key, key), this.#next)
    return rc === 0 ? this.#memory.u8.slice(this.#next, this.#next + this.map.keySize) : rc
  }

  push(value: Uint8Array, flags: number): number {
    return this.map.push(this.#put(this.#value, value), flags)
  }

  pop(): Uint8Array | number {
    return this.map.pop(this.#value) || this.#valueAt(this.#value)
  }

  peek(value: Uint8Array): Uint8Array | number {
    return this.map.peek(this.#put(this.#value, value)) || this.#valueAt(this.#value)
  }

  put(key: Uint8Array, held: EngineMap | EngineProgram | Cgroup, flags: number): number {
    const { map } = this
    if (map instanceof ProgramArray) {
      return held instanceof SyscallProgram ? map.put(u32(key), held.loaded, flags) : -EINVAL
    }
    if (map instanceof ObjectArray) return map.put(u32(key), held, flags)
    const isOfMaps = map instanceof ArrayOfMaps || map instanceof HashOfMaps
    return isOfMaps && held instanceof SyscallMap ? map.put(this.#put(this.#key, key), held.map, flags) : -EINVAL
  }

  ofOwner(owner: object): OwnedValue {
    const { map } = this
    if (!(map instanceof StorageMap)) return NO_STORAGE
    const address = this.#addressOf(owner)
    return {
      lookup: () => {
        const at = map.get(address, 0, 0)
        return at === 0 ? -ENOENT : this.#valueAt(at)
      },
      update: (value, flags) => map.set(address, this.#put(this.#value, value), flags),
      delete: () => map.drop(address),
    }
  }

  freeze(): void {
    this.map.frozen = true
  }

  free(): void {
    this.#memory.free(this.#key, this.#room)
    this.map.free()
  }

  /** Contents of an array of one element; null where there are none to be read as constants. */
  get contents(): Uint8Array | null {
    if (this.map.keySize !== 4 || this.map.maxEntries !== 1) return null
    const value = this.lookup(new Uint8Array(4))
    return typeof value === 'number' ? null : value
  }

  #put(at: number, bytes: Uint8Array): number {
    this.#memory.u8.set(bytes, at)
    return at
  }

  /** A copy, without what only helpers may see. */
  #valueAt(at: number): Uint8Array {
    const value = this.#memory.u8.slice(at, at + this.map.valueSize)
    for (const { offset, size } of this.#fields) value.fill(0, offset, offset + size)
    return value
  }
}
