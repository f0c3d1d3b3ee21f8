/** Types of maps, grouped by what bpf(2) can do with them. */
import * as abi from '@lsmkit/abi'

export const PER_CPU: ReadonlySet<number> = new Set([
  abi.BPF_MAP_TYPE_PERCPU_HASH, abi.BPF_MAP_TYPE_LRU_PERCPU_HASH, abi.BPF_MAP_TYPE_PERCPU_ARRAY,
  abi.BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE,
])
export const OF_MAPS: ReadonlySet<number> = new Set([abi.BPF_MAP_TYPE_ARRAY_OF_MAPS, abi.BPF_MAP_TYPE_HASH_OF_MAPS])
/** Elements that user space knows by descriptor. */
export const BY_FD: ReadonlySet<number> = new Set([
  ...OF_MAPS, abi.BPF_MAP_TYPE_PROG_ARRAY, abi.BPF_MAP_TYPE_PERF_EVENT_ARRAY, abi.BPF_MAP_TYPE_CGROUP_ARRAY,
])
export const WITHOUT_KEYS: ReadonlySet<number> = new Set([
  abi.BPF_MAP_TYPE_QUEUE, abi.BPF_MAP_TYPE_STACK, abi.BPF_MAP_TYPE_BLOOM_FILTER,
])
export const STORAGES: ReadonlySet<number> = new Set([
  abi.BPF_MAP_TYPE_TASK_STORAGE, abi.BPF_MAP_TYPE_INODE_STORAGE, abi.BPF_MAP_TYPE_SK_STORAGE,
  abi.BPF_MAP_TYPE_CGRP_STORAGE,
])
export const POPPABLE: ReadonlySet<number> = new Set([abi.BPF_MAP_TYPE_QUEUE, abi.BPF_MAP_TYPE_STACK])
export const HASHES: ReadonlySet<number> = new Set([
  abi.BPF_MAP_TYPE_HASH, abi.BPF_MAP_TYPE_PERCPU_HASH, abi.BPF_MAP_TYPE_LRU_HASH, abi.BPF_MAP_TYPE_LRU_PERCPU_HASH,
])

/** Types that have batches of look-ups and updates, of look-ups that delete, and of deletions (their `map_ops`). */
export const TAKEN: ReadonlySet<number> = new Set([...HASHES, abi.BPF_MAP_TYPE_HASH_OF_MAPS])
export const DELETED: ReadonlySet<number> = new Set([...TAKEN, abi.BPF_MAP_TYPE_LPM_TRIE])
export const BATCHED: ReadonlySet<number> = new Set([
  ...DELETED, abi.BPF_MAP_TYPE_ARRAY, abi.BPF_MAP_TYPE_PERCPU_ARRAY, abi.BPF_MAP_TYPE_ARRAY_OF_MAPS,
])
