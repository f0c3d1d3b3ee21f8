import { expect, test } from 'vitest'
import { LSM_CTX_HEADER_SIZE, lsmCtxSize, packLsmCtx, unpackLsmCtxHeader, unpackLsmCtxs } from './lsm-ctx.ts'
import { LSM_ID_SELINUX, LSM_ID_SMACK } from './lsm.ts'

const text = (value: string) => new TextEncoder().encode(`${value}\0`)
const entry = (id: number, value: string) => ({ id: BigInt(id), flags: 0n, ctx: text(value) })

test.each([
  [0, 32],
  [1, 40],
  [8, 40],
  [9, 48],
  [4096, 4128],
])('a value of %i bytes makes %i', (length, size) => {
  expect(lsmCtxSize(length)).toBe(size)
})

test('layout: four words, the value, zeros up to 8 bytes', () => {
  const bytes = packLsmCtx({ id: BigInt(LSM_ID_SMACK), flags: 1n << 40n, ctx: text('_') })
  expect([...new BigUint64Array(bytes.buffer)]).toEqual([102n, 1n << 40n, 40n, 2n, 0x5fn])
  expect(unpackLsmCtxHeader(bytes)).toEqual({ id: 102n, flags: 1n << 40n, len: 40n, ctx_len: 2n })
})

test('entries that follow one another round trip', () => {
  const entries = [entry(LSM_ID_SELINUX, 'system_u:system_r:init_t:s0'), entry(LSM_ID_SMACK, ''), entry(200, '1234567')]
  const parts = entries.map(packLsmCtx)
  const all = new Uint8Array(parts.flatMap((part) => [...part]))
  expect(unpackLsmCtxs(all)).toEqual(entries)
  expect(unpackLsmCtxs(all.subarray(0, 0))).toEqual([])
})

/** A valid entry of 40 bytes with one header word changed. */
const broken = (word: number, value: bigint) => {
  const bytes = packLsmCtx(entry(LSM_ID_SMACK, 'label'))
  new DataView(bytes.buffer).setBigUint64(word * 8, value, true)
  return bytes
}

test.each([
  { why: 'a header cut short', bytes: packLsmCtx(entry(1, 'x')).subarray(0, LSM_CTX_HEADER_SIZE - 1) },
  { why: 'a value cut short', bytes: packLsmCtx(entry(1, 'x')).subarray(0, 39) },
  { why: 'len 0, which would never end', bytes: broken(2, 0n) },
  { why: 'len less than a header', bytes: broken(2, 31n) },
  { why: 'len past the end', bytes: broken(2, 48n) },
  { why: 'len near 2^64', bytes: broken(2, 0xfffffffffffffff8n) },
  { why: 'ctx_len past len', bytes: broken(3, 9n) },
  { why: 'ctx_len near 2^64', bytes: broken(3, 0xffffffffffffffffn) },
])('$why is refused', ({ bytes }) => {
  expect(unpackLsmCtxs(bytes)).toBeUndefined()
})
