/** Maps of what lies outside: sockets, devices, processors, control groups; what they may be and may hold. */
import * as abi from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { BpfError } from '../error.ts'
import type { MapSpec } from '../object/bpf-object.ts'
import { helperBench, mapSpec } from '../testing/helper-bench.ts'
import type { BpfMap } from './bpf-map.ts'
import { GroupStorageMap } from './group-storage-map.ts'
import type { SocketMap } from './socket-map.ts'

const made = (type: number, wishes: Partial<MapSpec>): number => {
  try {
    helperBench().map(mapSpec(type, wishes))
    return 0
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
    return error.errno
  }
}

const { EINVAL, E2BIG, ENOTSUPP } = abi
const RDONLY_PROG = abi.BPF_F_RDONLY_PROG

describe('what may be made', () => {
  test.each<[name: string, type: number, wishes: Partial<MapSpec>, errno: number]>([
    ['SOCKMAP', abi.BPF_MAP_TYPE_SOCKMAP, { valueSize: 4 }, 0],
    ['SOCKMAP of cookies', abi.BPF_MAP_TYPE_SOCKMAP, { valueSize: 8 }, 0],
    ['SOCKMAP, odd value', abi.BPF_MAP_TYPE_SOCKMAP, { valueSize: 6 }, -EINVAL],
    ['SOCKMAP, long key', abi.BPF_MAP_TYPE_SOCKMAP, { keySize: 8 }, -EINVAL],
    ['SOCKMAP, program flags', abi.BPF_MAP_TYPE_SOCKMAP, { flags: RDONLY_PROG }, -EINVAL],
    ['SOCKHASH', abi.BPF_MAP_TYPE_SOCKHASH, { keySize: 12, valueSize: 4 }, 0],
    ['SOCKHASH, key past the stack', abi.BPF_MAP_TYPE_SOCKHASH, { keySize: 513, valueSize: 4 }, -E2BIG],
    ['SOCKHASH, too many', abi.BPF_MAP_TYPE_SOCKHASH, { maxEntries: 2 ** 27 + 1 }, -EINVAL],
    ['SOCKHASH, none', abi.BPF_MAP_TYPE_SOCKHASH, { maxEntries: 0 }, -EINVAL],
    ['DEVMAP', abi.BPF_MAP_TYPE_DEVMAP, { valueSize: 4 }, 0],
    ['DEVMAP with programs', abi.BPF_MAP_TYPE_DEVMAP, { valueSize: 8 }, 0],
    ['DEVMAP, long value', abi.BPF_MAP_TYPE_DEVMAP, { valueSize: 12 }, -EINVAL],
    ['DEVMAP_HASH', abi.BPF_MAP_TYPE_DEVMAP_HASH, { valueSize: 4 }, 0],
    ['DEVMAP_HASH, too many', abi.BPF_MAP_TYPE_DEVMAP_HASH, { valueSize: 4, maxEntries: 0x8000_0001 }, -EINVAL],
    ['CPUMAP', abi.BPF_MAP_TYPE_CPUMAP, { valueSize: 4 }, 0],
    ['CPUMAP, more than any machine has', abi.BPF_MAP_TYPE_CPUMAP, { valueSize: 4, maxEntries: 8193 }, -E2BIG],
    ['CPUMAP, access flags', abi.BPF_MAP_TYPE_CPUMAP, { valueSize: 4, flags: abi.BPF_F_RDONLY }, -EINVAL],
    ['XSKMAP', abi.BPF_MAP_TYPE_XSKMAP, { valueSize: 4 }, 0],
    ['XSKMAP, long value', abi.BPF_MAP_TYPE_XSKMAP, { valueSize: 8 }, -EINVAL],
    ['REUSEPORT_SOCKARRAY', abi.BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, { valueSize: 8 }, 0],
    ['REUSEPORT_SOCKARRAY, odd value', abi.BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, { valueSize: 16 }, -EINVAL],
    ['CGROUP_ARRAY', abi.BPF_MAP_TYPE_CGROUP_ARRAY, { valueSize: 4 }, 0],
    ['CGROUP_ARRAY, long value', abi.BPF_MAP_TYPE_CGROUP_ARRAY, { valueSize: 8 }, -EINVAL],
    ['CGROUP_STORAGE', abi.BPF_MAP_TYPE_CGROUP_STORAGE, { keySize: 16, maxEntries: 0 }, 0],
    ['CGROUP_STORAGE, shared', abi.BPF_MAP_TYPE_CGROUP_STORAGE, { keySize: 8, maxEntries: 0 }, 0],
    ['CGROUP_STORAGE with a size', abi.BPF_MAP_TYPE_CGROUP_STORAGE, { keySize: 8, maxEntries: 1 }, -EINVAL],
    ['CGROUP_STORAGE, largest', abi.BPF_MAP_TYPE_CGROUP_STORAGE, { keySize: 8, maxEntries: 0, valueSize: 65407 }, 0],
    ['CGROUP_STORAGE, larger', abi.BPF_MAP_TYPE_CGROUP_STORAGE, { keySize: 8, valueSize: 65408 }, -E2BIG],
    ['PERCPU_CGROUP_STORAGE, larger', abi.BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, { keySize: 8, valueSize: 32769 }, -E2BIG],
    ['STRUCT_OPS', abi.BPF_MAP_TYPE_STRUCT_OPS, { maxEntries: 1 }, -ENOTSUPP],
    ['STRUCT_OPS of two', abi.BPF_MAP_TYPE_STRUCT_OPS, { maxEntries: 2 }, -EINVAL],
  ])('%s', (_name, type, wishes, errno) => {
    expect(made(type, wishes)).toBe(errno)
  })
})

