/** Which helpers take which kinds of map, and which maps a program type may use at all. */
import { BPF_F_NO_PREALLOC, EINVAL, ownValue } from '@lsmkit/abi'
import type { FeatureName, Features } from '../kernels/features.ts'
import {
  MAP_ARENA, MAP_ARRAY, MAP_ARRAY_OF_MAPS, MAP_BLOOM_FILTER, MAP_CGROUP_ARRAY, MAP_CGROUP_STORAGE,
  MAP_CGRP_STORAGE, MAP_CPUMAP, MAP_DEVMAP, MAP_DEVMAP_HASH, MAP_HASH, MAP_HASH_OF_MAPS, MAP_INODE_STORAGE,
  MAP_LPM_TRIE, MAP_LRU_HASH, MAP_LRU_PERCPU_HASH, MAP_PERCPU_ARRAY, MAP_PERCPU_CGROUP_STORAGE, MAP_PERCPU_HASH,
  MAP_PERF_EVENT_ARRAY,
  MAP_PROG_ARRAY, MAP_QUEUE, MAP_REUSEPORT_SOCKARRAY, MAP_RINGBUF, MAP_SK_STORAGE, MAP_SOCKHASH, MAP_SOCKMAP, MAP_STACK,
  MAP_STACK_TRACE, MAP_STRUCT_OPS, MAP_TASK_STORAGE, MAP_USER_RINGBUF, MAP_XSKMAP,
} from './map.ts'
import type { VerifierMap } from './map.ts'
import type { Session } from './session.ts'

const ringbuf =
  ['ringbuf_output', 'ringbuf_reserve', 'ringbuf_query', 'ringbuf_reserve_dynptr', 'ringbuf_submit_dynptr',
    'ringbuf_discard_dynptr']
const perf = ['perf_event_read', 'perf_event_output', 'skb_output', 'perf_event_read_value', 'xdp_output']
const storage = (name: string): string[] => [`${name}_storage_get`, `${name}_storage_delete`, 'kptr_xchg']
const queue = ['map_peek_elem', 'map_pop_elem', 'map_push_elem']

/** The only helpers that take the map. */
const helpersOf: Readonly<Record<number, readonly string[]>> = {
  [MAP_PROG_ARRAY]: ['tail_call'],
  [MAP_PERF_EVENT_ARRAY]: perf,
  [MAP_RINGBUF]: ringbuf,
  [MAP_USER_RINGBUF]: ['user_ringbuf_drain'],
  [MAP_STACK_TRACE]: ['get_stackid'],
  [MAP_CGROUP_ARRAY]: ['skb_under_cgroup', 'current_task_under_cgroup'],
  [MAP_CGROUP_STORAGE]: ['get_local_storage'],
  [MAP_PERCPU_CGROUP_STORAGE]: ['get_local_storage'],
  [MAP_DEVMAP]: ['redirect_map', 'map_lookup_elem'],
  [MAP_DEVMAP_HASH]: ['redirect_map', 'map_lookup_elem'],
  [MAP_CPUMAP]: ['redirect_map'],
  [MAP_XSKMAP]: ['redirect_map', 'map_lookup_elem'],
  [MAP_ARRAY_OF_MAPS]: ['map_lookup_elem'],
  [MAP_HASH_OF_MAPS]: ['map_lookup_elem'],
  [MAP_SOCKMAP]: ['sk_redirect_map', 'sock_map_update', 'msg_redirect_map', 'sk_select_reuseport', 'map_lookup_elem'],
  [MAP_SOCKHASH]: ['sk_redirect_hash', 'sock_hash_update', 'msg_redirect_hash', 'sk_select_reuseport',
    'map_lookup_elem'],
  [MAP_REUSEPORT_SOCKARRAY]: ['sk_select_reuseport'],
  [MAP_QUEUE]: queue,
  [MAP_STACK]: queue,
  [MAP_SK_STORAGE]: storage('sk'),
  [MAP_INODE_STORAGE]: storage('inode'),
  [MAP_TASK_STORAGE]: storage('task'),
  [MAP_CGRP_STORAGE]: storage('cgrp'),
  [MAP_BLOOM_FILTER]: ['map_peek_elem', 'map_push_elem'],
}

