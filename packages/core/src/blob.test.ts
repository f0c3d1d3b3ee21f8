import { describe, expect, test } from 'vitest'
import { defineBlob } from './blob.ts'
import type { BlobAccessor } from './blob.ts'
import { bindBlobs } from './blobs/bind-blobs.ts'
import { placeBlobs } from './blobs/place-blobs.ts'
import type { BlobClaim } from './blobs/place-blobs.ts'
import type { ComposeError } from './errors.ts'
import type { BlobKind } from './hooks/hook-types.ts'
import type { SecuritySlots } from './blobs/security.ts'
import { ALONE } from './blobs/security.ts'
import type { Secured } from './objects/secured.ts'

interface Thing extends Secured {
  readonly n: number
}
const thing = (n = 0): Thing => ({ n, security: null })
const blob = (mark: string) => defineBlob((object: Thing) => ({ mark, n: object.n }))
type ThingBlob = ReturnType<typeof blob>

const claim = (lsm: string, kind: BlobKind, accessor: ThingBlob): BlobClaim => ({
  lsm, kind, accessor: accessor as unknown as BlobAccessor,
})

/** A stack's worth of blobs of one kind. */
const compose = (blobs: readonly ThingBlob[], kind: BlobKind = 'inode') => {
  const places = placeBlobs(blobs.map((accessor, i) => claim(`lsm${i}`, kind, accessor)))
  return { slots: places.map(({ slot }) => slot), pool: bindBlobs(places)[kind]! }
}
const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return (error as ComposeError).code
  }
  return 'none'
}

test('state is made from the object, is its own, and goes', () => {
  const [a, b] = [blob('a'), blob('b')]
  const { pool } = compose([a, b])
  const [x, y] = [thing(1), thing(2)]
  pool.alloc(x)
  pool.alloc(y)
  expect(a(x)).toEqual({ mark: 'a', n: 1 })
  expect(b(y)).toEqual({ mark: 'b', n: 2 })
  a(x).n = 7
  expect([a(x).n, a(y).n]).toEqual([7, 2])
  pool.free(x)
  expect(x.security).toBeNull()
})

test('slots nobody has are null, whatever the number of blobs', () => {
  const { slots, pool } = compose([blob('a'), blob('b'), blob('c')])
  const x = thing()
  pool.alloc(x)
  const security = x.security as SecuritySlots
  const filled = [0, 1, 2, 3, 4, 5, 6, 7].filter((slot) => security[`s${slot}` as keyof SecuritySlots] !== null)
  expect(filled).toEqual([...slots].sort())
})

test('state that is alone on a kind of object is its security, without slots', () => {
  const a = blob('a')
  const { slots, pool } = compose([a], 'perf_event')
  expect(slots).toEqual([ALONE])
  const x = thing(2)
  pool.alloc(x)
  expect(x.security).toEqual({ mark: 'a', n: 2 })
  expect(a(x)).toBe(x.security)
  pool.free(x)
  expect(x.security).toBeNull()
})

test('an accessor of no stack says so', () => {
  expect(codeOf(() => blob('a')(thing()))).toBe('blob-unbound')
})

test('eight blobs fit on one kind, nine do not', () => {
  const eight = Array.from({ length: 8 }, (_, i) => blob(String(i)))
  const { slots, pool } = compose(eight)
  expect([...slots].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  const x = thing(3)
  pool.alloc(x)
  expect(eight.map((accessor) => accessor(x).mark)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
  expect(codeOf(() => compose([...eight, blob('8')]))).toBe('too-many-blobs')
})

test('one blob cannot be that of two LSMs or two kinds', () => {
  const a = blob('a')
  expect(codeOf(() => compose([a, a]))).toBe('blob-shared')
})

describe('one accessor in several stacks', () => {
  test('keeps its slot', () => {
    const [a, b] = [blob('a'), blob('b')]
    const first = compose([a, b])
    const second = compose([a, b])
    expect(second.slots).toEqual(first.slots)
  })

  test('keeps its slot beside others, which take what is free', () => {
    const kinds = 'key' as const
    const [a, b, c] = [blob('a'), blob('b'), blob('c')]
    compose([a, b], kinds)
    const { slots, pool } = compose([c, b, a], kinds)
    expect(new Set(slots).size).toBe(3)
    const x = thing(5)
    pool.alloc(x)
    expect([a(x).mark, b(x).mark, c(x).mark]).toEqual(['a', 'b', 'c'])
  })

  test('is moved where it is not alone any more, and keeps its slot when it is', () => {
    const [a, b] = [blob('a'), blob('b')]
    const alone = compose([a], 'ipc')
    const both = compose([a, b], 'ipc')
    expect(both.slots).not.toContain(ALONE)
    const later = compose([b], 'ipc')
    expect(later.slots).toEqual([both.slots[1]])
    const [x, y, z, last] = [thing(1), thing(2), thing(3), thing(4)]
    alone.pool.alloc(x)
    both.pool.alloc(y)
    later.pool.alloc(z)
    alone.pool.alloc(last)
    expect([x, y, last].map((object) => a(object))).toEqual([1, 2, 4].map((n) => ({ mark: 'a', n })))
    expect([y, z].map((object) => b(object))).toEqual([2, 3].map((n) => ({ mark: 'b', n })))
  })

  test('is moved where another has its slot already, and read right in both stacks', () => {
    // nine homes on eight slots, each beside the same one: two accessors must share one
    const [beside, ...many] = Array.from({ length: 10 }, (_, i) => blob(String(i))) as [ThingBlob, ...ThingBlob[]]
    const stacks = many.map((accessor) => compose([beside, accessor], 'sock'))
    const home = (i: number) => stacks[i]!.slots[1]
    const twin = many.findIndex((_, i) => many.some((__, k) => k < i && home(k) === home(i)))
    const one = many.findIndex((_, i) => home(i) === home(twin))
    const before = thing(1)
    stacks[twin]!.pool.alloc(before)
    const both = compose([many[one]!, many[twin]!], 'sock')
    expect(both.slots[0]).toBe(home(one))
    expect(both.slots[1]).not.toBe(home(twin))
    const after = thing(2)
    both.pool.alloc(after)
    const later = thing(3)
    stacks[twin]!.pool.alloc(later)
    const mark = String(twin + 1)
    expect(many[one]!(after)).toEqual({ mark: String(one + 1), n: 2 })
    expect([before, after, later].map((x) => many[twin]!(x))).toEqual([1, 2, 3].map((n) => ({ mark, n })))
  })
})

test('backing files have their state beside that of the file, and lose only theirs', () => {
  const [file, backing] = [blob('file'), blob('backing')]
  const pools = bindBlobs(placeBlobs([claim('a', 'file', file), claim('a', 'backing_file', backing)]))
  const x = thing(1)
  pools.file!.alloc(x)
  expect(backing(x)).toBeNull()
  pools.backing_file!.alloc(x)
  expect([file(x).mark, backing(x).mark]).toEqual(['file', 'backing'])
  pools.backing_file!.free(x)
  expect([file(x).mark, backing(x)]).toEqual(['file', null])
})

test('state of backing files where files have none', () => {
  const backing = blob('backing')
  const pools = bindBlobs(placeBlobs([claim('a', 'backing_file', backing)]))
  const x = thing(4)
  pools.backing_file!.alloc(x)
  expect(backing(x)).toEqual({ mark: 'backing', n: 4 })
})