/** A map, and its operations on keys and values that are numbers. */
const open = (type: number, wishes: Partial<MapSpec>) => {
  const { map: make, memory } = helperBench()
  const map = make(mapSpec(type, wishes))
  const [key, value, next] = [memory.alloc(16), memory.alloc(16), memory.alloc(16)]
  const at = (number: number): number => {
    memory.u8.fill(0, key, key + 16)
    memory.view.setUint32(key, number, true)
    return key
  }
  return {
    map,
    set: (index: number, low: number, high = 0, flags = 0): number => {
      memory.view.setUint32(value, low, true)
      memory.view.setUint32(value + 4, high, true)
      return map.update(at(index), value, flags)
    },
    get: (index: number): number | null => {
      const found = map.lookup(at(index))
      return found === 0 ? null : memory.view.getUint32(found, true)
    },
    delete: (index: number): number => map.delete(at(index)),
    put: (index: number, socket: object, flags = 0): number =>
      (map as SocketMap).put(at(index), socket as never, flags),
    held: (index: number): object | null => (map as SocketMap).held(at(index)),
    keys: (): number[] => {
      const keys: number[] = []
      for (let rc = map.nextKey(0, next); rc === 0 && keys.length < 9; rc = map.nextKey(at(keys.at(-1)!), next)) {
        keys.push(memory.view.getUint32(next, true))
      }
      return keys
    },
  }
}

const NOEXIST = abi.BPF_NOEXIST

test('a DEVMAP holds lo, which programs may only read', () => {
  const devices = open(abi.BPF_MAP_TYPE_DEVMAP, { valueSize: 8 })
  expect(devices.map.flags & RDONLY_PROG).toBe(RDONLY_PROG)
  expect([devices.set(2, 1), devices.get(2), devices.get(0)]).toEqual([0, 1, null])
  expect([devices.set(2, 9), devices.set(4, 1), devices.set(1, 1, 0, NOEXIST)]).toEqual([-EINVAL, -E2BIG, -abi.EEXIST])
  expect([devices.set(1, 1, 7), devices.set(1, 0, 7)]).toEqual([-EINVAL, -EINVAL])
  expect([devices.set(2, 0), devices.get(2), devices.delete(1), devices.delete(4)]).toEqual([0, null, 0, -EINVAL])
  expect(devices.keys()).toEqual([0, 1, 2, 3])
})

test('a DEVMAP_HASH counts', () => {
  const devices = open(abi.BPF_MAP_TYPE_DEVMAP_HASH, { valueSize: 4, maxEntries: 2 })
  expect([devices.set(70, 1), devices.set(80, 1), devices.set(90, 1), devices.set(70, 1)]).toEqual([0, 0, -E2BIG, 0])
  expect([devices.set(70, 0), devices.set(70, 1, 0, NOEXIST)]).toEqual([-EINVAL, -abi.EEXIST])
  expect([devices.keys(), devices.delete(70), devices.delete(70)]).toEqual([[70, 80], 0, -abi.ENOENT])
  expect(devices.keys()).toEqual([80])
})

