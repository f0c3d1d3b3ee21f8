/** The contents of a loaded object's maps, for people: nothing is consumed, and nothing changes. */
import { bpfMapTypeName } from '@lsmkit/abi'
import { wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { ArrayMap } from '../maps/array-map.ts'
import { BloomMap } from '../maps/bloom-map.ts'
import { CpuMap, DeviceMap } from '../maps/device-map.ts'
import type { MapHandle } from '../maps/map-handle.ts'
import { ArrayOfMaps, HashOfMaps } from '../maps/map-of-maps.ts'
import { ObjectArray, PerfEventArray, ProgramArray } from '../maps/object-array.ts'
import { QueueMap } from '../maps/queue-map.ts'
import { RingBuffer } from '../maps/ring-buffer.ts'
import { SocketMap } from '../maps/socket-map.ts'
import { StorageMap } from '../maps/storage-map.ts'
import type { HeldProgram } from '../maps/traits.ts'
import { UserRing } from '../maps/user-ring.ts'
import { valueText } from '../maps/value-text.ts'
import type { ProgramSpec } from '../object/bpf-object.ts'
import type { Runnable } from '../vm/machine.ts'
import type { BpfCore } from './bpf-core.ts'
import { ownerText } from './owner-text.ts'

export interface ContentsOptions {
  /** Entries of each map at most; 64 unless given. */
  readonly most?: number
}

export const contentsRules: OptionRules<ContentsOptions> = { most: wholeNumber(0) }

/** Keys and values as text, decoded by the types of the object. */
export interface MapContents {
  readonly name: string
  /** `hash`, `prog_array`. */
  readonly type: string
  readonly maxEntries: number
  /** Elements that it has, of which `entries` may be the first. */
  readonly count: number
  /**
   * Key and value: of a PROG_ARRAY the slot and the program's name, of a storage the owner, of a map of maps the inner
   * map's name, of a ring or a queue the place in it.
   */
  readonly entries: readonly (readonly [key: string, value: string])[]
  /** Timers and work queues in its values. */
  readonly timers: readonly TimerContents[]
  /** A sentence beside the entries: bytes that wait, records that found no room; null for nothing to add. */
  readonly note: string | null
}

export interface TimerContents {
  readonly key: string
  /** Name of the function; null until it is set. */
  readonly callback: string | null
  /** Nanoseconds until it is called, 0 or less for now; null where it is not armed. */
  readonly due: number | null
}

/** A program of the object, for the names of its functions. */
interface OwnProgram {
  readonly runnable: Runnable
  readonly spec: ProgramSpec
}

/** Of each map of an object, sections of data too. */
export const contentsOf = (
  core: BpfCore, maps: Iterable<MapHandle>, programs: Iterable<OwnProgram>, { most = 64 }: ContentsOptions,
): MapContents[] => {
  const names = new Names(core, [...programs])
  return [...maps].map((handle) => {
    const { map } = handle
    const entries = first(entriesOf(handle, names, most), most)
    return {
      name: handle.name,
      type: bpfMapTypeName(map.type).replace('BPF_MAP_TYPE_', '').toLowerCase(),
      maxEntries: map.maxEntries, count: map instanceof RingBuffer ? map.waiting().length : countOf(handle), entries,
      timers: first(timersOf(core, handle, names), most),
      note: noteOf(handle),
    }
  })
}

/** Arrays have all of their elements. */
const countOf = ({ map }: MapHandle): number =>
  map instanceof ArrayMap && !(map instanceof ArrayOfMaps) ? map.maxEntries : map.count

/** Finds names for programs, functions and maps. */
class Names {
  readonly core: BpfCore
  readonly #programs: readonly OwnProgram[]

  constructor(core: BpfCore, programs: readonly OwnProgram[]) {
    this.core = core
    this.#programs = programs
  }

  program(held: HeldProgram): string {
    return (held.runnable as { readonly name?: string }).name ?? 'a program'
  }

  function(address: number): string | null {
    const target = this.core.programBuilder.machine.functionAt(address)
    if (target === null) return null
    const owner = this.#programs.find(({ runnable }) => runnable === target.program)
    return owner?.spec.subprograms[target.subprogram]?.name ?? `a function of ${target.program.name}`
  }

  map(address: number): string {
    return this.core.programBuilder.maps.at(address)?.spec.symbol ?? 'a map'
  }
}

const entriesOf = function* (handle: MapHandle, names: Names, most: number): Generator<[string, string]> {
  const { map } = handle
  if (map instanceof ProgramArray) {
    for (let at = 0; at < map.maxEntries; at++) {
      const held = map.at(at)
      if (held !== null) yield [String(at), names.program(held)]
    }
  } else if (map instanceof RingBuffer) {
    for (const [at, record] of handle.waiting({ most, ...recordType(handle) }).entries()) {
      yield [String(at), valueText(record)]
    }
  } else if (map instanceof QueueMap) {
    let at = 0
    for (const value of handle.queued()) yield [String(at++), valueText(value)]
  } else if (map instanceof StorageMap) {
    for (const [owner, value] of handle.owned()) yield [ownerText(owner), valueText(value)]
  } else if (map instanceof ArrayOfMaps || map instanceof HashOfMaps) {
    for (const key of handle.keys()) {
      const inner = handle.innerAt(key)
      if (inner !== 0) yield [valueText(key), names.map(inner)]
    }
  } else if (isOpen(handle)) {
    for (const [key, value] of handle) yield [valueText(key), valueText(value)]
  }
}

/** Kinds whose elements can be looked up one by one. */
const isOpen = ({ map }: MapHandle): boolean => !(
  map instanceof ObjectArray || map instanceof PerfEventArray || map instanceof BloomMap || map instanceof UserRing ||
  map instanceof SocketMap || map instanceof DeviceMap || map instanceof CpuMap || map.keySize === 0
)

/** Records of a ring are of `struct event` where the object has one of their size. */
const recordType = ({ types, map }: MapHandle): { readonly type?: string } => {
  if (types === null || map.spec.valueTypeId !== 0) return {}
  const id = types.find('event', 'struct')
  const [record] = id !== 0 && map instanceof RingBuffer ? map.waiting(1) : []
  return record !== undefined && types.size(id) === record.length ? { type: 'event' } : {}
}

const timersOf = function* (core: BpfCore, handle: MapHandle, names: Names): Generator<TimerContents> {
  const { asyncs } = core.programBuilder
  for (const { value, key, callback, due } of asyncs.of(handle.map)) {
    const { map } = handle
    const index = map instanceof ArrayMap ? (value - map.values) / map.stride : 0
    yield {
      key: key === 0 ? String(index) : valueText(handle.keyAt(key)),
      callback: callback === 0 ? null : names.function(callback),
      due: due === null ? null : due - asyncs.now(),
    }
  }
}

const noteOf = ({ map }: MapHandle): string | null => {
  if (map instanceof RingBuffer) {
    const lost = map.dropped === 0 ? '' : `; ${map.dropped} records found no room`
    return `${map.query(0)} of ${map.maxEntries} bytes wait for a reader${lost}`
  }
  if (map instanceof PerfEventArray) return 'keeps nothing: events go to their reader, or are lost'
  if (map instanceof BloomMap) return 'a Bloom filter answers what it may have seen, and lists nothing'
  return /PERCPU/.test(bpfMapTypeName(map.type)) ? 'the values of processor 0, the only one' : null
}

const first = <T>(items: Iterable<T>, most: number): T[] => {
  const found: T[] = []
  for (const item of items) {
    if (found.length >= most) break
    found.push(item)
  }
  return found
}
