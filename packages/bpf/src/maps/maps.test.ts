/** Maps as the kernel has them: what may be made, what each operation answers, and where things lie. */
import * as abi from '@lsmkit/abi'
import { E2BIG, EAGAIN, EEXIST, EINVAL, ENOENT, ENOMEM, ENOSPC, ENOTSUPP, EOPNOTSUPP, EPERM, ERANGE } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { BpfError } from '../error.ts'
import type { MapSpec } from '../object/bpf-object.ts'
import { emptyMap } from '../object/map-section.ts'
import { BpfMemory } from '../vm/memory.ts'
import {
  ArrayOfMaps, checkMapParams, createMap, HashOfMaps, HEADER, MapHandle, MapSpace,
} from './index.ts'
import type {
  ArenaMap, BpfMap, ObjectArray, PerfEventArray, RingBuffer, StackTraceMap, StorageMap, UserRing,
} from './index.ts'

const MIB = 1 << 20
const newSpace = (limit = 16 * MIB): MapSpace =>
  new MapSpace(new BpfMemory({ readOnly: 8 * MIB, data: 16 * MIB }), { limit })

const spec = (
  type: number, keySize: number, valueSize: number, maxEntries: number, flags = 0, more: Partial<MapSpec> = {},
): MapSpec =>
  Object.assign(emptyMap('a_map', type), { keySize, valueSize, maxEntries, flags, ...more })

const make = (wanted: MapSpec, space = newSpace()): { map: BpfMap; handle: MapHandle; space: MapSpace } => {
  const map = createMap(wanted, { space, types: null })
  return { map, handle: new MapHandle(map, null, space.memory), space }
}

/** The errno of what is thrown, 0 when nothing is. */
const errnoOf = (act: () => unknown): number => {
  try {
    act()
  } catch (error) {
    if (error instanceof BpfError) return error.errno
    throw error
  }
  return 0
}

const {
  BPF_MAP_TYPE_ARRAY: ARRAY, BPF_MAP_TYPE_HASH: HASH, BPF_MAP_TYPE_LRU_HASH: LRU, BPF_MAP_TYPE_LPM_TRIE: LPM,
} = abi
const {
  BPF_MAP_TYPE_QUEUE: QUEUE, BPF_MAP_TYPE_STACK: STACK, BPF_MAP_TYPE_RINGBUF: RING, BPF_MAP_TYPE_ARENA: ARENA,
} = abi
const NO_PREALLOC = abi.BPF_F_NO_PREALLOC

