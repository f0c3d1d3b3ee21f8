/** The allowed requests for a map: the kernel's checks before it allocates anything, with its errnos. */
import * as abi from '@lsmkit/abi'
import { E2BIG, EINVAL, ENOTSUPP, ERANGE } from '@lsmkit/abi'

/** The attributes of BPF_MAP_CREATE that decide; sizes in bytes. */
export interface MapParams {
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  readonly extra: bigint
  readonly keyTypeId: number
  readonly valueTypeId: number
}

const KMALLOC_MAX = 4 << 20
const PERCPU_MAX = 32768
/** `sysctl kernel.perf_event_max_stack`. */
const MAX_STACK = 127
const BUILD_ID_SIZE = 32
const PAGE = 4096
/** BPF_LOCAL_STORAGE_MAX_VALUE_SIZE. */
const STORAGE_MAX = 65535 - 128
/** CONFIG_NR_CPUS of Debian's kernel. */
const NR_CPUS = 8192
/** MAX_BPF_STACK. */
const MAX_KEY = 512
/** Buckets of 16 bytes, in 32 bits of memory; their number is a power of two. */
const MOST_BUCKETS = 2 ** 27
const FOREIGN_FLAGS = abi.BPF_F_NUMA_NODE | abi.BPF_F_RDONLY | abi.BPF_F_WRONLY
const ACCESS = abi.BPF_F_RDONLY | abi.BPF_F_WRONLY | abi.BPF_F_RDONLY_PROG | abi.BPF_F_WRONLY_PROG
const PROG_ACCESS = abi.BPF_F_RDONLY_PROG | abi.BPF_F_WRONLY_PROG

/** 0 or -errno, by type of map. */
type Check = (params: MapParams) => number

const hasOnly = (flags: number, allowed: number): boolean => (flags & ~allowed) === 0
/** Programs that may neither read nor write a map have no use for it. */
const isAccessSane = (flags: number): boolean => (flags & PROG_ACCESS) !== PROG_ACCESS

const array: Check = ({ type, keySize, valueSize, maxEntries, flags }) => {
  const isPerCpu = type === abi.BPF_MAP_TYPE_PERCPU_ARRAY
  const allowed = abi.BPF_F_NUMA_NODE | abi.BPF_F_MMAPABLE | abi.BPF_F_PRESERVE_ELEMS | abi.BPF_F_INNER_MAP | ACCESS
  if (maxEntries === 0 || keySize !== 4 || valueSize === 0 || !hasOnly(flags, allowed) || !isAccessSane(flags)) {
    return -EINVAL
  }
  if (isPerCpu && flags & abi.BPF_F_NUMA_NODE) return -EINVAL
  if (type !== abi.BPF_MAP_TYPE_ARRAY && flags & (abi.BPF_F_MMAPABLE | abi.BPF_F_INNER_MAP)) return -EINVAL
  if (type !== abi.BPF_MAP_TYPE_PERF_EVENT_ARRAY && flags & abi.BPF_F_PRESERVE_ELEMS) return -EINVAL
  if (valueSize > 0x7fff_ffff) return -E2BIG
  return isPerCpu && roundUp8(valueSize) > PERCPU_MAX ? -E2BIG : 0
}

/** Arrays of what user space knows by file descriptor. */
const descriptors: Check = (params) => {
  if (params.valueSize !== 4 || params.flags & PROG_ACCESS) return -EINVAL
  return array(params)
}

const hash: Check = ({ type, keySize, valueSize, maxEntries, flags }) => {
  const isPerCpu = type === abi.BPF_MAP_TYPE_PERCPU_HASH || type === abi.BPF_MAP_TYPE_LRU_PERCPU_HASH
  const isLru = type === abi.BPF_MAP_TYPE_LRU_HASH || type === abi.BPF_MAP_TYPE_LRU_PERCPU_HASH
  const allowed =
    abi.BPF_F_NO_PREALLOC | abi.BPF_F_NO_COMMON_LRU | abi.BPF_F_NUMA_NODE | abi.BPF_F_ZERO_SEED | ACCESS
  if (!hasOnly(flags, allowed) || !isAccessSane(flags)) return -EINVAL
  if (!isLru && flags & abi.BPF_F_NO_COMMON_LRU) return -EINVAL
  if (isLru && flags & abi.BPF_F_NO_PREALLOC) return -ENOTSUPP
  if (flags & abi.BPF_F_NUMA_NODE && (isPerCpu || flags & abi.BPF_F_NO_COMMON_LRU)) return -EINVAL
  if (maxEntries === 0 || keySize === 0 || valueSize === 0) return -EINVAL
  if (keySize + valueSize >= KMALLOC_MAX - 48) return -E2BIG
  return isPerCpu && roundUp8(valueSize) > PERCPU_MAX ? -E2BIG : 0
}

