/** Iterators over numbers and bits: their state lies in the program's stack. */
import { E2BIG, EFAULT, EINVAL, ENOMEM } from '@lsmkit/abi'
import { given, wanted } from '../../helpers/run/helper-env.ts'
import type { KfuncEnv, KfuncLine } from './kfunc-env.ts'

/** BPF_MAX_LOOPS: numbers of one iterator. */
const MAX_NUMBERS = 8 * 1024 * 1024

/** `struct bpf_iter_num`: the number before the next one, the end. */
const newNumbers = (env: KfuncEnv, at = 0, start = 0, end = 0): number => {
  wanted(env, at, 8).fill(0)
  const { view } = env.machine.memory
  const rc = start > end ? -EINVAL : end - start > MAX_NUMBERS ? -E2BIG : 0
  view.setInt32(at >>> 0, rc === 0 ? start - 1 : 0, true)
  view.setInt32((at >>> 0) + 4, rc === 0 ? end : 0, true)
  return rc
}

const nextNumber = (env: KfuncEnv, at = 0): number => {
  wanted(env, at, 8)
  const { view } = env.machine.memory
  const next = (view.getInt32(at >>> 0, true) + 1) | 0
  if (next >= view.getInt32((at >>> 0) + 4, true)) {
    view.setInt32(at >>> 0, 0, true)
    view.setInt32((at >>> 0) + 4, 0, true)
    return 0
  }
  view.setInt32(at >>> 0, next, true)
  return at
}

/** `struct bpf_iter_bits`, 16 bytes: here the words' address, their count, and the bit before the next one. */
const newBits = (env: KfuncEnv, at = 0, from = 0, high = 0, words = 0): number => {
  wanted(env, at, 16).fill(0)
  if (words <= 0 || (from === 0 && high === 0)) return -EINVAL
  if (words > 511) return -E2BIG
  if (high !== 0 || !env.machine.memory.mayRead(from >>> 0, words * 8)) return -EFAULT
  const bytes = given(env, from, words * 8).slice()
  const copy = env.machine.memory.tryAlloc(bytes.length + 8)
  if (copy === 0) return -ENOMEM
  env.machine.memory.u8.set(bytes, copy)
  const { view } = env.machine.memory
  view.setUint32(copy + bytes.length, 0, true)
  env.objects.set(copy, { size: bytes.length + 8, references: 1 })
  view.setUint32(at >>> 0, copy, true)
  view.setUint32((at >>> 0) + 4, words * 64, true)
  view.setInt32((at >>> 0) + 8, -1, true)
  return 0
}

/** The address of the number of the next bit that is set. */
const nextBit = (env: KfuncEnv, at = 0): number => {
  wanted(env, at, 16)
  const { view, u8 } = env.machine.memory
  const words = view.getUint32(at >>> 0, true)
  const count = view.getUint32((at >>> 0) + 4, true)
  if (!env.objects.has(words)) return 0
  for (let bit = view.getInt32((at >>> 0) + 8, true) + 1; bit < count; bit++) {
    if ((u8[words + (bit >> 3)]! & (1 << (bit & 7))) === 0) continue
    view.setInt32((at >>> 0) + 8, bit, true)
    return (at >>> 0) + 8
  }
  view.setUint32((at >>> 0) + 4, 0, true)
  return 0
}

const endBits = (env: KfuncEnv, at = 0): number => {
  const words = env.machine.memory.view.getUint32(at >>> 0, true)
  const object = env.objects.get(words)
  if (object === undefined) return 0
  env.objects.delete(words)
  env.machine.memory.free(words, object.size)
  return 0
}

export const iterKfuncs: readonly KfuncLine[] = [
  ['bpf_iter_num_new', 'iii', 's', newNumbers],
  ['bpf_iter_num_next', 'i', 'u', nextNumber],
  ['bpf_iter_num_destroy', 'i', 'v', (env, at) => {
    wanted(env, at!, 8).fill(0)
    return 0
  }],
  ['bpf_iter_bits_new', 'ili', 's', newBits],
  ['bpf_iter_bits_next', 'i', 'u', nextBit],
  ['bpf_iter_bits_destroy', 'i', 'v', endBits],
]
