/**
 * The surroundings of every program of the sweep: one map of each kind, and types for its functions and for values of
 * maps.
 */
import * as abi from '@lsmkit/abi'
import { Btf, BtfWriter } from '@lsmkit/bpf/btf'
import type { BtfParam } from '@lsmkit/bpf/btf'
import type { MapSpec } from '@lsmkit/bpf/object'

const writer = new BtfWriter()
const int = (name: string, size: number, isSigned = false): number =>
  writer.add({
    kind: 'int', name, size, bits: size * 8, bitOffset: 0, isSigned, isChar: false, isBool: false,
  })
const [INT, U32, U64, CHAR] = [int('int', 4, true), int('unsigned int', 4), int('unsigned long', 8), int('char', 1)]
const LONG = int('long', 8, true)
const pointer = (type: number): number => writer.add({ kind: 'ptr', name: '', type })
const VOID_PTR = pointer(0)
const array = (type: number, length: number): number =>
  writer.add({ kind: 'array', name: '', type, indexType: U32, length })
const struct = (name: string, size: number, members: readonly (readonly [string, number, number])[]): number =>
  writer.add({
    kind: 'struct', name, size,
    members: members.map(([member, type, at]) => ({ name: member, type, bitOffset: at * 8, bitSize: 0 })),
  })

const LOCK = struct('bpf_spin_lock', 4, [['val', U32, 0]])
const TIMER = struct('bpf_timer', 16, [['opaque', array(U64, 2), 0]])
const WORK = struct('bpf_wq', 16, [['opaque', array(U64, 2), 0]])
const HEAD = struct('bpf_list_head', 16, [['opaque', array(U64, 2), 0]])
const NODE = struct('bpf_list_node', 24, [['opaque', array(U64, 3), 0]])
const DYNPTR = struct('bpf_dynptr', 16, [['opaque', array(U64, 2), 0]])
const TASK = struct('task_struct', 4, [['pid', INT, 0]])
const tagged = (type: number, tag: string): number =>
  pointer(writer.add({ kind: 'type_tag', name: tag, type }))

const PLAIN = struct('plain', 16, [['a', U64, 0], ['b', U64, 8]])
const LOCKED = struct('locked', 16, [['lock', LOCK, 0], ['pad', U32, 4], ['a', U64, 8]])
const TIMED = struct('timed', 24, [['timer', TIMER, 0], ['a', U64, 16]])
const WORKED = struct('worked', 24, [['work', WORK, 0], ['a', U64, 16]])
const KEEPS = struct('keeps', 24,
  [['held', tagged(TASK, 'kptr'), 0], ['seen', tagged(TASK, 'kptr_untrusted'), 8], ['a', U64, 16]])
/** The type of objects that `bpf_obj_new` makes. */
export const NODE_TYPE = struct('node', 32, [['node', NODE, 0], ['a', U64, 24]])
const ROOT = struct('root', 24, [['lock', LOCK, 0], ['pad', U32, 4], ['head', HEAD, 8]])
writer.add({ kind: 'decl_tag', name: 'contains:node:node', type: ROOT, component: 2 })

/** Functions that programs may have: name in BTF, and of global ones what they are told to take. */
const functions = new Map<string, number>()
const func = (
  name: string, returns: number, params: readonly number[], isGlobal = false, tags: string[] = [],
): void => {
  const args = params.map((type, at): BtfParam => ({ name: `a${at}`, type }))
  const type = writer.add({ kind: 'func_proto', name: '', type: returns, params: args, isVariadic: false })
  const id = writer.add({
    kind: 'func', name, type, linkage: isGlobal ? abi.BTF_FUNC_GLOBAL : abi.BTF_FUNC_STATIC,
  })
  for (const tag of tags) writer.add({ kind: 'decl_tag', name: tag, type: id, component: 0 })
  functions.set(name, id)
}
func('entry', INT, [VOID_PTR], true)
func('plain', INT, [U64, U64])
func('each', LONG, [U64, VOID_PTR, VOID_PTR, VOID_PTR])
func('loop', LONG, [U32, VOID_PTR])
func('later', INT, [VOID_PTR, VOID_PTR, VOID_PTR])
func('drain', LONG, [VOID_PTR, VOID_PTR])
func('global_int', INT, [INT], true)
func('global_mem', INT, [pointer(PLAIN)], true)
func('global_nonnull', INT, [pointer(U64)], true, ['arg:nonnull'])
func('global_ctx', INT, [VOID_PTR], true, ['arg:ctx'])
func('global_task', INT, [pointer(TASK)], true, ['arg:trusted'])
func('global_task_null', INT, [pointer(TASK)], true, ['arg:trusted', 'arg:nullable'])
func('global_dynptr', INT, [pointer(DYNPTR)], true)
func('global_void', 0, [INT], true)
func('global_text', INT, [pointer(CHAR)], true)

/** All of it, as BPF_BTF_LOAD takes it. */
export const worldBytes = writer.toBytes()
export const worldBtf = new Btf(worldBytes)
/** The `func` in `worldBtf`; 0 for none of that name. */
export const functionId = (name: string): number => functions.get(name) ?? 0

