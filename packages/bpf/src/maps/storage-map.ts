/** TASK_, INODE_, SK_ and CGRP_STORAGE: one value for each owner, which dies with it. */
import {
  BPF_EXIST, BPF_LOCAL_STORAGE_GET_F_CREATE, BPF_NOEXIST, EEXIST, EINVAL, ENOENT, ENOMEM, ENOTSUPP,
} from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap, isUpdateFlag, roundUp8 } from './bpf-map.ts'
import { copyValue } from './copy.ts'
import type { SpecialField } from './copy.ts'
import type { MapSpace } from './map-space.ts'

/** Owners are known by the address of their kernel object. */
export class StorageMap extends BpfMap {
  readonly #values = new Map<number, number>()
  readonly #space: MapSpace
  readonly #fields: readonly SpecialField[]

  constructor(spec: MapSpec, space: MapSpace, fields: readonly SpecialField[]) {
    super(spec, space)
    this.#space = space
    this.#fields = fields
  }

  /** As `bpf_task_storage_get` and its kin: address of the value or 0. `initial` 0: zeroes. */
  get(owner: number, initial: number, flags: number): number {
    if (owner === 0 || (flags !== 0 && flags !== BPF_LOCAL_STORAGE_GET_F_CREATE)) return 0
    const found = this.#values.get(owner)
    if (found !== undefined || flags === 0) return found ?? 0
    return this.#create(owner, initial)
  }

  /** As BPF_MAP_UPDATE_ELEM with a descriptor of the owner. */
  set(owner: number, value: number, flags = 0): number {
    if (!isUpdateFlag(flags)) return -EINVAL
    const found = this.#values.get(owner)
    if (found === undefined) {
      if (flags & BPF_EXIST) return -ENOENT
      return this.#create(owner, value) === 0 ? -ENOMEM : 0
    }
    if (flags & BPF_NOEXIST) return -EEXIST
    copyValue(this.memory, found, value, this.valueSize, this.#fields)
    return 0
  }

  /** 0 or -ENOENT. Also what the owner's end calls. */
  drop(owner: number): number {
    const value = this.#values.get(owner)
    if (value === undefined) return -ENOENT
    this.#values.delete(owner)
    this.#space.kept(this, owner, false)
    if (this.#fields.length > 0) this.#space.release(this, value)
    this.give(value, roundUp8(this.valueSize))
    return 0
  }

  owners(): IterableIterator<number> {
    return this.#values.keys()
  }

  /** There is no order among owners. */
  override nextKey(_key: number, _next: number): number {
    return -ENOTSUPP
  }

  override get count(): number {
    return this.#values.size
  }

  override free(): void {
    for (const owner of [...this.#values.keys()]) this.drop(owner)
    super.free()
  }

  #create(owner: number, initial: number): number {
    const value = this.tryTake(roundUp8(this.valueSize), 'data')
    if (value < 0) return 0
    if (initial !== 0) copyValue(this.memory, value, initial, this.valueSize, this.#fields)
    this.#values.set(owner, value)
    this.#space.kept(this, owner, true)
    return value
  }
}
