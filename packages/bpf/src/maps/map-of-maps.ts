/** ARRAY_OF_MAPS and HASH_OF_MAPS: values are addresses of other maps' headers, in memory programs cannot write. */
import { BPF_ANY, BPF_F_INNER_MAP, BPF_MAP_TYPE_ARRAY, E2BIG, EINVAL, ENOENT } from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { ArrayMap } from './array-map.ts'
import type { BpfMap } from './bpf-map.ts'
import { HashMap } from './hash-map.ts'
import type { MapSpace } from './map-space.ts'

/** Whether a map may stand where the template does: the verifier has relied on all of it. */
export const fitsTemplate = (map: BpfMap, template: MapSpec): boolean =>
  map.type === template.type && map.keySize === template.keySize && map.valueSize === template.valueSize &&
  map.flags === template.flags &&
  // what is looked up in place must have as many elements, unless the program checks (BPF_F_INNER_MAP)
  (template.type !== BPF_MAP_TYPE_ARRAY || (template.flags & BPF_F_INNER_MAP) !== 0 ||
    map.maxEntries === template.maxEntries)

/** ARRAY_OF_MAPS; each map in it has to be like `template`. */
export class ArrayOfMaps extends ArrayMap {
  readonly template: MapSpec

  constructor(spec: MapSpec, space: MapSpace) {
    super(spec, space, [], 'read-only')
    this.template = spec.inner!
  }

  /** Address of the inner map's header. */
  override lookup(key: number): number {
    const slot = super.lookup(key)
    return slot === 0 ? 0 : this.memory.view.getUint32(slot, true)
  }

  /** 0, -EINVAL for a map that is not as the template, -E2BIG. */
  put(key: number, map: BpfMap, flags = BPF_ANY): number {
    if (flags !== BPF_ANY || !fitsTemplate(map, this.template)) return -EINVAL
    const slot = super.lookup(key)
    if (slot === 0) return -E2BIG
    this.memory.view.setUint32(slot, map.address, true)
    return 0
  }

  /** As `put`, with the key as a number. */
  putAt(index: number, map: BpfMap): number {
    if (!fitsTemplate(map, this.template)) return -EINVAL
    if (index >= this.maxEntries) return -E2BIG
    this.memory.view.setUint32(this.values + index * this.stride, map.address, true)
    return 0
  }

  override update(_key: number, _value: number, _flags: number): number {
    return -EINVAL
  }

  override delete(key: number): number {
    const slot = super.lookup(key)
    if (slot === 0) return -E2BIG
    if (this.memory.view.getUint32(slot, true) === 0) return -ENOENT
    this.memory.view.setUint32(slot, 0, true)
    return 0
  }
}

/** HASH_OF_MAPS; each map in it has to be like `template`. */
export class HashOfMaps extends HashMap {
  readonly template: MapSpec
  readonly #scratch: number

  constructor(spec: MapSpec, space: MapSpace) {
    super(spec, space, [], 'read-only')
    this.template = spec.inner!
    this.#scratch = this.take(8, 'read-only')
  }

  override lookup(key: number): number {
    const slot = super.lookup(key)
    return slot === 0 ? 0 : this.memory.view.getUint32(slot, true)
  }

  override peekAt(key: number): number {
    return this.lookup(key)
  }

  put(key: number, map: BpfMap, flags = BPF_ANY): number {
    if (!fitsTemplate(map, this.template)) return -EINVAL
    this.memory.view.setUint32(this.#scratch, map.address, true)
    return super.update(key, this.#scratch, flags)
  }

  /** As `put`, for keys of four bytes. */
  putAt(key: number, map: BpfMap): number {
    if (this.keySize !== 4) return -EINVAL
    this.memory.view.setUint32(this.#scratch + 4, key, true)
    return this.put(this.#scratch + 4, map)
  }

  override update(_key: number, _value: number, _flags: number): number {
    return -EINVAL
  }

  override free(): void {
    this.give(this.#scratch, 8)
    super.free()
  }
}