/** The only maps that a helper takes. */
const mapsOf: Readonly<Record<string, readonly number[]>> = {
  tail_call: [MAP_PROG_ARRAY],
  ...Object.fromEntries(perf.map((name) => [name, [MAP_PERF_EVENT_ARRAY]])),
  ...Object.fromEntries(ringbuf.map((name) => [name, [MAP_RINGBUF]])),
  user_ringbuf_drain: [MAP_USER_RINGBUF],
  get_stackid: [MAP_STACK_TRACE],
  current_task_under_cgroup: [MAP_CGROUP_ARRAY],
  skb_under_cgroup: [MAP_CGROUP_ARRAY],
  redirect_map: [MAP_DEVMAP, MAP_DEVMAP_HASH, MAP_CPUMAP, MAP_XSKMAP],
  sk_redirect_map: [MAP_SOCKMAP], msg_redirect_map: [MAP_SOCKMAP], sock_map_update: [MAP_SOCKMAP],
  sk_redirect_hash: [MAP_SOCKHASH], msg_redirect_hash: [MAP_SOCKHASH], sock_hash_update: [MAP_SOCKHASH],
  get_local_storage: [MAP_CGROUP_STORAGE, MAP_PERCPU_CGROUP_STORAGE],
  sk_select_reuseport: [MAP_REUSEPORT_SOCKARRAY, MAP_SOCKMAP, MAP_SOCKHASH],
  map_pop_elem: [MAP_QUEUE, MAP_STACK],
  map_peek_elem: [MAP_QUEUE, MAP_STACK, MAP_BLOOM_FILTER],
  map_push_elem: [MAP_QUEUE, MAP_STACK, MAP_BLOOM_FILTER],
  map_lookup_percpu_elem: [MAP_PERCPU_ARRAY, MAP_PERCPU_HASH, MAP_LRU_PERCPU_HASH],
  sk_storage_get: [MAP_SK_STORAGE], sk_storage_delete: [MAP_SK_STORAGE],
  inode_storage_get: [MAP_INODE_STORAGE], inode_storage_delete: [MAP_INODE_STORAGE],
  task_storage_get: [MAP_TASK_STORAGE], task_storage_delete: [MAP_TASK_STORAGE],
  cgrp_storage_get: [MAP_CGRP_STORAGE], cgrp_storage_delete: [MAP_CGRP_STORAGE],
}

/** Program types in which a sockmap may be changed. */
const mayUpdateSockmap = (session: Session, helper: string): boolean => {
  if (helper !== 'map_update_elem' && helper !== 'map_delete_elem') return false
  const takers = session.kernel.features.sockmapDeleteRefused ? 'rlI' : 'STXfrlI'
  if (takers.includes(session.letter) || (session.letter === 'O' && helper === 'map_delete_elem')) return true
  session.say('cannot update sockmap in this context')
  return false
}

export const checkMapHelper = (session: Session, map: VerifierMap, helperName: string, helperId: number): void => {
  const helper = helperName.slice('bpf_'.length)
  const sockmap = map.type === MAP_SOCKMAP || map.type === MAP_SOCKHASH
  const takers = helpersOf[map.type]
  const taken = takers === undefined || takers.includes(helper) || (sockmap && mayUpdateSockmap(session, helper))
  if (taken && ownValue(mapsOf, helper)?.includes(map.type) !== false) return
  session.refuse(`cannot pass map_type ${map.type} into func ${helperName}#${helperId}`, -EINVAL)
}