test('a CPUMAP knows one processor', () => {
  const cpus = open(abi.BPF_MAP_TYPE_CPUMAP, { valueSize: 8 })
  expect([cpus.set(0, 192), cpus.get(0), cpus.set(1, 192), cpus.set(4, 1)]).toEqual([0, 192, -abi.ENODEV, -E2BIG])
  expect([cpus.set(0, 16385), cpus.set(0, 5, 3)]).toEqual([-abi.EOVERFLOW, -abi.ENOMEM])
  expect([cpus.set(0, 0), cpus.get(0)]).toEqual([0, null])
})

const tcp = { sk_family: abi.AF_INET, sk_type: abi.SOCK_STREAM, sk_protocol: abi.IPPROTO_TCP, sk_state: 1 }
const udp = { sk_family: abi.AF_INET6, sk_type: abi.SOCK_DGRAM, sk_protocol: abi.IPPROTO_UDP }
const unix = { sk_family: abi.AF_UNIX, sk_type: abi.SOCK_STREAM, sk_protocol: 0, sk_state: 1 }
const netlink = { sk_family: abi.AF_NETLINK, sk_type: abi.SOCK_DGRAM, sk_protocol: 0 }

describe('sockets', () => {
  test.each([abi.BPF_MAP_TYPE_SOCKMAP, abi.BPF_MAP_TYPE_SOCKHASH])('that can be sent on to, map type %i', (type) => {
    const sockets = open(type, { valueSize: 4 })
    expect([tcp, udp, unix].map((socket, at) => sockets.put(at, socket))).toEqual([0, 0, 0])
    expect(sockets.held(1)).toBe(udp)
    const refused = [{ ...tcp, sk_state: 7 }, { ...unix, sk_state: 10 }, netlink]
    expect(refused.map((socket) => sockets.put(3, socket))).toEqual(refused.map(() => -abi.EOPNOTSUPP))
    expect([sockets.put(0, udp, NOEXIST), sockets.put(3, udp, abi.BPF_EXIST), sockets.put(0, udp, 4)])
      .toEqual([-abi.EEXIST, -abi.ENOENT, -EINVAL])
    expect(sockets.set(3, 5)).toBe(-abi.EOPNOTSUPP)
    ;(sockets.map as SocketMap).leave(udp)
    expect([sockets.held(1), sockets.delete(0), sockets.held(0)]).toEqual([null, 0, null])
  })

  test('an index past the end, a hash that is full', () => {
    const [array, hash] = [open(abi.BPF_MAP_TYPE_SOCKMAP, {}), open(abi.BPF_MAP_TYPE_SOCKHASH, { maxEntries: 1 })]
    expect([array.put(4, udp), array.delete(4), array.delete(0)]).toEqual([-E2BIG, -EINVAL, -EINVAL])
    expect([hash.put(70, udp), hash.put(80, udp), hash.keys(), hash.delete(80)]).toEqual([0, -E2BIG, [70], -abi.ENOENT])
  })

  test('none of this kernel shares a port or is of AF_XDP', () => {
    const ports = open(abi.BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, {})
    const xsk = open(abi.BPF_MAP_TYPE_XSKMAP, { valueSize: 4 })
    expect([ports.put(0, udp), ports.put(0, unix), ports.put(4, udp)]).toEqual([-EINVAL, -ENOTSUPP, -E2BIG])
    expect([xsk.put(0, udp), xsk.delete(0), xsk.delete(4)]).toEqual([-abi.EOPNOTSUPP, 0, -EINVAL])
  })
})

test.each([8, 16])('a control group has its own value, by keys of %i bytes', (keySize) => {
  const storage = open(abi.BPF_MAP_TYPE_CGROUP_STORAGE, { keySize, maxEntries: 0 })
  const map: BpfMap = storage.map
  if (!(map instanceof GroupStorageMap)) throw new Error('another kind of map')
  expect([storage.get(7), storage.set(7, 1), storage.keys()]).toEqual([null, -abi.ENOENT, []])
  const value = map.of(7, 0)
  expect([map.of(7, 0) === value, map.of(8, 0) === value, storage.keys()]).toEqual([true, false, [7, 8]])
  expect([storage.set(7, 5), storage.get(7), storage.get(8), storage.delete(7)]).toEqual([0, 5, 0, -EINVAL])
  // programs of another attach type share a value only where the key has no type
  expect(map.of(7, 43) === value).toBe(keySize === 8)
})