describe('what may be made', () => {
  test.each([
    ['array', spec(ARRAY, 4, 8, 2), 0],
    ['array with a key of 8 bytes', spec(ARRAY, 8, 8, 2), -EINVAL],
    ['array of nothing', spec(ARRAY, 4, 8, 0), -EINVAL],
    ['array of values without bytes', spec(ARRAY, 4, 0, 2), -EINVAL],
    [
      'array that programs may neither read nor write',
      spec(ARRAY, 4, 8, 2, abi.BPF_F_RDONLY_PROG | abi.BPF_F_WRONLY_PROG), -EINVAL,
    ],
    ['array not preallocated', spec(ARRAY, 4, 8, 2, NO_PREALLOC), -EINVAL],
    ['array of 2 GiB values', spec(ARRAY, 4, 0x8000_0000, 1), -E2BIG],
    ['per-CPU array of values beyond a CPU\'s unit', spec(abi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, 32769, 1), -E2BIG],
    ['per-CPU array to be mapped', spec(abi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 1, abi.BPF_F_MMAPABLE), -EINVAL],
    ['hash', spec(HASH, 16, 8, 2), 0],
    ['hash without keys', spec(HASH, 0, 8, 2), -EINVAL],
    ['hash with a list for each CPU', spec(HASH, 4, 8, 2, abi.BPF_F_NO_COMMON_LRU), -EINVAL],
    ['hash with values beyond kmalloc', spec(HASH, 4, 4 * MIB, 2), -E2BIG],
    ['LRU not preallocated', spec(LRU, 4, 8, 2, NO_PREALLOC), -ENOTSUPP],
    ['trie', spec(LPM, 8, 4, 2, NO_PREALLOC), 0],
    ['trie preallocated', spec(LPM, 8, 4, 2), -EINVAL],
    ['trie of no bits', spec(LPM, 4, 4, 2, NO_PREALLOC), -EINVAL],
    ['trie of too many bits', spec(LPM, 261, 4, 2, NO_PREALLOC), -EINVAL],
    ['queue with keys', spec(QUEUE, 4, 4, 2), -EINVAL],
    ['queue of more than 4 GiB', spec(QUEUE, 0, 65536, 65536), -E2BIG],
    ['Bloom filter with keys', spec(abi.BPF_MAP_TYPE_BLOOM_FILTER, 4, 4, 2), -EINVAL],
    ['Bloom filter of 16 hashes', spec(abi.BPF_MAP_TYPE_BLOOM_FILTER, 0, 4, 2, 0, { extra: 16n }), -EINVAL],
    ['ring buffer', spec(RING, 0, 0, 4096), 0],
    ['ring buffer of three pages', spec(RING, 0, 0, 12288), -EINVAL],
    ['ring buffer of half a page', spec(RING, 0, 0, 2048), -EINVAL],
    ['ring buffer with values', spec(RING, 0, 8, 4096), -EINVAL],
    ['stack traces', spec(abi.BPF_MAP_TYPE_STACK_TRACE, 4, 8 * 127, 16), 0],
    ['stack traces too deep', spec(abi.BPF_MAP_TYPE_STACK_TRACE, 4, 8 * 128, 16), -EINVAL],
    ['storage', spec(abi.BPF_MAP_TYPE_TASK_STORAGE, 4, 8, 0, NO_PREALLOC, { keyTypeId: 1, valueTypeId: 1 }), 0],
    ['storage without types', spec(abi.BPF_MAP_TYPE_TASK_STORAGE, 4, 8, 0, NO_PREALLOC), -EINVAL],
    [
      'storage of a size', spec(abi.BPF_MAP_TYPE_TASK_STORAGE, 4, 8, 1, NO_PREALLOC, { keyTypeId: 1, valueTypeId: 1 }),
      -EINVAL,
    ],
    ['programs by 8 bytes', spec(abi.BPF_MAP_TYPE_PROG_ARRAY, 4, 8, 1), -EINVAL],
    [
      'programs that programs may only read', spec(abi.BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, abi.BPF_F_RDONLY_PROG),
      -EINVAL,
    ],
    ['arena', spec(ARENA, 0, 0, 4, abi.BPF_F_MMAPABLE), 0],
    ['arena not to be mapped', spec(ARENA, 0, 0, 4), -EINVAL],
    ['arena of more than 4 GiB', spec(ARENA, 0, 0, 2 ** 20 + 1, abi.BPF_F_MMAPABLE), -E2BIG],
    ['arena over a border of 4 GiB', spec(ARENA, 0, 0, 2, abi.BPF_F_MMAPABLE, { extra: 0xffff_f000n }), -ERANGE],
    ['a key\'s type without a value\'s', spec(HASH, 4, 4, 1, 0, { keyTypeId: 1 }), -EINVAL],
    ['map_extra where there is none', spec(HASH, 4, 4, 1, 0, { extra: 1n }), -EINVAL],
    ['a type there is none of', spec(99, 4, 4, 1), -EINVAL],
  ])('%s', (_, params, rc) => {
    expect(checkMapParams(params)).toBe(rc)
  })

  test.each([
    ['array', spec(ARRAY, 4, 1 << 20, 1 << 20)],
    ['queue', spec(QUEUE, 0, 65535, 65535)],
    ['ring buffer', spec(RING, 0, 0, 2 ** 31)],
    ['arena', spec(ARENA, 0, 0, 2 ** 20, abi.BPF_F_MMAPABLE)],
    ['Bloom filter', spec(abi.BPF_MAP_TYPE_BLOOM_FILTER, 0, 4, 0xffff_ffff)],
  ])('a huge %s is refused and nothing is taken', (_, params) => {
    const space = newSpace()
    expect(errnoOf(() => createMap(params, { space, types: null }))).toBeLessThan(0)
    expect(space.used).toBeLessThan(HEADER.size * 2)
    expect(space.memory.u8.length).toBeLessThan(16 * MIB)
  })

  test('a hash of four billion entries takes what it holds', () => {
    const { handle, space } = make(spec(HASH, 4, 8, 0xffff_ffff))
    expect(space.used).toBeLessThan(4096)
    handle.set(1, 2n)
    expect(handle.get(1)).toBe(2n)
  })

  test('the limit of all maps together holds while they fill, and freed memory comes back', () => {
    const space = newSpace(64 * 1024)
    const { map, handle } = make(spec(HASH, 4, 1024, 1000), space)
    let rc = 0
    let held = 0
    for (; rc === 0 && held < 1000; held++) rc = errnoOf(() => handle.set(held, new Uint8Array(1024)))
    expect(rc).toBe(-ENOMEM)
    expect(held).toBeGreaterThan(30)
    expect(space.used).toBeLessThanOrEqual(64 * 1024)
    map.free()
    expect(space.used).toBe(0)
  })

  test('a map that can only be verified against is told', () => {
    expect(() => make(spec(abi.BPF_MAP_TYPE_STRUCT_OPS, 4, 4, 1))).toThrow(/no struct of functions/)
  })
})

