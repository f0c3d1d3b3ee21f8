/** Kernel structs of maps, by map type: what a program may read a map pointer as. */
import {
  BPF_MAP_TYPE_ARENA, BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_ARRAY_OF_MAPS, BPF_MAP_TYPE_BLOOM_FILTER,
  BPF_MAP_TYPE_CGROUP_ARRAY, BPF_MAP_TYPE_CGROUP_STORAGE, BPF_MAP_TYPE_CGRP_STORAGE, BPF_MAP_TYPE_CPUMAP,
  BPF_MAP_TYPE_DEVMAP, BPF_MAP_TYPE_DEVMAP_HASH, BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_HASH_OF_MAPS,
  BPF_MAP_TYPE_INODE_STORAGE, BPF_MAP_TYPE_LPM_TRIE, BPF_MAP_TYPE_LRU_HASH, BPF_MAP_TYPE_LRU_PERCPU_HASH,
  BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, BPF_MAP_TYPE_PERCPU_HASH,
  BPF_MAP_TYPE_PERF_EVENT_ARRAY, BPF_MAP_TYPE_PROG_ARRAY, BPF_MAP_TYPE_QUEUE, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
  BPF_MAP_TYPE_RINGBUF, BPF_MAP_TYPE_SK_STORAGE, BPF_MAP_TYPE_SOCKHASH, BPF_MAP_TYPE_SOCKMAP, BPF_MAP_TYPE_STACK,
  BPF_MAP_TYPE_STACK_TRACE, BPF_MAP_TYPE_TASK_STORAGE, BPF_MAP_TYPE_USER_RINGBUF, BPF_MAP_TYPE_XSKMAP,
} from '@lsmkit/abi'

const mapStructs: Readonly<Record<number, string>> = {
  [BPF_MAP_TYPE_HASH]: 'bpf_htab',
  [BPF_MAP_TYPE_ARRAY]: 'bpf_array',
  [BPF_MAP_TYPE_PROG_ARRAY]: 'bpf_array',
  [BPF_MAP_TYPE_PERF_EVENT_ARRAY]: 'bpf_array',
  [BPF_MAP_TYPE_PERCPU_HASH]: 'bpf_htab',
  [BPF_MAP_TYPE_PERCPU_ARRAY]: 'bpf_array',
  [BPF_MAP_TYPE_STACK_TRACE]: 'bpf_stack_map',
  [BPF_MAP_TYPE_CGROUP_ARRAY]: 'bpf_array',
  [BPF_MAP_TYPE_LRU_HASH]: 'bpf_htab',
  [BPF_MAP_TYPE_LRU_PERCPU_HASH]: 'bpf_htab',
  [BPF_MAP_TYPE_LPM_TRIE]: 'lpm_trie',
  [BPF_MAP_TYPE_ARRAY_OF_MAPS]: 'bpf_array',
  [BPF_MAP_TYPE_HASH_OF_MAPS]: 'bpf_htab',
  [BPF_MAP_TYPE_DEVMAP]: 'bpf_dtab',
  [BPF_MAP_TYPE_SOCKMAP]: 'bpf_stab',
  [BPF_MAP_TYPE_CPUMAP]: 'bpf_cpu_map',
  [BPF_MAP_TYPE_XSKMAP]: 'xsk_map',
  [BPF_MAP_TYPE_SOCKHASH]: 'bpf_shtab',
  [BPF_MAP_TYPE_CGROUP_STORAGE]: 'bpf_cgroup_storage_map',
  [BPF_MAP_TYPE_REUSEPORT_SOCKARRAY]: 'reuseport_array',
  [BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE]: 'bpf_cgroup_storage_map',
  [BPF_MAP_TYPE_QUEUE]: 'bpf_queue_stack',
  [BPF_MAP_TYPE_STACK]: 'bpf_queue_stack',
  [BPF_MAP_TYPE_SK_STORAGE]: 'bpf_local_storage_map',
  [BPF_MAP_TYPE_DEVMAP_HASH]: 'bpf_dtab',
  [BPF_MAP_TYPE_RINGBUF]: 'bpf_ringbuf_map',
  [BPF_MAP_TYPE_INODE_STORAGE]: 'bpf_local_storage_map',
  [BPF_MAP_TYPE_TASK_STORAGE]: 'bpf_local_storage_map',
  [BPF_MAP_TYPE_BLOOM_FILTER]: 'bpf_bloom_filter',
  [BPF_MAP_TYPE_USER_RINGBUF]: 'bpf_ringbuf_map',
  [BPF_MAP_TYPE_CGRP_STORAGE]: 'bpf_local_storage_map',
  [BPF_MAP_TYPE_ARENA]: 'bpf_arena',
}

/** `struct bpf_map` is the first member of each, and stands for types that are not listed. */
export const mapStructOf = (type: number): string => mapStructs[type] ?? 'bpf_map'
