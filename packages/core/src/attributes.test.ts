import {
  E2BIG, EFAULT, EINVAL, ENOENT, EOPNOTSUPP, LSM_ATTR_CURRENT, LSM_FLAG_SINGLE, packLsmCtx, unpackLsmCtxs,
} from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { lsm_fill_user_ctx, lsm_get_self_attr, lsm_list_modules, lsm_set_self_attr } from './attributes.ts'
import type { AttributeSlot, GetSelfAttr, SetSelfAttr } from './attributes.ts'
import { ref } from './objects/ref.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
/** Answers every attribute with a text. */
const tells = (id: number, text: string): AttributeSlot<GetSelfAttr> => ({
  id,
  fn: (_attr, ctx, size) => lsm_fill_user_ctx(ctx, size, bytes(text), id, 0) || 1,
})
const gives = (id: number, rc: number): AttributeSlot<GetSelfAttr> => ({ id, fn: () => rc })
const header = (id: number, length = 32) => {
  const ctx = new Uint8Array(length)
  new DataView(ctx.buffer).setBigUint64(0, BigInt(id), true)
  return ctx
}

describe('lsm_fill_user_ctx', () => {
  test.each([
    { say: 'there is room', room: 40, ctx: new Uint8Array(40), rc: 0 },
    { say: 'the size is too small', room: 39, ctx: new Uint8Array(40), rc: -E2BIG },
    { say: 'nothing is to be written', room: 40, ctx: null, rc: 0 },
    { say: 'the size comes before the missing buffer', room: 39, ctx: null, rc: -E2BIG },
    { say: 'the memory ends', room: 40, ctx: new Uint8Array(39), rc: -EFAULT },
  ])('$say', ({ room, ctx, rc }) => {
    const size = ref(room)
    expect(lsm_fill_user_ctx(ctx, size, bytes('kernel\0'), 101, 0)).toBe(rc)
    expect(size.value).toBe(40)
    const entry = packLsmCtx({ id: 101n, flags: 0n, ctx: bytes('kernel\0') })
    expect(ctx).toEqual(ctx && (rc === 0 ? entry : new Uint8Array(ctx.length)))
  })
})

describe('lsm_get_self_attr: checks in their order', () => {
  const slots = [tells(101, 'a')]
  test.each([
    { say: 'attribute 0', attr: 0, ctx: null, size: null, flags: 9, rc: -EINVAL },
    { say: 'no size', attr: LSM_ATTR_CURRENT, ctx: null, size: null, flags: 9, rc: -EINVAL },
    { say: 'a size that cannot be read', attr: LSM_ATTR_CURRENT, ctx: null, size: ref(null), flags: 9, rc: -EFAULT },
    { say: 'an unknown flag', attr: LSM_ATTR_CURRENT, ctx: header(101), size: ref(99), flags: 3, rc: -EINVAL },
    {
      say: 'single without a buffer', attr: LSM_ATTR_CURRENT, ctx: null, size: ref(99), flags: LSM_FLAG_SINGLE,
      rc: -EINVAL,
    },
    {
      say: 'a header that cannot be read', attr: LSM_ATTR_CURRENT, ctx: header(101, 31), size: ref(99), flags: 1,
      rc: -EFAULT,
    },
    { say: 'a header of nobody', attr: LSM_ATTR_CURRENT, ctx: header(0), size: ref(99), flags: 1, rc: -EINVAL },
    {
      say: 'a header of somebody else', attr: LSM_ATTR_CURRENT, ctx: header(102), size: ref(99), flags: 1,
      rc: -EOPNOTSUPP, after: 0,
    },
  ])('$say', ({ attr, ctx, size, flags, rc, after }) => {
    const before = size?.value
    expect(lsm_get_self_attr(slots, attr, ctx, size, flags)).toBe(rc)
    expect(size?.value).toBe(after ?? before)
  })
})