test('the header has the fields of struct bpf_map where programs read them', () => {
  const { map, space } = make(spec(HASH, 4, 12, 7))
  const word = (offset: number): number => space.memory.view.getUint32(map.address + offset, true)
  expect(
    [HEADER.mapType, HEADER.keySize, HEADER.valueSize, HEADER.maxEntries, HEADER.id].map(word),
  ).toEqual([HASH, 4, 12, 7, map.id])
  expect(map.address).toBeLessThan(space.memory.dataStart)
  expect(space.at(map.address)).toBe(map)
})

describe('array', () => {
  test('elements are there from the beginning and cannot be deleted', () => {
    const { handle, map } = make(spec(ARRAY, 4, 8, 2))
    expect([handle.get(0), handle.get(1), handle.get(2)]).toEqual([0n, 0n, undefined])
    handle.set(1, 5n)
    expect([...handle]).toEqual([[0, 0n], [1, 5n]])
    expect(errnoOf(() => handle.delete(0))).toBe(-EINVAL)
    expect(errnoOf(() => handle.set(2, 1n))).toBe(-E2BIG)
    expect(errnoOf(() => handle.set(0, 1n, abi.BPF_NOEXIST))).toBe(-EEXIST)
    expect(errnoOf(() => handle.set(0, 1n, 3))).toBe(-EINVAL)
    expect(errnoOf(() => handle.set(0, 1n, 2 ** 32))).toBe(-EINVAL)
    expect(errnoOf(() => handle.set(0, 1n, abi.BPF_F_LOCK))).toBe(-EINVAL)
    expect(map.count).toBe(2)
  })

  test('a frozen one lies where programs cannot write, and takes nothing more', () => {
    const { handle, map, space } = make(
      spec(ARRAY, 4, 4, 1, abi.BPF_F_RDONLY_PROG, { frozen: true, data: new Uint8Array([7, 0, 0, 0]) }),
    )
    expect(handle.get(0)).toBe(7)
    expect(errnoOf(() => handle.set(0, 8))).toBe(-EPERM)
    space.memory.view.setUint32(HEADER.size + map.address, 0, true)
    expect(map.lookupPerCpu(map.address, 1)).toBe(0)
  })
})

