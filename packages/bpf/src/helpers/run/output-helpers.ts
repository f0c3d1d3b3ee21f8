/** Helpers that hand records to user space: ring buffers and perf events; and the ring that user space fills. */
import { E2BIG, EINVAL } from '@lsmkit/abi'
import * as id from '@lsmkit/abi'
import { PerfEventArray } from '../../maps/object-array.ts'
import { RingBuffer } from '../../maps/ring-buffer.ts'
import { BpfFault } from '../../vm/fault.ts'
import { given, mapAt, number64, placed, wide } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

const ringAt = (env: HelperEnv, at: number): RingBuffer => {
  const map = mapAt(env, at)
  if (!(map instanceof RingBuffer)) throw new BpfFault('helper', -1, 'no ring buffer')
  return map
}

/** Whose record it is, when it is given back. */
const ringOf = ({ maps }: HelperEnv, record: number): RingBuffer | null => {
  for (const map of maps.all()) if (map instanceof RingBuffer && map.holds(record >>> 0)) return map
  return null
}

/** 0xffffffff: this processor's, which is 0. */
const CURRENT_CPU = 0xffff_ffff

const perfOutput = (
  env: HelperEnv, at: number, flags: number, flagsHigh: number, data: number, size: number,
): number => {
  const map = mapAt(env, at)
  if (!(map instanceof PerfEventArray) || flagsHigh !== 0) return -EINVAL
  const index = flags >>> 0 === CURRENT_CPU ? 0 : flags >>> 0
  if (index >= map.maxEntries) return -E2BIG
  return map.output(index, given(env, data, size).slice())
}

export const outputHelpers: readonly HelperLine[] = [
  [id.BPF_FUNC_ringbuf_output, 'iiil', 's', (env, at, data, size, flags, high) => {
    const ring = ringAt(env, at!)
    return ring.output(placed(env, data!, size!), size! >>> 0, number64(flags!, high!))
  }],
  [id.BPF_FUNC_ringbuf_reserve, 'ill', 'u', (env, at, size, sizeHigh, flags, high) =>
    flags !== 0 || high !== 0 ? 0 : ringAt(env, at!).reserve(number64(size!, sizeHigh!))],
  [id.BPF_FUNC_ringbuf_submit, 'il', 'v', (env, record, flags) => {
    ringOf(env, record!)?.submit(record! >>> 0, flags!)
    return 0
  }],
  [id.BPF_FUNC_ringbuf_discard, 'il', 'v', (env, record, flags) => {
    ringOf(env, record!)?.discard(record! >>> 0, flags!)
    return 0
  }],
  [id.BPF_FUNC_ringbuf_query, 'il', 'l', (env, at, what) => wide(env, ringAt(env, at!).query(what!))],
  [id.BPF_FUNC_perf_event_output, 'iilil', 's', (env, _context, at, flags, high, data, size) =>
    perfOutput(env, at!, flags!, high!, data!, size!)],
  [id.BPF_FUNC_skb_output, 'iilil', 's', (env, _context, at, flags, _high, data, size) =>
    perfOutput(env, at!, flags!, 0, data!, size!)],
  [id.BPF_FUNC_xdp_output, 'iilil', 's', (env, _context, at, flags, _high, data, size) =>
    perfOutput(env, at!, flags!, 0, data!, size!)],
]