const lpm: Check = ({ keySize, valueSize, maxEntries, flags }) => {
  const allowed = abi.BPF_F_NO_PREALLOC | abi.BPF_F_NUMA_NODE | ACCESS
  const isBad = maxEntries === 0 || !(flags & abi.BPF_F_NO_PREALLOC) || !hasOnly(flags, allowed) ||
    !isAccessSane(flags) || keySize < 5 || keySize > 260 || valueSize < 1 || valueSize > KMALLOC_MAX - 256 - 40
  return isBad ? -EINVAL : 0
}

const queue: Check = ({ keySize, valueSize, maxEntries, flags }) => {
  if (maxEntries === 0 || keySize !== 0 || valueSize === 0) return -EINVAL
  if (!hasOnly(flags, abi.BPF_F_NUMA_NODE | ACCESS) || !isAccessSane(flags)) return -EINVAL
  return valueSize > KMALLOC_MAX || maxEntries >= Math.floor(0xffff_ffff / valueSize) ? -E2BIG : 0
}

const bloom: Check = ({ keySize, valueSize, maxEntries, flags, extra }) => {
  const allowed = abi.BPF_F_NUMA_NODE | abi.BPF_F_ZERO_SEED | ACCESS
  const isBad = keySize !== 0 || valueSize === 0 || maxEntries === 0 || !hasOnly(flags, allowed) ||
    !isAccessSane(flags) || extra > 15n
  return isBad ? -EINVAL : 0
}

const ring: Check = ({ keySize, valueSize, maxEntries, flags }) => {
  const isPowerOfTwo = maxEntries !== 0 && (maxEntries & (maxEntries - 1)) === 0
  if (keySize || valueSize || !isPowerOfTwo || maxEntries % PAGE) return -EINVAL
  return hasOnly(flags, abi.BPF_F_NUMA_NODE) ? 0 : -EINVAL
}

const stackTrace: Check = ({ keySize, valueSize, maxEntries, flags }) => {
  const allowed = abi.BPF_F_NUMA_NODE | abi.BPF_F_RDONLY | abi.BPF_F_WRONLY | abi.BPF_F_STACK_BUILD_ID
  if (!hasOnly(flags, allowed) || maxEntries === 0 || keySize !== 4 || valueSize < 8 || valueSize % 8) return -EINVAL
  const size = flags & abi.BPF_F_STACK_BUILD_ID ? BUILD_ID_SIZE : 8
  if (valueSize % size || valueSize / size > MAX_STACK) return -EINVAL
  return maxEntries > 0x8000_0000 ? -E2BIG : 0
}

const storage: Check = ({ keySize, valueSize, maxEntries, flags, keyTypeId, valueTypeId }) => {
  if (!hasOnly(flags, abi.BPF_F_NO_PREALLOC | abi.BPF_F_CLONE) || !(flags & abi.BPF_F_NO_PREALLOC)) return -EINVAL
  if (maxEntries || keySize !== 4 || !valueSize || !keyTypeId || !valueTypeId) return -EINVAL
  return valueSize > STORAGE_MAX ? -E2BIG : 0
}

/** Storage that programs on a control group share: keyed by the group's id, with or without the attach type. */
const groupStorage: Check = ({ type, keySize, valueSize, maxEntries, flags }) => {
  if ((keySize !== 8 && keySize !== 16) || valueSize === 0) return -EINVAL
  if (valueSize > (type === abi.BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE ? PERCPU_MAX : STORAGE_MAX)) return -E2BIG
  if (!hasOnly(flags, abi.BPF_F_NUMA_NODE | ACCESS) || !isAccessSane(flags)) return -EINVAL
  return maxEntries ? -EINVAL : 0
}

const sockets: Check = ({ type, keySize, valueSize, maxEntries, flags }) => {
  const isHash = type === abi.BPF_MAP_TYPE_SOCKHASH
  if (maxEntries === 0 || (isHash ? keySize === 0 : keySize !== 4)) return -EINVAL
  if (!isHash && maxEntries > 0x7fff_ffff) return -EINVAL
  if ((valueSize !== 4 && valueSize !== 8) || !hasOnly(flags, FOREIGN_FLAGS)) return -EINVAL
  if (isHash && keySize > MAX_KEY) return -E2BIG
  return isHash && maxEntries > MOST_BUCKETS ? -EINVAL : 0
}

/** A device or a processor, and 4 bytes more where a program is to run there. */
const targets: Check = ({ type, keySize, valueSize, maxEntries, flags }) => {
  const isCpu = type === abi.BPF_MAP_TYPE_CPUMAP
  const allowed = isCpu ? abi.BPF_F_NUMA_NODE : FOREIGN_FLAGS
  if (maxEntries === 0 || keySize !== 4 || !hasOnly(flags, allowed)) return -EINVAL
  if (valueSize !== 4 && valueSize !== 8) return -EINVAL
  if (isCpu) return maxEntries > NR_CPUS ? -E2BIG : 0
  return type === abi.BPF_MAP_TYPE_DEVMAP_HASH && maxEntries > 0x8000_0000 ? -EINVAL : 0
}