describe.each([['hash', HASH], ['per-CPU hash', abi.BPF_MAP_TYPE_PERCPU_HASH]])('%s', (_, type) => {
  test('flags and fullness', () => {
    const { handle } = make(spec(type, 4, 8, 2))
    expect(errnoOf(() => handle.set(1, 1n, abi.BPF_EXIST))).toBe(-ENOENT)
    handle.set(1, 10n, abi.BPF_NOEXIST)
    expect(errnoOf(() => handle.set(1, 1n, abi.BPF_NOEXIST))).toBe(-EEXIST)
    handle.set(2, 20n)
    expect(errnoOf(() => handle.set(3, 1n))).toBe(-E2BIG)
    handle.set(2, 21n, abi.BPF_EXIST)
    expect(handle.take(1)).toBe(10n)
    expect(handle.delete(1)).toBe(false)
    expect(new Map(handle)).toEqual(new Map([[2, 21n]]))
  })

  test.each([1, 2, 3, 4, 5, 8, 13, 400])('keys of %i bytes', (size) => {
    const { handle, map } = make(spec(type, size, 4, 300))
    const keyOf = (index: number): Uint8Array => {
      const key = new Uint8Array(size)
      key[size - 1] = index
      key[0]! ^= size > 1 ? index >> 4 : 0
      return key
    }
    for (let index = 0; index < 200; index++) handle.set(keyOf(index), index)
    for (let index = 0; index < 200; index++) expect(handle.get(keyOf(index))).toBe(index)
    for (let index = 0; index < 200; index += 2) handle.delete(keyOf(index))
    expect([map.count, [...handle.keys()].length]).toEqual([100, 100])
  })
})

test('a value stays where it is while the hash grows', () => {
  const { handle, map, space } = make(spec(HASH, 4, 8, 5000))
  handle.set(7, 70n)
  const key = space.memory.alloc(8)
  space.memory.view.setUint32(key, 7, true)
  const address = map.lookup(key)
  for (let index = 100; index < 4000; index++) handle.set(index, BigInt(index))
  expect(map.lookup(key)).toBe(address)
  expect(space.memory.view.getBigUint64(address, true)).toBe(70n)
  expect(address).toBeGreaterThanOrEqual(space.memory.dataStart)
})

describe('LRU hash', () => {
  test('the one that was not used for longest makes room', () => {
    const { map, handle, space } = make(spec(LRU, 4, 8, 3))
    for (const key of [1, 2, 3]) handle.set(key, BigInt(key))
    const key = space.memory.alloc(8)
    space.memory.view.setUint32(key, 1, true)
    expect(map.lookup(key)).not.toBe(0)
    handle.set(4, 4n)
    expect([1, 2, 3, 4].filter((one) => handle.has(one))).toEqual([1, 3, 4])
    expect(map.count).toBe(3)
  })

  test('a new value is use', () => {
    const { handle } = make(spec(LRU, 4, 8, 2))
    for (const key of [1, 2, 1, 3]) handle.set(key, 1n)
    expect([1, 2, 3].filter((one) => handle.has(one))).toEqual([1, 3])
  })

  test('a look-up from outside is no use', () => {
    const { handle } = make(spec(LRU, 4, 8, 2))
    handle.set(1, 1n)
    handle.set(2, 2n)
    handle.get(1)
    handle.set(3, 3n)
    expect(handle.has(1)).toBe(false)
  })

  test('all used: the oldest goes', () => {
    const { map, handle, space } = make(spec(LRU, 4, 8, 3))
    const key = space.memory.alloc(8)
    for (const one of [1, 2, 3]) {
      handle.set(one, 1n)
      space.memory.view.setUint32(key, one, true)
      map.lookup(key)
    }
    handle.set(4, 4n)
    expect([1, 2, 3, 4].filter((one) => handle.has(one))).toEqual([2, 3, 4])
  })
})