const M = abi.BPF_F_MMAPABLE
const PAGE = 4096
const map = (
  name: string, type: number, keySize: number, valueSize: number, maxEntries: number, flags = 0,
  more: Partial<MapSpec> = {},
): MapSpec => ({
  name, symbol: name, type, keySize, valueSize, maxEntries, flags, extra: 0n, pinning: 0, keyTypeId: 0, valueTypeId: 0,
  data: null, frozen: false, inner: null, slots: new Map(), structOpsTypeId: 0, isMasked: false,
  types: worldBtf, ...more,
})
const typed = (valueTypeId: number): Partial<MapSpec> => ({ keyTypeId: INT, valueTypeId })
const array0 = map('array', abi.BPF_MAP_TYPE_ARRAY, 4, 16, 4)
const hash0 = map('hash', abi.BPF_MAP_TYPE_HASH, 8, 48, 16)

/** By number: a program's 64-bit loads of maps name them so. All are made by root. */
export const worldMaps: readonly MapSpec[] = [
  array0, hash0,
  map('programs', abi.BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 8),
  map('perf', abi.BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 2),
  map('percpu_hash', abi.BPF_MAP_TYPE_PERCPU_HASH, 8, 16, 8),
  map('percpu_array', abi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, 16, 4),
  map('stacks', abi.BPF_MAP_TYPE_STACK_TRACE, 4, 128, 8),
  map('groups', abi.BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 2),
  map('lru', abi.BPF_MAP_TYPE_LRU_HASH, 8, 16, 8),
  map('lru_percpu', abi.BPF_MAP_TYPE_LRU_PERCPU_HASH, 8, 16, 8),
  map('trie', abi.BPF_MAP_TYPE_LPM_TRIE, 8, 16, 8, abi.BPF_F_NO_PREALLOC),
  map('arrays', abi.BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 2, 0, { inner: array0 }),
  map('hashes', abi.BPF_MAP_TYPE_HASH_OF_MAPS, 4, 4, 2, 0, { inner: hash0 }),
  map('devices', abi.BPF_MAP_TYPE_DEVMAP, 4, 4, 2),
  map('sockets', abi.BPF_MAP_TYPE_SOCKMAP, 4, 4, 2),
  map('cpus', abi.BPF_MAP_TYPE_CPUMAP, 4, 4, 1),
  map('xsks', abi.BPF_MAP_TYPE_XSKMAP, 4, 4, 2),
  map('sockets_by', abi.BPF_MAP_TYPE_SOCKHASH, 8, 4, 2),
  map('group_storage', abi.BPF_MAP_TYPE_CGROUP_STORAGE, 8, 16, 0),
  map('ports', abi.BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, 8, 2),
  map('group_percpu', abi.BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, 8, 16, 0),
  map('queue', abi.BPF_MAP_TYPE_QUEUE, 0, 16, 4),
  map('stack', abi.BPF_MAP_TYPE_STACK, 0, 16, 4),
  map('of_socks', abi.BPF_MAP_TYPE_SK_STORAGE, 4, 16, 0, abi.BPF_F_NO_PREALLOC, typed(PLAIN)),
  map('devices_by', abi.BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, 2),
  map('ring', abi.BPF_MAP_TYPE_RINGBUF, 0, 0, PAGE),
  map('of_inodes', abi.BPF_MAP_TYPE_INODE_STORAGE, 4, 16, 0, abi.BPF_F_NO_PREALLOC, typed(PLAIN)),
  map('of_tasks', abi.BPF_MAP_TYPE_TASK_STORAGE, 4, 16, 0, abi.BPF_F_NO_PREALLOC, typed(PLAIN)),
  map('bloom', abi.BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, 16),
  map('user_ring', abi.BPF_MAP_TYPE_USER_RINGBUF, 0, 0, PAGE),
  map('of_groups', abi.BPF_MAP_TYPE_CGRP_STORAGE, 4, 16, 0, abi.BPF_F_NO_PREALLOC, typed(PLAIN)),
  map('arena', abi.BPF_MAP_TYPE_ARENA, 0, 0, 2, M, { extra: 1n << 44n }),
  map('locked', abi.BPF_MAP_TYPE_ARRAY, 4, 16, 4, 0, typed(LOCKED)),
  map('timed', abi.BPF_MAP_TYPE_ARRAY, 4, 24, 4, 0, typed(TIMED)),
  map('worked', abi.BPF_MAP_TYPE_ARRAY, 4, 24, 4, 0, typed(WORKED)),
  map('keeps', abi.BPF_MAP_TYPE_ARRAY, 4, 24, 4, 0, typed(KEEPS)),
  map('read_only', abi.BPF_MAP_TYPE_ARRAY, 4, 16, 4, abi.BPF_F_RDONLY_PROG),
  map('write_only', abi.BPF_MAP_TYPE_ARRAY, 4, 16, 4, abi.BPF_F_WRONLY_PROG),
  map('rodata', abi.BPF_MAP_TYPE_ARRAY, 4, 16, 1, abi.BPF_F_RDONLY_PROG,
    { frozen: true, data: Uint8Array.from({ length: 16 }, (_, at) => at + 1) }),
  map('data', abi.BPF_MAP_TYPE_ARRAY, 4, 16, 1),
  map('lists', abi.BPF_MAP_TYPE_ARRAY, 4, 24, 4, 0, typed(ROOT)),
  map('locked_by', abi.BPF_MAP_TYPE_HASH, 8, 16, 4, abi.BPF_F_NO_PREALLOC, { ...typed(LOCKED), keyTypeId: U64 }),
]
export const mapIndex = (name: string): number => worldMaps.findIndex((one) => one.name === name)
