/** Arrays of what lives outside: programs to tail-call, cgroups, readers of perf events. */
import { BPF_ANY, E2BIG, EINVAL, ENOENT, EOPNOTSUPP } from '@lsmkit/abi'
import { anObject, checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap } from './bpf-map.ts'
import type { MapSpace } from './map-space.ts'
import { takesProgram } from './program-owner.ts'
import type { HeldProgram } from './traits.ts'
import { Waiters } from './waiters.ts'

/** CGROUP_ARRAY and PROG_ARRAY. Programs cannot look into them; a slot's content is whatever the host put there. */
export class ObjectArray<Held extends object = object> extends BpfMap {
  readonly #held: (Held | null)[]
  /** Called after each change of a slot: compiled tail calls go through a table of their own. */
  onChange: ((index: number, held: Held | null) => void) | null = null

  constructor(spec: MapSpec, space: MapSpace) {
    super(spec, space)
    this.#held = []
  }

  /** Null for an empty slot and for one that is not there. */
  at(index: number): Held | null {
    return this.#held[index] ?? null
  }

  /** 0, or -errno as BPF_MAP_UPDATE_ELEM with a descriptor. */
  put(index: number, held: Held, flags = 0): number {
    const rc = this.accepts(index, flags)
    if (rc !== 0) return rc
    this.#held[index] = held
    this.onChange?.(index, held)
    return 0
  }

  protected accepts(index: number, flags: number): number {
    if (flags !== BPF_ANY) return -EINVAL
    return index >= this.maxEntries ? -E2BIG : 0
  }

  drop(index: number): number {
    if (index >= this.maxEntries) return -E2BIG
    if (!this.#held[index]) return -ENOENT
    this.#held[index] = null
    this.onChange?.(index, null)
    return 0
  }

  override delete(key: number): number {
    return this.drop(this.memory.view.getUint32(key, true))
  }

  override nextKey(key: number, next: number): number {
    const index = key === 0 ? 0xffff_ffff : this.memory.view.getUint32(key, true)
    if (index === this.maxEntries - 1) return -ENOENT
    this.memory.view.setUint32(next, index >= this.maxEntries ? 0 : index + 1, true)
    return 0
  }

  override get count(): number {
    return this.#held.reduce((sum, held) => sum + (held ? 1 : 0), 0)
  }
}

/** PROG_ARRAY: its slots take programs of one kind. */
export class ProgramArray extends ObjectArray<HeldProgram> {
  /** As `ObjectArray.put`; -EINVAL for a program of another kind than the array's owner. */
  override put(index: number, held: HeldProgram, flags = 0): number {
    const rc = this.accepts(index, flags)
    if (rc !== 0) return rc
    return takesProgram(this, held.traits) ? super.put(index, held, flags) : -EINVAL
  }
}

const eventRules: OptionRules<{ index?: number; most?: number; signal?: AbortSignal }> = {
  index: wholeNumber(0), most: wholeNumber(0), signal: anObject,
}

/** PERF_EVENT_ARRAY: `output` reaches who opened the slot with `events`; there is processor 0 only. */
export class PerfEventArray extends BpfMap {
  readonly #readers = new Map<number, { queue: Uint8Array[]; waiters: Waiters; lost: number; most: number }>()

  /** Events of one slot as they come. `most` not yet read are kept, later ones are lost and counted. */
  async *events(options: { index?: number; most?: number; signal?: AbortSignal } = {}): AsyncGenerator<Uint8Array> {
    checkOptions(options, eventRules, 'events')
    const index = options.index ?? 0
    if (index >= this.maxEntries) return
    const reader = { queue: [] as Uint8Array[], waiters: new Waiters(), lost: 0, most: options.most ?? 4096 }
    this.#readers.set(index, reader)
    try {
      for (;;) {
        yield* reader.queue.splice(0)
        if (options.signal?.aborted) return
        if (reader.queue.length === 0 && !(await reader.waiters.wait(options.signal))) return
      }
    } finally {
      if (this.#readers.get(index) === reader) this.#readers.delete(index)
    }
  }

  /** As `bpf_perf_event_output`: -E2BIG for no slot, -ENOENT when nobody reads it. */
  output(index: number, data: Uint8Array): number {
    if (index >= this.maxEntries) return -E2BIG
    const reader = this.#readers.get(index)
    if (!reader) return -ENOENT
    if (reader.queue.length >= reader.most) {
      reader.lost++
      return 0
    }
    reader.queue.push(data)
    reader.waiters.wake()
    return 0
  }

  /** Events of a slot that were not kept. */
  lost(index = 0): number {
    return this.#readers.get(index)?.lost ?? 0
  }

  override update(_key: number, _value: number, _flags: number): number {
    return -EOPNOTSUPP
  }

  override free(): void {
    for (const { waiters } of this.#readers.values()) waiters.end()
    super.free()
  }
}