describe('trie', () => {
  const prefix = (text: string): Uint8Array => {
    const [address, bits] = text.split('/')
    return new Uint8Array([Number(bits), 0, 0, 0, ...address!.split('.').map(Number)])
  }

  test('the longest prefix answers', () => {
    const { handle } = make(spec(LPM, 8, 4, 16, NO_PREALLOC))
    for (const [text, value] of [
      ['10.0.0.0/8', 1], ['10.1.0.0/16', 2], ['10.1.2.0/24', 3], ['0.0.0.0/0', 9],
    ] as const) {
      handle.set(prefix(text), value)
    }
    expect([
      '10.1.2.3/32', '10.1.3.3/32', '10.9.9.9/32', '11.0.0.1/32', '10.1.0.0/12',
    ].map((text) => handle.get(prefix(text))))
      .toEqual([3, 2, 1, 9, 1])
    expect([...handle.values()]).toEqual([3, 2, 1, 9])
    expect(handle.delete(prefix('10.1.0.0/16'))).toBe(true)
    expect(handle.delete(prefix('10.1.0.0/15'))).toBe(false)
    expect(handle.get(prefix('10.1.3.3/32'))).toBe(1)
  })

  test('flags, limits', () => {
    const { handle } = make(spec(LPM, 8, 4, 2, NO_PREALLOC))
    handle.set(prefix('10.0.0.0/8'), 1)
    expect(errnoOf(() => handle.set(prefix('10.0.0.0/8'), 1, abi.BPF_NOEXIST))).toBe(-EEXIST)
    expect(errnoOf(() => handle.set(prefix('10.0.0.0/9'), 1, abi.BPF_EXIST))).toBe(-ENOENT)
    expect(errnoOf(() => handle.set(prefix('10.0.0.0/33'), 1))).toBe(-EINVAL)
    handle.set(prefix('12.0.0.0/8'), 2)
    expect(errnoOf(() => handle.set(prefix('13.0.0.0/8'), 3))).toBe(-ENOSPC)
  })

  test('agrees with a list of prefixes searched from the longest', () => {
    const { handle } = make(spec(LPM, 6, 4, 4096, NO_PREALLOC))
    const list = new Map<string, number>()
    let state = 12345
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return (state >>> 8) % below
    }
    const bitsOf = (value: number, length: number): string => value.toString(2).padStart(16, '0').slice(0, length)
    for (let step = 0; step < 3000; step++) {
      const length = random(17)
      const value = random(65536)
      const key = new Uint8Array([length, 0, 0, 0, value >> 8, value & 255])
      const bits = bitsOf(value, length)
      if (random(3) === 0) expect(handle.delete(key)).toBe(list.delete(bits))
      else {
        handle.set(key, step)
        list.set(bits, step)
      }
      const asked = random(65536)
      const whole = bitsOf(asked, 16)
      let expected: number | undefined
      for (let kept = 16; kept >= 0 && expected === undefined; kept--) expected = list.get(whole.slice(0, kept))
      expect(handle.get(new Uint8Array([16, 0, 0, 0, asked >> 8, asked & 255]))).toBe(expected)
    }
    expect(handle.map.count).toBe(list.size)
  })
})

describe.each([['queue', QUEUE, [1, 2, 3]], ['stack', STACK, [3, 2, 1]]] as const)('%s', (_, type, order) => {
  test('order, fullness, emptiness', () => {
    const { handle } = make(spec(type, 0, 4, 3))
    for (const value of [1, 2, 3]) handle.push(value)
    expect(errnoOf(() => handle.push(4))).toBe(-E2BIG)
    expect(errnoOf(() => handle.push(4, abi.BPF_NOEXIST))).toBe(-EINVAL)
    expect(handle.peek()).toBe(order[0])
    expect([handle.pop(), handle.pop(), handle.pop(), handle.pop()]).toEqual([...order, undefined])
    for (const value of [1, 2, 3]) handle.push(value)
    handle.push(4, abi.BPF_EXIST)
    expect([handle.pop(), handle.pop(), handle.pop()].sort()).toEqual([2, 3, 4])
  })
})

test('a Bloom filter forgets nothing and seldom invents', () => {
  const { handle } = make(spec(abi.BPF_MAP_TYPE_BLOOM_FILTER, 0, 4, 1000))
  for (let value = 0; value < 1000; value++) handle.push(value)
  expect(Array.from({ length: 1000 }, (_, value) => handle.mayHave(value)).every(Boolean)).toBe(true)
  const invented = Array.from({ length: 10000 }, (_, value) => handle.mayHave(value + 1000)).filter(Boolean).length
  expect(invented).toBeLessThan(500)
  expect(errnoOf(() => handle.push(1, abi.BPF_NOEXIST))).toBe(-EINVAL)
  expect(errnoOf(() => handle.pop())).toBe(-EOPNOTSUPP)
})

