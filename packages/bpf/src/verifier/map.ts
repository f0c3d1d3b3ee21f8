/**
 * A map as the verifier sees it: the specification, the types of its value, and the fields of it that have rules of
 * their own.
 */
import type { Btf } from '../btf/btf.ts'
import type { MapSpec } from '../object/bpf-object.ts'
import type { FieldRecord } from './fields.ts'

export interface VerifierMap {
  readonly spec: MapSpec
  readonly name: string
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  readonly btf: Btf | null
  /** Special fields of the value; null when there are none. */
  readonly record: FieldRecord | null
  readonly inner: VerifierMap | null
  /** Contents that may be read as constants: a frozen map that programs cannot write. */
  readonly frozen: Uint8Array | null
}

/** Types and flags by their short names. */
export {
  BPF_MAP_TYPE_HASH as MAP_HASH, BPF_MAP_TYPE_ARRAY as MAP_ARRAY, BPF_MAP_TYPE_PROG_ARRAY as MAP_PROG_ARRAY,
  BPF_MAP_TYPE_PERF_EVENT_ARRAY as MAP_PERF_EVENT_ARRAY, BPF_MAP_TYPE_PERCPU_HASH as MAP_PERCPU_HASH,
  BPF_MAP_TYPE_PERCPU_ARRAY as MAP_PERCPU_ARRAY, BPF_MAP_TYPE_STACK_TRACE as MAP_STACK_TRACE,
  BPF_MAP_TYPE_CGROUP_ARRAY as MAP_CGROUP_ARRAY, BPF_MAP_TYPE_LRU_HASH as MAP_LRU_HASH,
  BPF_MAP_TYPE_LRU_PERCPU_HASH as MAP_LRU_PERCPU_HASH, BPF_MAP_TYPE_ARRAY_OF_MAPS as MAP_ARRAY_OF_MAPS,
  BPF_MAP_TYPE_HASH_OF_MAPS as MAP_HASH_OF_MAPS, BPF_MAP_TYPE_DEVMAP as MAP_DEVMAP, BPF_MAP_TYPE_SOCKMAP as MAP_SOCKMAP,
  BPF_MAP_TYPE_CPUMAP as MAP_CPUMAP, BPF_MAP_TYPE_XSKMAP as MAP_XSKMAP, BPF_MAP_TYPE_SOCKHASH as MAP_SOCKHASH,
  BPF_MAP_TYPE_CGROUP_STORAGE as MAP_CGROUP_STORAGE, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY as MAP_REUSEPORT_SOCKARRAY,
  BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE as MAP_PERCPU_CGROUP_STORAGE, BPF_MAP_TYPE_QUEUE as MAP_QUEUE,
  BPF_MAP_TYPE_STACK as MAP_STACK, BPF_MAP_TYPE_SK_STORAGE as MAP_SK_STORAGE,
  BPF_MAP_TYPE_LPM_TRIE as MAP_LPM_TRIE,
  BPF_MAP_TYPE_DEVMAP_HASH as MAP_DEVMAP_HASH, BPF_MAP_TYPE_STRUCT_OPS as MAP_STRUCT_OPS,
  BPF_MAP_TYPE_RINGBUF as MAP_RINGBUF, BPF_MAP_TYPE_INODE_STORAGE as MAP_INODE_STORAGE,
  BPF_MAP_TYPE_TASK_STORAGE as MAP_TASK_STORAGE, BPF_MAP_TYPE_BLOOM_FILTER as MAP_BLOOM_FILTER,
  BPF_MAP_TYPE_USER_RINGBUF as MAP_USER_RINGBUF, BPF_MAP_TYPE_CGRP_STORAGE as MAP_CGRP_STORAGE,
  BPF_MAP_TYPE_ARENA as MAP_ARENA, BPF_F_RDONLY_PROG as F_RDONLY_PROG, BPF_F_WRONLY_PROG as F_WRONLY_PROG,
} from '@lsmkit/abi'
