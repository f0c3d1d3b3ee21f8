/** kfuncs on dynamic pointers. */
import { EINVAL, ERANGE } from '@lsmkit/abi'
import { DYNPTR, placeIn, readDynptr, writeDynptr } from '../../helpers/run/dynptr.ts'
import { wanted } from '../../helpers/run/helper-env.ts'
import { packetAt } from '../../helpers/run/packet.ts'
import type { KfuncEnv, KfuncLine } from './kfunc-env.ts'

/** The part from `start` to `end` of what it points to. */
const adjust = (env: KfuncEnv, at = 0, start = 0, end = 0): number => {
  const pointer = readDynptr(env, at)
  const [from, to] = [start >>> 0, end >>> 0]
  if (pointer.data === 0 || from > to) return -EINVAL
  if (from > pointer.size || to > pointer.size) return -ERANGE
  writeDynptr(env, at, { ...pointer, offset: pointer.offset + from, size: to - from })
  return 0
}

const slice = (isWritable: boolean) => (env: KfuncEnv, at = 0, offset = 0, _buffer = 0, size = 0): number => {
  const pointer = readDynptr(env, at)
  if (pointer.data === 0 || (isWritable && pointer.isReadOnly)) return 0
  const place = placeIn(pointer, offset >>> 0, size >>> 0)
  return place < 0 ? 0 : place
}

const clone = (env: KfuncEnv, from = 0, to = 0): number => {
  writeDynptr(env, to, readDynptr(env, from))
  return readDynptr(env, from).data === 0 ? -EINVAL : 0
}

/** Over the linear packet behind a context. */
const fromPacket = (kind: number) => (env: KfuncEnv, context = 0, low = 0, high = 0, to = 0): number => {
  wanted(env, to, 16).fill(0)
  const packet = packetAt(env.machine, context)
  if (low !== 0 || high !== 0 || packet === null) return -EINVAL
  writeDynptr(env, to, { data: packet.start, size: packet.length, offset: 0, kind, isReadOnly: false })
  return 0
}

export const dynptrKfuncs: readonly KfuncLine[] = [
  ['bpf_dynptr_adjust', 'iii', 's', adjust],
  ['bpf_dynptr_is_null', 'i', 'u', (env, at) => (readDynptr(env, at!).data === 0 ? 1 : 0)],
  ['bpf_dynptr_is_rdonly', 'i', 'u', (env, at) => (readDynptr(env, at!).isReadOnly ? 1 : 0)],
  ['bpf_dynptr_size', 'i', 'u', (env, at) => {
    const { data, size } = readDynptr(env, at!)
    return data === 0 ? -EINVAL : size
  }],
  ['bpf_dynptr_clone', 'ii', 's', clone],
  ['bpf_dynptr_slice', 'iiii', 'u', slice(false)],
  ['bpf_dynptr_slice_rdwr', 'iiii', 'u', slice(true)],
  ['bpf_dynptr_from_skb', 'ili', 's', fromPacket(DYNPTR.skb)],
  ['bpf_dynptr_from_xdp', 'ili', 's', fromPacket(DYNPTR.xdp)],
]