describe('lsm_get_self_attr: answers', () => {
  const ask = (slots: readonly AttributeSlot<GetSelfAttr>[], room: number, flags = 0, ctx = header(102, 200)) => {
    const size = ref<number | null>(room)
    const rc = lsm_get_self_attr(slots, LSM_ATTR_CURRENT, ctx, size, flags)
    const written = rc > 0 ? unpackLsmCtxs(ctx.subarray(0, size.value!))! : []
    return { rc, size: size.value, entries: written.map(({ id }) => Number(id)) }
  }
  const three = [tells(101, 'one'), gives(109, -EOPNOTSUPP), tells(102, 'a longer text'), tells(110, '')]

  test('entries follow one another; who has no opinion is passed over', () => {
    expect(ask(three, 200)).toEqual({ rc: 3, size: 40 + 48 + 32, entries: [101, 102, 110] })
  })
  test('SINGLE asks one', () => {
    expect(ask(three, 200, LSM_FLAG_SINGLE)).toEqual({ rc: 1, size: 48, entries: [102] })
  })
  test('too little room: everybody is still asked for the size', () => {
    expect(ask(three, 87)).toEqual({ rc: -E2BIG, size: 120, entries: [] })
  })
  test('any other error ends it and leaves the size alone', () => {
    const slots = [tells(101, 'one'), gives(104, -ENOENT), tells(102, 'x')]
    expect(ask(slots, 200)).toEqual({ rc: -ENOENT, size: 200, entries: [] })
  })
  test('nobody has an opinion', () => {
    expect(ask([gives(109, -EOPNOTSUPP)], 200)).toEqual({ rc: -EOPNOTSUPP, size: 0, entries: [] })
    expect(ask([], 200)).toEqual({ rc: -EOPNOTSUPP, size: 0, entries: [] })
  })
})

describe('lsm_set_self_attr', () => {
  const asked: unknown[] = []
  const slots: AttributeSlot<SetSelfAttr>[] = [101, 102].map((id) => ({
    id,
    fn: (attr, ctx, size) => {
      asked.push([id, attr, new TextDecoder().decode(ctx.ctx), size])
      return id === 101 ? -EINVAL : size
    },
  }))
  const packed = packLsmCtx({ id: 102n, flags: 0n, ctx: bytes('Foo') })
  const with64 = (at: number, value: bigint) => {
    const copy = packed.slice()
    new DataView(copy.buffer).setBigUint64(at, value, true)
    return copy
  }
  test.each([
    { say: 'flags', ctx: null, size: 0, flags: 1, rc: -EINVAL },
    { say: 'less than a header', ctx: null, size: 31, rc: -EINVAL },
    { say: 'more than a page', ctx: null, size: 4097, rc: -E2BIG },
    { say: 'no memory', ctx: null, size: 40, rc: -EFAULT },
    { say: 'memory that ends', ctx: packed.subarray(0, 39), size: 40, rc: -EFAULT },
    { say: 'len beyond the size', ctx: with64(16, 41n), rc: -EINVAL },
    { say: 'len below what the value needs', ctx: with64(16, 34n), rc: -EINVAL },
    { say: 'a value length that overflows', ctx: with64(24, 0xffff_ffff_ffff_fff0n), rc: -EINVAL },
    { say: 'nobody\'s id', ctx: with64(0, 103n), rc: -EOPNOTSUPP },
    { say: 'an id beyond 53 bits', ctx: with64(0, (1n << 60n) + 102n), rc: -EOPNOTSUPP },
    { say: 'an LSM that refuses', ctx: with64(0, 101n), rc: -EINVAL, told: [101, 100, 'Foo', 40] },
    { say: 'bytes taken are success', ctx: packed, rc: 0, told: [102, 100, 'Foo', 40] },
  ])('$say', ({ ctx, size = 40, flags = 0, rc, told }) => {
    asked.length = 0
    expect(lsm_set_self_attr(slots, LSM_ATTR_CURRENT, ctx, size, flags)).toBe(rc)
    expect(asked).toEqual(told ? [told] : [])
  })
})

describe('lsm_list_modules', () => {
  test.each([
    { say: 'flags leave the size alone', ids: 16, size: 3, flags: 1, rc: -EINVAL, after: 3 },
    { say: 'no size', ids: 16, size: undefined, flags: 0, rc: -EFAULT },
    { say: 'a size that cannot be read', ids: 16, size: null, flags: 0, rc: -EFAULT, after: null },
    { say: 'too small', ids: 16, size: 15, flags: 0, rc: -E2BIG, after: 16 },
    { say: 'no memory', ids: null, size: 16, flags: 0, rc: -EFAULT, after: 16 },
    { say: 'memory that ends', ids: 15, size: 16, flags: 0, rc: -EFAULT, after: 16 },
    { say: 'room', ids: 16, size: 99, flags: 0, rc: 2, after: 16 },
  ])('$say', ({ ids, size, flags, rc, after }) => {
    const buffer = ids === null ? null : new Uint8Array(ids)
    const room = size === undefined ? null : ref<number | null>(size)
    expect(lsm_list_modules([100, 110], buffer, room, flags)).toBe(rc)
    expect(room?.value).toBe(after)
    const told = buffer !== null && rc > 0 ? [...new BigUint64Array(buffer.buffer)] : []
    expect(told).toEqual(rc > 0 ? [100n, 110n] : [])
  })
})
