/**
 * Dynamic pointers: 16 bytes in the program's stack, as the kernel's struct bpf_dynptr_kern: address, size with kind
 * and rights in its upper bits, offset. Bytes that a program that was not verified writes there are checked as any
 * address is.
 */
import { E2BIG, EINVAL } from '@lsmkit/abi'
import * as id from '@lsmkit/abi'
import { RingBuffer } from '../../maps/ring-buffer.ts'
import { given, mapAt, put64, wanted } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

export const DYNPTR = { local: 1, ringbuf: 2, skb: 3, xdp: 4 } as const
const KIND_SHIFT = 28
const READ_ONLY = 0x8000_0000
const SIZE_MASK = 0x00ff_ffff

export interface Dynptr {
  readonly data: number
  readonly size: number
  readonly offset: number
  readonly kind: number
  readonly isReadOnly: boolean
}

/** data 0: a null dynptr, which every operation refuses. */
export const readDynptr = (env: HelperEnv, at: number): Dynptr => {
  given(env, at, 16)
  const { view } = env.machine.memory
  const word = view.getUint32((at >>> 0) + 8, true)
  return {
    data: view.getUint32(at >>> 0, true),
    size: word & SIZE_MASK,
    offset: view.getUint32((at >>> 0) + 12, true),
    kind: (word >>> KIND_SHIFT) & 7,
    isReadOnly: (word & READ_ONLY) !== 0,
  }
}

export const writeDynptr = (env: HelperEnv, at: number, { data, size, offset, kind, isReadOnly }: Dynptr): void => {
  put64(env, at, data, 0)
  put64(env, at + 8, size | (kind << KIND_SHIFT) | (isReadOnly ? READ_ONLY : 0), offset)
}

const NULL: Dynptr = { data: 0, size: 0, offset: 0, kind: 0, isReadOnly: false }

const fromMem = (env: HelperEnv, data = 0, size = 0, flags = 0, high = 0, at = 0): number => {
  if (flags !== 0 || high !== 0) {
    writeDynptr(env, at, NULL)
    return -EINVAL
  }
  if (size >>> 0 > SIZE_MASK) {
    writeDynptr(env, at, NULL)
    return -E2BIG
  }
  writeDynptr(env, at, { data: data >>> 0, size: size >>> 0, offset: 0, kind: DYNPTR.local, isReadOnly: false })
  return 0
}

/** Where `length` bytes at `offset` lie, or -E2BIG when they are outside. */
export const placeIn = ({ data, size, offset: start }: Dynptr, offset: number, length: number): number =>
  offset > size || length > size || offset + length > size ? -E2BIG : data + start + offset

const read = (env: HelperEnv, to = 0, length = 0, source = 0, offset = 0, flags = 0, high = 0): number => {
  const pointer = readDynptr(env, source)
  if (pointer.data === 0 || flags !== 0 || high !== 0) return -EINVAL
  const from = placeIn(pointer, offset >>> 0, length >>> 0)
  if (from < 0) return from
  const bytes = given(env, from, length)
  wanted(env, to, length).set(bytes)
  return 0
}

const write = (env: HelperEnv, target = 0, offset = 0, from = 0, length = 0, flags = 0, high = 0): number => {
  const pointer = readDynptr(env, target)
  if (pointer.data === 0 || pointer.isReadOnly || flags !== 0 || high !== 0) return -EINVAL
  const to = placeIn(pointer, offset >>> 0, length >>> 0)
  if (to < 0) return to
  wanted(env, to, length).set(given(env, from, length))
  return 0
}

const slice = (env: HelperEnv, source = 0, offset = 0, length = 0): number => {
  const pointer = readDynptr(env, source)
  if (pointer.data === 0 || pointer.isReadOnly) return 0
  const at = placeIn(pointer, offset >>> 0, length >>> 0)
  return at < 0 ? 0 : at
}

const reserve = (env: HelperEnv, at = 0, size = 0, flags = 0, high = 0, target = 0): number => {
  const map = mapAt(env, at)
  if (flags !== 0 || high !== 0) {
    writeDynptr(env, target, NULL)
    return -EINVAL
  }
  const data = map instanceof RingBuffer ? map.reserve(size >>> 0) : 0
  if (data === 0) {
    writeDynptr(env, target, NULL)
    return -EINVAL
  }
  writeDynptr(env, target, { data, size: size >>> 0, offset: 0, kind: DYNPTR.ringbuf, isReadOnly: false })
  return 0
}

const giveBack = (env: HelperEnv, at: number, flags: number, isKept: boolean): number => {
  const { data } = readDynptr(env, at)
  for (const map of env.maps.all()) {
    if (!(map instanceof RingBuffer) || !map.holds(data)) continue
    if (isKept) map.submit(data, flags)
    else map.discard(data, flags)
  }
  writeDynptr(env, at, NULL)
  return 0
}

export const dynptrHelpers: readonly HelperLine[] = [
  [id.BPF_FUNC_dynptr_from_mem, 'iili', 's', fromMem],
  [id.BPF_FUNC_ringbuf_reserve_dynptr, 'iili', 's', reserve],
  [id.BPF_FUNC_ringbuf_submit_dynptr, 'il', 'v', (env, at, flags) => giveBack(env, at!, flags!, true)],
  [id.BPF_FUNC_ringbuf_discard_dynptr, 'il', 'v', (env, at, flags) => giveBack(env, at!, flags!, false)],
  [id.BPF_FUNC_dynptr_read, 'iiiil', 's', read],
  [id.BPF_FUNC_dynptr_write, 'iiiil', 's', write],
  [id.BPF_FUNC_dynptr_data, 'iii', 'u', slice],
]
