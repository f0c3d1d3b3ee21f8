/** Helpers on the linear packet behind a `__sk_buff`; there is no network behind it. */
import { EFAULT, EINVAL, ENOTSUPP } from '@lsmkit/abi'
import * as id from '@lsmkit/abi'
import { given, wanted } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

/** Offsets of `data` and `data_end` in `struct __sk_buff`. */
const DATA = 76
const DATA_END = 80

/** Where bytes of the packet lie, or -EFAULT. */
const inPacket = (env: HelperEnv, skb: number, offset: number, size: number): number => {
  given(env, skb, DATA_END + 4)
  const { view } = env.machine.memory
  const start = view.getUint32((skb >>> 0) + DATA, true)
  const end = view.getUint32((skb >>> 0) + DATA_END, true)
  return offset >= 0 && size >= 0 && start + offset + size <= end ? start + offset : -EFAULT
}

const load = (env: HelperEnv, skb = 0, offset = 0, to = 0, size = 0): number => {
  const bytes = wanted(env, to, size)
  const at = inPacket(env, skb, offset, size)
  if (at < 0) {
    bytes.fill(0)
    return at
  }
  bytes.set(given(env, at, size))
  return 0
}

const store = (env: HelperEnv, skb = 0, offset = 0, from = 0, size = 0, flags = 0, high = 0): number => {
  if (flags & ~3 || high !== 0) return -EINVAL
  const at = inPacket(env, skb, offset, size)
  if (at < 0) return at
  wanted(env, at, size).set(given(env, from, size))
  return 0
}

/** Ones' complement sum of `to` minus that of `from`, folded into 32 bits, not into 16. */
const csumDiff = (env: HelperEnv, from = 0, fromSize = 0, to = 0, toSize = 0, seed = 0): number => {
  if ((fromSize | toSize) & 3) return -EINVAL
  let sum = seed >>> 0
  const { view } = env.machine.memory
  const add = (at: number, size: number, isMinus: boolean): void => {
    given(env, at, size)
    for (let word = 0; word < size; word += 4) {
      const value = view.getUint32((at >>> 0) + word, true)
      sum += isMinus ? ~value >>> 0 : value
      if (sum > 0xffff_ffff) sum = (sum % 0x1_0000_0000) + 1
    }
  }
  add(from, fromSize, true)
  add(to, toSize, false)
  return sum | 0
}

export const packetHelpers: readonly HelperLine[] = [
  [id.BPF_FUNC_skb_load_bytes, 'iiii', 's', load],
  [id.BPF_FUNC_skb_store_bytes, 'iiiil', 's', store],
  [id.BPF_FUNC_skb_pull_data, 'ii', 's', () => 0],
  [id.BPF_FUNC_get_hash_recalc, 'i', 'u', () => 0],
  [id.BPF_FUNC_csum_diff, 'iiiii', 'u', csumDiff],
  [id.BPF_FUNC_csum_update, 'ii', 's', () => -ENOTSUPP],
  [id.BPF_FUNC_fib_lookup, 'iiii', 's', () => -EINVAL],
]