describe('ring buffer', () => {
  const ring = (size = 4096) => {
    const { map, space } = make(spec(RING, 0, 0, size))
    const buffer = map as RingBuffer
    const write = (text: string): number => {
      const address = buffer.reserve(text.length)
      if (address !== 0) {
        new TextEncoder().encodeInto(text, space.memory.u8.subarray(address, address + text.length))
        buffer.submit(address)
      }
      return address
    }
    return { buffer, space, write, read: () => buffer.consume().map((bytes) => new TextDecoder().decode(bytes)) }
  }

  test('records come out whole and in order, discarded ones not', () => {
    const { buffer, write, read } = ring()
    write('one')
    buffer.discard(buffer.reserve(100))
    const late = buffer.reserve(4)
    write('three')
    expect(read()).toEqual(['one'])
    buffer.submit(late)
    expect(read()).toEqual(['\0\0\0\0', 'three'])
  })

  test('it is never quite full, and goes round for ever', () => {
    const { buffer, write, read } = ring()
    expect(buffer.reserve(4096)).toBe(0)
    expect(buffer.reserve(4088)).toBe(0)
    let written = 0
    while (write('x'.repeat(100)) !== 0) written++
    expect([written, buffer.dropped]).toEqual([36, 3])
    expect(read()).toHaveLength(36)
    for (let round = 0; round < 200; round++) {
      write(`record ${round} `.repeat(40))
      expect(read()).toEqual([`record ${round} `.repeat(40)])
    }
    expect(buffer.query(abi.BPF_RB_AVAIL_DATA)).toBe(0)
    expect(buffer.query(abi.BPF_RB_RING_SIZE)).toBe(4096)
  })

  test('output copies, and says why not', () => {
    const { buffer, space, read } = ring()
    const from = space.memory.alloc(8)
    space.memory.u8.set([104, 105], from)
    expect(
      [buffer.output(from, 2, 0), buffer.output(from, 2, 8), buffer.output(from, 5000, 0)],
    ).toEqual([0, -EINVAL, -EAGAIN])
    expect(read()).toEqual(['hi'])
  })

  test('what a program does to an address that is none, and to lengths, breaks nothing', () => {
    const { buffer, space, write, read } = ring()
    const address = write('good')
    buffer.submit(address + 8)
    buffer.submit(4)
    buffer.discard(address)
    space.memory.u8.fill(0xff, address - 8, address)
    expect(read()).toEqual(['good'])
  })

  test('a consumer waits, and ends when it is told to', async () => {
    const { buffer, write } = ring()
    const stop = new AbortController()
    const seen: string[] = []
    const reader = (async () => {
      for await (const bytes of buffer.records({ signal: stop.signal })) seen.push(new TextDecoder().decode(bytes))
    })()
    write('a')
    await Promise.resolve()
    write('b')
    await new Promise((resolve) => setTimeout(resolve, 1))
    write('c')
    await new Promise((resolve) => setTimeout(resolve, 1))
    stop.abort()
    await reader
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  test('freeing the map ends its consumers', async () => {
    const { buffer } = ring()
    const next = buffer.records().next()
    await Promise.resolve()
    buffer.free()
    expect(await next).toEqual({ done: true, value: undefined })
  })
})

test('perf events reach who reads them, and are lost when they are too many', async () => {
  const { map } = make(spec(abi.BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1))
  const events = map as PerfEventArray
  expect([events.output(0, new Uint8Array(1)), events.output(1, new Uint8Array(1))]).toEqual([-ENOENT, -E2BIG])
  const reader = events.events({ most: 2 })
  const first = reader.next()
  for (const value of [1, 2, 3, 4]) events.output(0, new Uint8Array([value]))
  expect((await first).value).toEqual(new Uint8Array([1]))
  expect([(await reader.next()).value, events.lost()]).toEqual([new Uint8Array([2]), 2])
  await reader.return(undefined)
  expect(events.output(0, new Uint8Array(1))).toBe(-ENOENT)
})

test('samples of user space are drained in order', () => {
  const { map, space } = make(spec(abi.BPF_MAP_TYPE_USER_RINGBUF, 0, 0, 4096))
  const ring = map as UserRing
  expect(
    [ring.send(new Uint8Array([1, 2])), ring.send(new Uint8Array(5000)), ring.send(new Uint8Array(4080))],
  ).toEqual([0, -E2BIG, -ENOSPC])
  const sample = ring.acquire()!
  expect([...space.memory.u8.slice(sample.address, sample.address + sample.size)]).toEqual([1, 2])
  expect(sample.address).toBeLessThan(space.memory.dataStart)
  ring.release()
  expect(ring.acquire()).toBeNull()
})

describe('maps of maps', () => {
  const inner = spec(ARRAY, 4, 8, 2)
  test.each([['array', abi.BPF_MAP_TYPE_ARRAY_OF_MAPS], ['hash', abi.BPF_MAP_TYPE_HASH_OF_MAPS]])('%s', (_, type) => {
    const { map, handle, space } = make(spec(type, 4, 4, 2, 0, { inner }))
    const one = createMap(inner, { space, types: null })
    const other = createMap({ ...inner, valueSize: 16 }, { space, types: null })
    const larger = createMap({ ...inner, maxEntries: 3 }, { space, types: null })
    handle.put(1, one)
    expect([handle.get(1) !== undefined, handle.get(0)]).toEqual([true, undefined])
    expect(errnoOf(() => handle.put(1, other))).toBe(-EINVAL)
    expect(errnoOf(() => handle.put(1, larger))).toBe(-EINVAL)
    const key = space.memory.alloc(8)
    space.memory.view.setUint32(key, 1, true)
    expect(space.at(map.lookup(key))).toBe(one)
    expect(handle.delete(1)).toBe(true)
    expect([map.lookup(key), handle.delete(1)]).toEqual([0, false])
    expect(map instanceof ArrayOfMaps || map instanceof HashOfMaps).toBe(true)
  })

  test('without a template there is none', () => {
    expect(errnoOf(() => make(spec(abi.BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 2)))).toBe(-EINVAL)
  })
})

test('storage belongs to its owner and dies with it', () => {
  const { map, space } = make(
    spec(abi.BPF_MAP_TYPE_INODE_STORAGE, 4, 8, 0, NO_PREALLOC, { keyTypeId: 1, valueTypeId: 1 }),
  )
  const storage = map as StorageMap
  const initial = space.memory.alloc(8)
  space.memory.view.setBigUint64(initial, 5n, true)
  expect([storage.get(4096, 0, 0), storage.get(4096, 0, 2), storage.get(0, 0, 1)]).toEqual([0, 0, 0])
  const value = storage.get(4096, initial, abi.BPF_LOCAL_STORAGE_GET_F_CREATE)
  expect([space.memory.view.getBigUint64(value, true), storage.get(4096, 0, 0)]).toEqual([5n, value])
  expect(
    [storage.set(4096, initial, abi.BPF_NOEXIST), storage.set(8192, initial, abi.BPF_EXIST)],
  ).toEqual([-EEXIST, -ENOENT])
  const used = space.used
  expect([storage.drop(4096), storage.drop(4096), storage.count]).toEqual([0, -ENOENT, 0])
  expect(space.used).toBeLessThan(used)
  expect(storage.nextKey(0, initial)).toBe(-ENOTSUPP)
})

test('stacks are known by their hash', () => {
  const { map, handle } = make(spec(abi.BPF_MAP_TYPE_STACK_TRACE, 4, 24, 1))
  const stacks = map as StackTraceMap
  expect([stacks.record([1n, 2n], 0), stacks.record([1n, 2n], 0), stacks.record([9n], 0)]).toEqual([0, 0, -EEXIST])
  expect(handle.get(0)).toEqual(new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 2, ...new Uint8Array(15)]))
  expect(stacks.record([9n, 8n, 7n, 6n], abi.BPF_F_REUSE_STACKID)).toBe(0)
  expect([...handle.keys()]).toEqual([0])
})

