/** Makes maps as an object asks for them, checked before anything is allocated. */
import * as abi from '@lsmkit/abi'
import { bpfMapTypeName, EINVAL, ENOTSUPP, errnoName } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import { BpfError } from '../error.ts'
import type { BpfObject, MapSpec } from '../object/bpf-object.ts'
import { isMapOfMaps } from '../object/changes.ts'
import { innerMapHint, openSizes, sizeHint } from '../object/needs.ts'
import { ArenaMap } from './arena-map.ts'
import { ArrayMap } from './array-map.ts'
import { BloomMap } from './bloom-map.ts'
import type { BpfMap } from './bpf-map.ts'
import { specialFields } from './copy.ts'
import type { SpecialField } from './copy.ts'
import { CpuMap, DeviceMap } from './device-map.ts'
import { GroupStorageMap } from './group-storage-map.ts'
import { HashMap } from './hash-map.ts'
import { LpmMap } from './lpm-map.ts'
import { ArrayOfMaps, fitsTemplate, HashOfMaps } from './map-of-maps.ts'
import { checkMapParams } from './map-params.ts'
import type { MapSpace } from './map-space.ts'
import { ObjectArray, PerfEventArray, ProgramArray } from './object-array.ts'
import { QueueMap } from './queue-map.ts'
import { RingBuffer } from './ring-buffer.ts'
import { SocketMap } from './socket-map.ts'
import { StackTraceMap } from './stack-trace-map.ts'
import { StorageMap } from './storage-map.ts'
import { UserRing } from './user-ring.ts'

/** `LIBBPF_PIN_BY_NAME`. */
const PIN_BY_NAME = 1

export interface MapEnv {
  readonly space: MapSpace
  /** Types that a map's key and value are of, null without. */
  readonly types: Btf | null
}

const leftOpen = (spec: MapSpec): string => {
  const names = openSizes(spec).map(({ name }) => name)
  return names.length === 0 ? '' : ` of ${names.join(' and ')} 0`
}

/**
 * Why the kernel does not make a map, with the errno of BPF_MAP_CREATE, and the option for what the object leaves open;
 * null where it makes it.
 */
export const mapRefusal = (given: MapSpec): BpfError | null => {
  const spec = withDefaults(given)
  if (isMapOfMaps(spec) && !spec.inner) {
    return new BpfError('bad-map', 'holds maps, but nothing shows which', spec.symbol, innerMapHint(spec), -EINVAL)
  }
  // a key's type alone is for user space only: libbpf makes the map without types then
  const rc = checkMapParams(spec.valueTypeId === 0 ? { ...spec, keyTypeId: 0 } : spec)
  if (rc === 0) return null
  const what = `the kernel makes no such ${bpfMapTypeName(spec.type)}${leftOpen(spec)} (${errnoName(rc)})`
  return new BpfError('bad-map', what, spec.symbol, sizeHint(spec), rc)
}

/** Throws BpfError with the errno of BPF_MAP_CREATE. */
export const createMap = (spec: MapSpec, { space, types }: MapEnv): BpfMap => {
  const refusal = mapRefusal(spec)
  if (refusal !== null) throw refusal
  if (spec.type === abi.BPF_MAP_TYPE_STRUCT_OPS) {
    const why = 'this kernel has no struct of functions that programs could replace (struct_ops)'
    throw new BpfError('unsupported', why, spec.symbol, null, -ENOTSUPP)
  }
  const fields = types && spec.valueTypeId !== 0 && !spec.data ? specialFields(types, spec.valueTypeId) : []
  const map = space.whole(() => make(spec, space, fields))
  map.frozen = spec.frozen
  return map
}

