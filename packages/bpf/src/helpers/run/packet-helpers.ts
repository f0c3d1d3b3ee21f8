/** Helpers on the linear packet behind a context; there is no network behind it: no socket is ever found. */
import { EACCES, EFAULT, EINVAL, ENOMEM, ENOTSUPP } from '@lsmkit/abi'
import * as id from '@lsmkit/abi'
import { BpfFault } from '../../vm/fault.ts'
import { given, wanted } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'
import { packetAt } from './packet.ts'
import type { Packet } from './packet.ts'

/** Header that a packet of a device has at least. */
const ETHERNET = 14
/** `struct xdp_frame`, which lies in front of the room of an `xdp_buff`. */
const XDP_FRAME = 40

const packetOf = (env: HelperEnv, context: number): Packet => {
  const packet = packetAt(env.machine, context)
  if (packet === null) throw new BpfFault('helper', -1, 'no packet is behind this context')
  return packet
}

/** Copies `size` bytes from `from` to the program; zeroes and -EFAULT when `from` is 0. */
const copyOut = (env: HelperEnv, from: number, to: number, size: number): number => {
  const bytes = wanted(env, to, size)
  if (from === 0) {
    bytes.fill(0)
    return -EFAULT
  }
  bytes.set(given(env, from, size))
  return 0
}

const load = (env: HelperEnv, context = 0, offset = 0, to = 0, size = 0): number =>
  copyOut(env, packetOf(env, context).place(offset, size), to, size)

/** From the Ethernet header (0) or the network header (1). */
const loadRelative = (env: HelperEnv, context = 0, offset = 0, to = 0, size = 0, header = 0): number => {
  const { mac, network, end } = packetOf(env, context)
  const from = (header === 0 ? mac : network) + offset
  const isThere = (header === 0 || header === 1) && offset >= 0 && offset <= 0xffff && from + size <= end
  return copyOut(env, isThere ? from : 0, to, size)
}

const store = (env: HelperEnv, context = 0, offset = 0, from = 0, size = 0, flags = 0, high = 0): number => {
  if (flags & ~3 || high !== 0) return -EINVAL
  const at = packetOf(env, context).place(offset, size)
  if (at === 0) return -EFAULT
  wanted(env, at, size).set(given(env, from, size))
  return 0
}

/** `xdp_store_bytes` has no flags. */
const storeFrame = (env: HelperEnv, context = 0, offset = 0, from = 0, size = 0): number => {
  const at = packetOf(env, context).place(offset, size)
  if (at === 0) return -EINVAL
  wanted(env, at, size).set(given(env, from, size))
  return 0
}

const loadFrame = (env: HelperEnv, context = 0, offset = 0, to = 0, size = 0): number => {
  const at = packetOf(env, context).place(offset, size)
  if (at === 0) return -EINVAL
  wanted(env, to, size).set(given(env, at, size))
  return 0
}

const changeHead = (env: HelperEnv, context = 0, room = 0, flags = 0, high = 0): number => {
  const packet = packetOf(env, context)
  if (flags !== 0 || high !== 0 || room < 0) return -EINVAL
  return packet.move(packet.start - room, packet.end) ? 0 : -ENOMEM
}

/** Not shorter than to the network header. */
const changeTail = (env: HelperEnv, context = 0, size = 0, flags = 0, high = 0): number => {
  const packet = packetOf(env, context)
  const least = Math.max(0, packet.network - packet.start)
  if (flags !== 0 || high !== 0 || size >>> 0 < least) return -EINVAL
  return packet.move(packet.start, packet.start + (size >>> 0)) ? 0 : -ENOMEM
}

/** Data about the packet lies in front of it and moves with it. */
const adjustHead = (env: HelperEnv, context = 0, offset = 0): number => {
  const packet = packetOf(env, context)
  const size = packet.start - packet.meta
  const start = packet.start + offset
  if (start < packet.head + XDP_FRAME + size || start > packet.end - ETHERNET) return -EINVAL
  const { u8 } = env.machine.memory
  const about = u8.slice(packet.meta, packet.start)
  packet.meta += offset
  packet.move(start, packet.end)
  u8.set(about, packet.meta)
  return 0
}

const adjustTail = (env: HelperEnv, context = 0, offset = 0): number => {
  const packet = packetOf(env, context)
  const end = packet.end + offset
  return end >= packet.start + ETHERNET && packet.move(packet.start, end) ? 0 : -EINVAL
}

/** At most 252 bytes, in words. */
const adjustMeta = (env: HelperEnv, context = 0, offset = 0): number => {
  const packet = packetOf(env, context)
  const meta = packet.meta + offset
  if (meta < packet.head + XDP_FRAME || meta > packet.start) return -EINVAL
  const size = packet.start - meta
  if (size & 3 || size > 252) return -EACCES
  packet.meta = meta
  packet.tell()
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
  [id.BPF_FUNC_skb_load_bytes_relative, 'iiiii', 's', loadRelative],
  [id.BPF_FUNC_skb_change_head, 'iil', 's', changeHead],
  [id.BPF_FUNC_skb_change_tail, 'iil', 's', changeTail],
  [id.BPF_FUNC_xdp_adjust_head, 'ii', 's', adjustHead],
  [id.BPF_FUNC_xdp_adjust_tail, 'ii', 's', adjustTail],
  [id.BPF_FUNC_xdp_adjust_meta, 'ii', 's', adjustMeta],
  [id.BPF_FUNC_xdp_load_bytes, 'iiii', 's', loadFrame],
  [id.BPF_FUNC_xdp_store_bytes, 'iiii', 's', storeFrame],
  [id.BPF_FUNC_xdp_get_buff_len, 'i', 's', (env, context) => packetOf(env, context!).length],
  ...[id.BPF_FUNC_sk_lookup_tcp, id.BPF_FUNC_sk_lookup_udp, id.BPF_FUNC_skc_lookup_tcp].map(
    (lookup): HelperLine => [lookup, 'iiill', 'u', () => 0]),
  ...[id.BPF_FUNC_sk_fullsock, id.BPF_FUNC_tcp_sock, id.BPF_FUNC_get_listener_sock].map(
    (cast): HelperLine => [cast, 'i', 'u', () => 0]),
  [id.BPF_FUNC_sk_release, 'i', 's', () => 0],
  [id.BPF_FUNC_skb_pull_data, 'ii', 's', () => 0],
  [id.BPF_FUNC_get_hash_recalc, 'i', 'u', () => 0],
  [id.BPF_FUNC_csum_diff, 'iiiii', 'u', csumDiff],
  [id.BPF_FUNC_csum_update, 'ii', 's', () => -ENOTSUPP],
  [id.BPF_FUNC_fib_lookup, 'iiii', 's', () => -EINVAL],
]