test('what is in slots is the host\'s, and changes are told', () => {
  const { map } = make(spec(abi.BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 2))
  const programs = map as ObjectArray<{ name: string }>
  const told: unknown[] = []
  programs.onChange = (index, held) => told.push([index, held?.name ?? null])
  expect(
    [programs.put(0, { name: 'a' }), programs.put(2, { name: 'b' }), programs.put(1, { name: 'c' }, abi.BPF_NOEXIST)],
  ).toEqual([0, -E2BIG, -EINVAL])
  expect([programs.at(0)?.name, programs.at(1), programs.drop(0), programs.drop(0)]).toEqual(['a', null, 0, -ENOENT])
  expect(told).toEqual([[0, 'a'], [0, null]])
})

test('pages of an arena', () => {
  const { map, space } = make(spec(ARENA, 0, 0, 4, abi.BPF_F_MMAPABLE, { data: new Uint8Array([1, 2, 3]) }))
  const arena = map as ArenaMap
  expect([...space.memory.u8.slice(arena.base, arena.base + 3)]).toEqual([1, 2, 3])
  expect(
    [arena.allocPages(2), arena.allocPages(2), arena.allocPages(1, 0), arena.allocPages(1)],
  ).toEqual([4096, -1, -1, 12288])
  arena.freePages(4096, 1)
  expect(arena.allocPages(1)).toBe(4096)
})