const make = (spec: MapSpec, space: MapSpace, fields: readonly SpecialField[]): BpfMap => {
  switch (spec.type) {
    case abi.BPF_MAP_TYPE_ARRAY: case abi.BPF_MAP_TYPE_PERCPU_ARRAY: return new ArrayMap(spec, space, fields)
    case abi.BPF_MAP_TYPE_HASH: case abi.BPF_MAP_TYPE_PERCPU_HASH:
    case abi.BPF_MAP_TYPE_LRU_HASH: case abi.BPF_MAP_TYPE_LRU_PERCPU_HASH: return new HashMap(spec, space, fields)
    case abi.BPF_MAP_TYPE_LPM_TRIE: return new LpmMap(spec, space)
    case abi.BPF_MAP_TYPE_ARRAY_OF_MAPS: return new ArrayOfMaps(spec, space)
    case abi.BPF_MAP_TYPE_HASH_OF_MAPS: return new HashOfMaps(spec, space)
    case abi.BPF_MAP_TYPE_CGROUP_ARRAY: return new ObjectArray(spec, space)
    case abi.BPF_MAP_TYPE_PROG_ARRAY: return new ProgramArray(spec, space)
    case abi.BPF_MAP_TYPE_PERF_EVENT_ARRAY: return new PerfEventArray(spec, space)
    case abi.BPF_MAP_TYPE_QUEUE: case abi.BPF_MAP_TYPE_STACK: return new QueueMap(spec, space)
    case abi.BPF_MAP_TYPE_BLOOM_FILTER: return new BloomMap(spec, space)
    case abi.BPF_MAP_TYPE_RINGBUF: return new RingBuffer(spec, space)
    case abi.BPF_MAP_TYPE_USER_RINGBUF: return new UserRing(spec, space)
    case abi.BPF_MAP_TYPE_STACK_TRACE: return new StackTraceMap(spec, space)
    case abi.BPF_MAP_TYPE_ARENA: return new ArenaMap(spec, space)
    case abi.BPF_MAP_TYPE_SOCKMAP: case abi.BPF_MAP_TYPE_SOCKHASH: case abi.BPF_MAP_TYPE_XSKMAP:
    case abi.BPF_MAP_TYPE_REUSEPORT_SOCKARRAY: return new SocketMap(spec, space)
    case abi.BPF_MAP_TYPE_DEVMAP: case abi.BPF_MAP_TYPE_DEVMAP_HASH: return new DeviceMap(spec, space)
    case abi.BPF_MAP_TYPE_CPUMAP: return new CpuMap(spec, space)
    case abi.BPF_MAP_TYPE_CGROUP_STORAGE:
    case abi.BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE: return new GroupStorageMap(spec, space, fields)
    default: return new StorageMap(spec, space, fields)
  }
}

/** Maps that outlive their object, by name: the file system that pins maps, flat. */
export type Pins = Map<string, BpfMap>

/**
 * All maps of an object, in its order. Those pinned by name are taken from `pins` when they are there, and put there
 * when not. Inner maps that slots name are put in; programs of PROG_ARRAYs are for who loads the programs.
 * When one cannot be made, none is left behind.
 */
export const createMaps = (object: BpfObject, space: MapSpace, pins: Pins = new Map()): BpfMap[] => {
  const made: BpfMap[] = []
  const maps: BpfMap[] = []
  try {
    for (const spec of object.maps) {
      const sized = withDefaults(spec)
      const pinned = spec.pinning === PIN_BY_NAME ? pins.get(spec.symbol) : undefined
      if (pinned && !isSame(pinned, sized)) {
        throw new BpfError('bad-map', 'is pinned with other parameters', spec.symbol, null, -EINVAL)
      }
      const map = pinned ?? createMap(sized, { space, types: object.btf })
      if (!pinned) made.push(map)
      maps.push(map)
    }
    for (const [index, spec] of object.maps.entries()) putInner(maps[index]!, spec, object, maps)
  } catch (error) {
    for (const map of made) map.free()
    throw error
  }
  for (const map of made) if (map.spec.pinning === PIN_BY_NAME) pins.set(map.spec.symbol, map)
  return maps
}

/**
 * What loaders fill in of a PERF_EVENT_ARRAY: libbpf and cilium/ebpf a slot for each processor, the latter the sizes of
 * keys and values too.
 */
const withDefaults = (spec: MapSpec): MapSpec => spec.type !== abi.BPF_MAP_TYPE_PERF_EVENT_ARRAY ? spec : {
  ...spec, keySize: spec.keySize || 4, valueSize: spec.valueSize || 4, maxEntries: spec.maxEntries || 1,
}

const isSame = (map: BpfMap, spec: MapSpec): boolean =>
  map.type === spec.type && map.keySize === spec.keySize && map.valueSize === spec.valueSize &&
  map.maxEntries === spec.maxEntries && map.flags === spec.flags

const putInner = (map: BpfMap, spec: MapSpec, object: BpfObject, maps: readonly BpfMap[]): void => {
  if (!(map instanceof ArrayOfMaps) && !(map instanceof HashOfMaps)) return
  for (const [index, symbol] of spec.slots) {
    const inner = maps[object.maps.findIndex((other) => other.symbol === symbol)]
    if (!inner || !fitsTemplate(inner, map.template)) {
      throw new BpfError('bad-map', `slot ${index} cannot hold \`${symbol}\``, spec.symbol, null, -EINVAL)
    }
    map.putAt(index, inner)
  }
}
