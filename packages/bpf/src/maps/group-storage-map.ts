/** CGROUP_STORAGE and PERCPU_CGROUP_STORAGE: one value for each control group that has a program of the map. */
import { BPF_EXIST, BPF_F_LOCK, EINVAL, ENOENT } from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap, roundUp8 } from './bpf-map.ts'
import { copyValue } from './copy.ts'
import type { SpecialField } from './copy.ts'
import type { MapSpace } from './map-space.ts'

/** Keys are the group's id in 8 bytes, and behind it the attach type where they have 16. */
export class GroupStorageMap extends BpfMap {
  /** Address of the value by group and attach type, in the order they came. */
  readonly #values = new Map<string, number>()
  readonly #fields: readonly SpecialField[]

  constructor(spec: MapSpec, space: MapSpace, fields: readonly SpecialField[]) {
    super(spec, space)
    this.#fields = fields
  }

  /** Of a group that a program of the map is attached to: made, zeroed, when it is first asked for; 0 without room. */
  of(group: number, attachType: number): number {
    const name = this.#name(group, attachType)
    const found = this.#values.get(name)
    if (found !== undefined) return found
    const value = this.tryTake(roundUp8(this.valueSize), 'data')
    if (value < 0) return 0
    this.#values.set(name, value)
    return value
  }

  override lookup(key: number): number {
    return this.#values.get(this.#nameAt(key)) ?? 0
  }

  override update(key: number, value: number, flags: number): number {
    const hasLock = this.#fields.some(({ name }) => name === 'bpf_spin_lock')
    if (flags & ~(BPF_F_LOCK | BPF_EXIST) || (flags & BPF_F_LOCK && !hasLock)) return -EINVAL
    const at = this.lookup(key)
    if (at === 0) return -ENOENT
    copyValue(this.memory, at, value, this.valueSize, this.#fields)
    return 0
  }

  override delete(_key: number): number {
    return -EINVAL
  }

  override nextKey(key: number, next: number): number {
    const names = [...this.#values.keys()]
    const at = key === 0 ? -1 : names.indexOf(this.#nameAt(key))
    const name = key !== 0 && at < 0 ? undefined : names[at + 1]
    if (name === undefined) return -ENOENT
    const [group, attachType] = name.split(' ').map(Number)
    this.memory.u8.fill(0, next, next + this.keySize)
    this.memory.view.setBigUint64(next, BigInt(group!), true)
    if (this.keySize > 8) this.memory.view.setUint32(next + 8, attachType!, true)
    return 0
  }

  override get count(): number {
    return this.#values.size
  }

  override free(): void {
    for (const value of this.#values.values()) this.give(value, roundUp8(this.valueSize))
    super.free()
  }

  #name(group: number, attachType: number): string {
    return `${group} ${this.keySize > 8 ? attachType : 0}`
  }

  #nameAt(key: number): string {
    const { view } = this.memory
    return this.#name(Number(view.getBigUint64(key, true)), this.keySize > 8 ? view.getUint32(key + 8, true) : 0)
  }
}