const xsk: Check = ({ keySize, valueSize, maxEntries, flags }) =>
  maxEntries === 0 || keySize !== 4 || valueSize !== 4 || !hasOnly(flags, FOREIGN_FLAGS) ? -EINVAL : 0

const reuseport: Check = (params) => (params.valueSize !== 4 && params.valueSize !== 8 ? -EINVAL : array(params))

/** The struct's own size is asked for by who knows it. */
const structOps: Check = ({ keySize, maxEntries, flags }) =>
  keySize !== 4 || maxEntries !== 1 || !hasOnly(flags, abi.BPF_F_LINK | abi.BPF_F_VTYPE_BTF_OBJ_FD) ? -EINVAL : 0

const arena: Check = ({ keySize, valueSize, maxEntries, flags, extra }) => {
  const allowed = abi.BPF_F_SEGV_ON_FAULT | abi.BPF_F_MMAPABLE | abi.BPF_F_NO_USER_CONV
  if (keySize || valueSize || maxEntries === 0) return -EINVAL
  if (!(flags & abi.BPF_F_MMAPABLE) || !hasOnly(flags, allowed)) return -EINVAL
  if (extra & 0xfffn) return -EINVAL
  if (maxEntries * PAGE > 0x1_0000_0000) return -E2BIG
  return extra >> 32n !== (extra + BigInt(maxEntries * PAGE) - 1n) >> 32n ? -ERANGE : 0
}

const roundUp8 = (size: number): number => Math.ceil(size / 8) * 8

const checks: Readonly<Record<number, Check>> = {
  [abi.BPF_MAP_TYPE_HASH]: hash,
  [abi.BPF_MAP_TYPE_ARRAY]: array,
  [abi.BPF_MAP_TYPE_PROG_ARRAY]: descriptors,
  [abi.BPF_MAP_TYPE_PERF_EVENT_ARRAY]: descriptors,
  [abi.BPF_MAP_TYPE_PERCPU_HASH]: hash,
  [abi.BPF_MAP_TYPE_PERCPU_ARRAY]: array,
  [abi.BPF_MAP_TYPE_STACK_TRACE]: stackTrace,
  [abi.BPF_MAP_TYPE_CGROUP_ARRAY]: descriptors,
  [abi.BPF_MAP_TYPE_LRU_HASH]: hash,
  [abi.BPF_MAP_TYPE_LRU_PERCPU_HASH]: hash,
  [abi.BPF_MAP_TYPE_LPM_TRIE]: lpm,
  [abi.BPF_MAP_TYPE_ARRAY_OF_MAPS]: descriptors,
  [abi.BPF_MAP_TYPE_HASH_OF_MAPS]: (params) => (params.valueSize === 4 ? hash(params) : -EINVAL),
  [abi.BPF_MAP_TYPE_CGROUP_STORAGE]: groupStorage,
  [abi.BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE]: groupStorage,
  [abi.BPF_MAP_TYPE_QUEUE]: queue,
  [abi.BPF_MAP_TYPE_STACK]: queue,
  [abi.BPF_MAP_TYPE_SK_STORAGE]: storage,
  [abi.BPF_MAP_TYPE_RINGBUF]: ring,
  [abi.BPF_MAP_TYPE_INODE_STORAGE]: storage,
  [abi.BPF_MAP_TYPE_TASK_STORAGE]: storage,
  [abi.BPF_MAP_TYPE_BLOOM_FILTER]: bloom,
  [abi.BPF_MAP_TYPE_USER_RINGBUF]: ring,
  [abi.BPF_MAP_TYPE_CGRP_STORAGE]: storage,
  [abi.BPF_MAP_TYPE_ARENA]: arena,
  [abi.BPF_MAP_TYPE_SOCKMAP]: sockets,
  [abi.BPF_MAP_TYPE_SOCKHASH]: sockets,
  [abi.BPF_MAP_TYPE_DEVMAP]: targets,
  [abi.BPF_MAP_TYPE_DEVMAP_HASH]: targets,
  [abi.BPF_MAP_TYPE_CPUMAP]: targets,
  [abi.BPF_MAP_TYPE_XSKMAP]: xsk,
  [abi.BPF_MAP_TYPE_REUSEPORT_SOCKARRAY]: reuseport,
  [abi.BPF_MAP_TYPE_STRUCT_OPS]: structOps,
}

/** 0, or -errno as BPF_MAP_CREATE answers. */
export const checkMapParams = (params: MapParams): number => {
  const check = checks[params.type]
  if (!check) return -EINVAL
  if (params.keyTypeId !== 0 && params.valueTypeId === 0) return -EINVAL
  if (params.type !== abi.BPF_MAP_TYPE_BLOOM_FILTER && params.type !== abi.BPF_MAP_TYPE_ARENA && params.extra !== 0n) {
    return -EINVAL
  }
  return check(params)
}
