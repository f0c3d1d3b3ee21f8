/**
 * The calls user space asks about LSMs with (security/lsm_syscalls.c, security_getselfattr and its kin): functions over
 * the slots of a hook. User memory is a byte array, an out parameter a Ref; memory that cannot be touched is an array
 * that is too short or a Ref whose value is null.
 */
import {
  E2BIG, EFAULT, EINVAL, EOPNOTSUPP, LSM_ATTR_UNDEF, LSM_CTX_HEADER_SIZE, LSM_FLAG_SINGLE, LSM_ID_UNDEF, lsmCtxSize,
  packLsmCtx, PAGE_SIZE, unpackLsmCtxHeader,
} from '@lsmkit/abi'
import type { LsmCtx } from './objects/misc.ts'
import type { Ref } from './objects/ref.ts'

/** One LSM's function on an attribute hook, with the id it registered under. */
export interface AttributeSlot<Fn> {
  readonly id: number
  readonly fn: Fn
}

export type GetSelfAttr = (attr: number, ctx: Uint8Array | null, size: Ref<number>, flags: number) => number
export type SetSelfAttr = (attr: number, ctx: LsmCtx, size: number, flags: number) => number

/** Bytes of one id in the answer of lsm_list_modules(2). */
const ID_SIZE = 8
const U64_MAX = 0xffff_ffff_ffff_ffffn

/**
 * `lsm_fill_user_ctx`, for LSMs that answer getselfattr: writes one entry and sets `size` to the room it takes, also
 * when there is too little. 0, -E2BIG, or -EFAULT when `ctx` ends early; without `ctx` it only sets the size. As in
 * 6.12.118 the length counts before the missing buffer does.
 */
export const lsm_fill_user_ctx = (
  ctx: Uint8Array | null,
  size: Ref<number>,
  value: Uint8Array,
  id: number,
  flags: number,
): number => {
  const need = lsmCtxSize(value.length)
  const room = size.value
  size.value = need
  if (need > room) return -E2BIG
  if (ctx === null) return 0
  if (need > ctx.length) return -EFAULT
  ctx.set(packLsmCtx({ id: BigInt(id), flags: BigInt(flags), ctx: value }))
  return 0
}

/**
 * lsm_get_self_attr(2): the number of entries written one after another into `ctx`, or -errno. `size` is what there is
 * room for and becomes what was written, or would be needed; it is left alone when an LSM refuses.
 */
export const lsm_get_self_attr = (
  slots: readonly AttributeSlot<GetSelfAttr>[],
  attr: number,
  ctx: Uint8Array | null,
  size: Ref<number | null> | null,
  flags: number,
): number => {
  if (attr === LSM_ATTR_UNDEF || size === null) return -EINVAL
  if (size.value === null) return -EFAULT
  let single: bigint | null = null
  if (flags !== 0) {
    if (flags !== LSM_FLAG_SINGLE || ctx === null) return -EINVAL
    const header = unpackLsmCtxHeader(ctx)
    if (header === undefined) return -EFAULT
    if (header.id === BigInt(LSM_ID_UNDEF)) return -EINVAL
    single = header.id
  }
  let left = size.value
  let total = 0
  let count = 0
  let tooBig = false
  for (const { id, fn } of slots) {
    if (single !== null && single !== BigInt(id)) continue
    const entry: Ref<number> = { value: left }
    const rc = fn(attr, ctx === null ? null : ctx.subarray(total), entry, flags)
    if (rc === -EOPNOTSUPP) continue
    if (rc === -E2BIG) {
      left = 0
      tooBig = true
    } else if (rc < 0) {
      return rc
    } else {
      left -= entry.value
      count += rc
    }
    total += entry.value
    if (single !== null) break
  }
  size.value = total
  if (tooBig) return -E2BIG
  return count === 0 ? -EOPNOTSUPP : count
}

/**
 * lsm_set_self_attr(2): 0 or -errno. `ctx` is the caller's struct lsm_ctx of `size` bytes; the LSM it names decides,
 * and gets the value without the rest. A null or short `ctx` is memory that cannot be read.
 */
export const lsm_set_self_attr = (
  slots: readonly AttributeSlot<SetSelfAttr>[],
  attr: number,
  ctx: Uint8Array | null,
  size: number,
  flags: number,
): number => {
  if (flags !== 0) return -EINVAL
  if (size < LSM_CTX_HEADER_SIZE) return -EINVAL
  if (size > PAGE_SIZE) return -E2BIG
  const header = ctx === null || ctx.length < size ? undefined : unpackLsmCtxHeader(ctx)
  if (header === undefined) return -EFAULT
  const required = BigInt(LSM_CTX_HEADER_SIZE) + header.ctx_len
  if (BigInt(size) < header.len || required > U64_MAX || header.len < required) return -EINVAL
  const slot = slots.find(({ id }) => BigInt(id) === header.id)
  if (slot === undefined) return -EOPNOTSUPP
  const value = ctx!.slice(LSM_CTX_HEADER_SIZE, Number(required))
  const rc = slot.fn(attr, { id: slot.id, flags: Number(header.flags), ctx: value }, size, flags)
  return rc > 0 ? 0 : rc
}

/**
 * lsm_list_modules(2): the number of LSMs, or -errno. `ids` takes them as 64-bit numbers; `size` becomes the bytes
 * needed, also when `ids` is too small, but not when `flags` are given.
 */
export const lsm_list_modules = (
  active: readonly number[],
  ids: Uint8Array | null,
  size: Ref<number | null> | null,
  flags: number,
): number => {
  if (flags !== 0) return -EINVAL
  if (size === null || size.value === null) return -EFAULT
  const room = size.value
  size.value = active.length * ID_SIZE
  if (room < size.value) return -E2BIG
  if (ids === null) return active.length === 0 ? 0 : -EFAULT
  const view = new DataView(ids.buffer, ids.byteOffset, ids.byteLength)
  for (const [index, id] of active.entries()) {
    if ((index + 1) * ID_SIZE > ids.byteLength) return -EFAULT
    view.setBigUint64(index * ID_SIZE, BigInt(id), true)
  }
  return active.length
}