/** Maps that sleepable programs may use, by the feature that let them. */
const sleepableMaps: readonly (readonly [feature: FeatureName | null, maps: ReadonlySet<number>])[] = [
  [null, new Set([MAP_HASH, MAP_LRU_HASH, MAP_ARRAY])],
  ['sleepablePercpuMaps', new Set([
    MAP_PERCPU_HASH, MAP_PERCPU_ARRAY, MAP_LRU_PERCPU_HASH, MAP_ARRAY_OF_MAPS, MAP_HASH_OF_MAPS, MAP_RINGBUF,
  ])],
  ['sleepableStorage', new Set([MAP_USER_RINGBUF, MAP_INODE_STORAGE, MAP_SK_STORAGE, MAP_TASK_STORAGE])],
  ['sleepableQueues', new Set([MAP_CGRP_STORAGE, MAP_QUEUE, MAP_STACK, MAP_ARENA])],
  ['sleepableLpmAndProgArray', new Set([MAP_LPM_TRIE, MAP_PROG_ARRAY])],
]

const mapsText = ({ sleepableQueues, sleepablePercpuMaps }: Features): string =>
  sleepableQueues ? 'array, hash, ringbuf and local storage maps'
    : sleepablePercpuMaps ? 'array, hash, and ringbuf maps' : 'array and hash maps'

const checkSleepableMap = (session: Session, map: VerifierMap): void => {
  const { features } = session.kernel
  if (!sleepableMaps.some(([feature, maps]) => (feature === null || features[feature]) && maps.has(map.type)))
    session.refuse(`Sleepable programs can only use ${mapsText(features)}`, -EINVAL)
  if (!features.runtimeHashes && !isPreallocated(map))
    session.refuse(`Sleepable programs can only use preallocated ${features.sleepablePercpuMaps ? '' : 'hash '}maps`,
      -EINVAL)
}

const isHash = (type: number): boolean =>
  type === MAP_HASH || type === MAP_PERCPU_HASH || type === MAP_HASH_OF_MAPS

const isPreallocated = (map: VerifierMap): boolean =>
  (map.flags & BPF_F_NO_PREALLOC) === 0 && (map.inner === null || isPreallocated(map.inner))

/** Types that run in any context, where a lock could be held already. */
const isTracingType = ({ letter, program, kernel }: Session): boolean =>
  'PteR'.includes(letter) && (program.type !== WRITABLE_TRACEPOINT || kernel.features.writableTracepointsTrace)

const WRITABLE_TRACEPOINT = 24

/** As `check_map_prog_compatibility`. */
export const checkMapProgram = (session: Session, map: VerifierMap): void => {
  const has = map.record?.has
  const { letter } = session
  const isTracing = isTracingType(session)
  if (letter === 'e' && !session.kernel.features.runtimeHashes && !isPreallocated(map) && isHash(map.type))
    session.refuse('perf_event programs can only use preallocated hash map', -EINVAL)
  if (has !== undefined) {
    if (isTracing && (has.has('bpf_list_head') || has.has('bpf_rb_root')))
      session.refuse('tracing progs cannot use bpf_{list_head,rb_root} yet', -EINVAL)
    if (has.has('bpf_spin_lock')) {
      if (letter === 'S') session.refuse('socket filter progs cannot use bpf_spin_lock yet', -EINVAL)
      if (isTracing) session.refuse('tracing progs cannot use bpf_spin_lock yet', -EINVAL)
      if (session.program.sleepable && !session.kernel.features.sleepableLocks)
        session.refuse('sleepable progs cannot use bpf_spin_lock yet', -EINVAL)
    }
    const isKept = isTracing && !session.kernel.features.tracingTimers
    if (has.has('bpf_timer') && isKept) session.refuse('tracing progs cannot use bpf_timer yet', -EINVAL)
    if (has.has('bpf_wq') && isKept) session.refuse('tracing progs cannot use bpf_wq yet', -EINVAL)
  }
  if (map.type === MAP_STRUCT_OPS) session.refuse('bpf_struct_ops map cannot be used in prog', -EINVAL)
  if (session.program.sleepable) checkSleepableMap(session, map)
}
