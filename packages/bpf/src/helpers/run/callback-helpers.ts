/** Helpers that call functions of the program: loops, the ring that user space fills, timers. */
import { BPF_MAP_TYPE_USER_RINGBUF, E2BIG, EINVAL, ENOENT } from '@lsmkit/abi'
import * as id from '@lsmkit/abi'
import { UserRing } from '../../maps/user-ring.ts'
import { DYNPTR, writeDynptr } from './dynptr.ts'
import { mapAt, number64 } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

/** Rounds of one bpf_loop (BPF_MAX_LOOPS). */
const MAX_LOOPS = 8 * 1024 * 1024
const MAX_SAMPLES = 128 * 1024

/** How many rounds there were; a callback that answers 1 ends them. */
const loop = ({ machine }: HelperEnv, rounds = 0, callback = 0, context = 0, flags = 0, high = 0): number => {
  if (flags !== 0 || high !== 0) return -EINVAL
  if (rounds >>> 0 > MAX_LOOPS) return -E2BIG
  let round = 0
  while (round < rounds >>> 0) if (machine.callback(callback >>> 0, round++, context) !== 0) break
  return round
}

const drain = (env: HelperEnv, at = 0, callback = 0, context = 0, flags = 0, high = 0): number => {
  const map = mapAt(env, at)
  if (map.type !== BPF_MAP_TYPE_USER_RINGBUF || !(map instanceof UserRing)) return -EINVAL
  if (high !== 0 || flags & ~3) return -EINVAL
  const { machine } = env
  const pointer = machine.memory.alloc(16)
  let samples = 0
  try {
    for (let sample = map.acquire(); sample !== null && samples < MAX_SAMPLES; sample = map.acquire()) {
      const { address: data, size } = sample
      writeDynptr(env, pointer, { data, size, offset: 0, kind: DYNPTR.local, isReadOnly: true })
      const rc = machine.callback(callback >>> 0, pointer, context)
      map.release()
      samples++
      if (rc !== 0) break
    }
  } finally {
    machine.memory.free(pointer, 16)
  }
  return samples
}

/** Calls (task, area, context) for the area with an address; 0, or -ENOENT when nothing is mapped there. */
const findArea = (
  env: HelperEnv, task = 0, low = 0, high = 0, callback = 0, context = 0, flags = 0, more = 0,
): number => {
  if (flags !== 0 || more !== 0) return -EINVAL
  const address = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
  const area = task === 0 ? undefined
    : env.host.areas?.(task >>> 0)?.find(({ start, end }) => start <= address && address < end)
  if (area === undefined) return -ENOENT
  env.machine.callback(callback >>> 0, task, area.address(), context)
  return 0
}

const REALTIME = 0
const MONOTONIC = 1
const BOOTTIME = 7
const ABSOLUTE = 1
const PINNED = 2

const initTimer = ({ asyncs }: HelperEnv, at = 0, map = 0, clock = 0, high = 0): number =>
  high !== 0 || ![REALTIME, MONOTONIC, BOOTTIME].includes(clock) ? -EINVAL : asyncs.init(at >>> 0, map >>> 0, clock)

const startTimer = ({ asyncs }: HelperEnv, at = 0, low = 0, high = 0, flags = 0, flagsHigh = 0): number =>
  flags & ~(ABSOLUTE | PINNED) || flagsHigh !== 0
    ? -EINVAL
    : asyncs.startTimer(at >>> 0, number64(low, high), (flags & ABSOLUTE) !== 0)

export const callbackHelpers: readonly HelperLine[] = [
  [id.BPF_FUNC_loop, 'iiil', 's', loop, true],
  [id.BPF_FUNC_user_ringbuf_drain, 'iiil', 's', drain, true],
  [id.BPF_FUNC_find_vma, 'iliil', 's', findArea, true],
  [id.BPF_FUNC_timer_init, 'iil', 's', initTimer],
  [id.BPF_FUNC_timer_set_callback, 'ii', 's', ({ asyncs }, at, callback) =>
    asyncs.setCallback(at! >>> 0, callback! >>> 0)],
  [id.BPF_FUNC_timer_start, 'ill', 's', startTimer],
  [id.BPF_FUNC_timer_cancel, 'i', 's', ({ asyncs }, at) => asyncs.cancel(at! >>> 0)],
]
