/** STACK_TRACE: call stacks by the hash of their addresses. */
import { BPF_F_FAST_STACK_CMP, BPF_F_REUSE_STACKID, EEXIST, EINVAL, ENOENT } from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap } from './bpf-map.ts'
import type { MapSpace } from './map-space.ts'

/** STACK_TRACE: an id is the low bits of the hash of its stack. */
export class StackTraceMap extends BpfMap {
  /** Frames by id; the number of ids is a power of two. */
  readonly #traces = new Map<number, { hash: number; frames: readonly bigint[] }>()
  readonly #mask: number
  readonly #scratch: number

  constructor(spec: MapSpec, space: MapSpace) {
    super(spec, space)
    this.#mask = 2 ** Math.ceil(Math.log2(spec.maxEntries)) - 1
    this.#scratch = this.take(spec.valueSize, 'read-only')
  }

  /** As `bpf_get_stackid`: an id, -EEXIST when another stack has its place and may not be replaced. */
  record(frames: readonly bigint[], flags: number): number {
    const kept = frames.slice(0, this.valueSize / 8)
    const hash = kept.reduce((state, frame) => Math.imul(state ^ Number(frame & 0xffff_ffffn), 0x01000193), 0x811c9dc5)
    const id = (hash ^ (hash >>> 15)) & this.#mask
    const found = this.#traces.get(id)
    const isSame = found?.hash === hash &&
      ((flags & BPF_F_FAST_STACK_CMP) !== 0 || kept.every((frame, index) => found.frames[index] === frame))
    if (found && !isSame && !(flags & BPF_F_REUSE_STACKID)) return -EEXIST
    if (!isSame) this.#traces.set(id, { hash, frames: kept })
    return id
  }

  /** Programs cannot look stacks up; a system call gets a copy, zeroes behind the last frame. */
  override peekAt(key: number): number {
    const found = this.#traces.get(this.memory.view.getUint32(key, true))
    if (!found) return 0
    this.memory.u8.fill(0, this.#scratch, this.#scratch + this.valueSize)
    for (const [index, frame] of found.frames.entries()) {
      this.memory.view.setBigUint64(this.#scratch + index * 8, frame, true)
    }
    return this.#scratch
  }

  override update(_key: number, _value: number, _flags: number): number {
    return -EINVAL
  }

  override delete(key: number): number {
    return this.#traces.delete(this.memory.view.getUint32(key, true)) ? 0 : -ENOENT
  }

  override nextKey(key: number, next: number): number {
    const from = key === 0 ? 0 : this.memory.view.getUint32(key, true) + 1
    const id = [...this.#traces.keys()].filter((one) => one >= from).sort((one, other) => one - other)[0]
    if (id === undefined) return -ENOENT
    this.memory.view.setUint32(next, id, true)
    return 0
  }

  override get count(): number {
    return this.#traces.size
  }

  override free(): void {
    this.give(this.#scratch, this.valueSize)
    super.free()
  }
}