describe('flags of access', () => {
  test('a map that user space may only read, and one that it may only write', () => {
    const readOnly = make(spec(HASH, 4, 8, 2, abi.BPF_F_RDONLY)).handle
    expect([readOnly.get(1), errnoOf(() => readOnly.set(1, 1n)), errnoOf(() => readOnly.delete(1))])
      .toEqual([undefined, -EPERM, -EPERM])
    const writeOnly = make(spec(HASH, 4, 8, 2, abi.BPF_F_WRONLY)).handle
    writeOnly.set(1, 1n)
    expect([errnoOf(() => writeOnly.get(1)), errnoOf(() => [...writeOnly.keys()])]).toEqual([-EPERM, -EPERM])
  })

  test('programs write through to a map that user space may only read', () => {
    const { map, space } = make(spec(HASH, 4, 8, 2, abi.BPF_F_RDONLY))
    const at = space.memory.alloc(16)
    expect([map.update(at, at + 8, 0), map.lookup(at) !== 0]).toEqual([0, true])
  })
})

const kinds = [['hash', HASH, 40], ['LRU hash', LRU, 1000]] as const
test.each(kinds)('%s agrees with a Map under random operations', (_, type, room) => {
  const { map, handle } = make(spec(type, 8, 8, room))
  const model = new Map<bigint, bigint>()
  let state = 99
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 10) % below
  }
  for (let step = 0; step < 6000; step++) {
    const key = BigInt(random(60)) * 0x1_0000_0001n
    const flags = random(3)
    if (random(4) === 0) expect(handle.delete(key)).toBe(model.delete(key))
    else {
      const expected = flags === abi.BPF_NOEXIST && model.has(key) ? -EEXIST
        : flags === abi.BPF_EXIST && !model.has(key) ? -ENOENT
          : !model.has(key) && model.size >= room ? -E2BIG : 0
      expect(errnoOf(() => handle.set(key, BigInt(step), flags))).toBe(expected)
      if (expected === 0) model.set(key, BigInt(step))
    }
    const asked = BigInt(random(60)) * 0x1_0000_0001n
    expect(handle.get(asked)).toBe(model.get(asked))
  }
  expect([map.count, new Map(handle)]).toEqual([model.size, model])
})

describe('batches', () => {
  const filled = () => {
    const made = make(spec(HASH, 4, 8, 100))
    made.handle.updateBatch(Array.from({ length: 50 }, (_, index) => [index, BigInt(index)] as const))
    return made
  }

  test('a walk in batches meets every entry once', () => {
    const { handle } = filled()
    const seen: unknown[] = []
    let next: ReturnType<MapHandle['lookupBatch']>['next'] = null
    do {
      const batch = handle.lookupBatch(7, next)
      seen.push(...batch.entries.map(([key]) => key))
      next = batch.next
    } while (next !== null)
    expect(
      seen.sort((one, other) => Number(one) - Number(other)),
    ).toEqual(Array.from({ length: 50 }, (_, index) => index))
  })

  test('a batch stops where one fails and says how many were done', () => {
    const { handle } = filled()
    expect(handle.deleteBatch([1, 2, 99, 3])).toBe(2)
    expect(handle.has(3)).toBe(true)
    expect(errnoOf(() => handle.deleteBatch([99]))).toBe(-ENOENT)
    expect(handle.updateBatch([[60, 1n], [61, 2n]], abi.BPF_NOEXIST)).toBe(2)
    expect(errnoOf(() => handle.updateBatch([[60, 1n]], abi.BPF_NOEXIST))).toBe(-EEXIST)
  })
})
