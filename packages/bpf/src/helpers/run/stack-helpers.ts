/**
 * Stacks of calls. A program's own frames are known from its code, those of the hook above it from where it is
 * attached; programs of users have no stack that could be walked. With them the address of that function itself.
 */
import {
  BPF_F_FAST_STACK_CMP, BPF_F_REUSE_STACKID, BPF_F_SKIP_FIELD_MASK, BPF_F_USER_BUILD_ID, BPF_F_USER_STACK, EFAULT,
  EINVAL,
} from '@lsmkit/abi'
import * as id from '@lsmkit/abi'
import { StackTraceMap } from '../../maps/stack-trace-map.ts'
import { mapAt, wanted } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

const KNOWN_ID_FLAGS = BPF_F_SKIP_FIELD_MASK | BPF_F_USER_STACK | BPF_F_FAST_STACK_CMP | BPF_F_REUSE_STACKID
const KNOWN_FLAGS = BPF_F_SKIP_FIELD_MASK | BPF_F_USER_STACK | BPF_F_USER_BUILD_ID

type Frames = readonly bigint[]

/** The state of a calling place: the frames, innermost first, and the function that the program is on. */
export interface CallSite {
  readonly frames: Frames
  /** 0 for a program that is on none. */
  readonly target: bigint
}

const stackId = (frames: Frames) => (env: HelperEnv, _context = 0, at = 0, flags = 0, high = 0): number => {
  const map = mapAt(env, at)
  if (!(map instanceof StackTraceMap) || flags & ~KNOWN_ID_FLAGS || high !== 0) return -EINVAL
  const kept = frames.slice(flags & BPF_F_SKIP_FIELD_MASK)
  return flags & BPF_F_USER_STACK || kept.length === 0 ? -EFAULT : map.record(kept, flags)
}

/** Bytes that were written; the rest of the buffer is zeroes. */
const stackInto = (frames: Frames) => (env: HelperEnv, to = 0, size = 0, flags = 0, high = 0): number => {
  const bytes = wanted(env, to, size)
  bytes.fill(0)
  if (flags & ~KNOWN_FLAGS || high !== 0 || bytes.length % 8 !== 0) return -EINVAL
  if (flags & BPF_F_USER_BUILD_ID && !(flags & BPF_F_USER_STACK)) return -EINVAL
  const skipped = flags & BPF_F_SKIP_FIELD_MASK
  if (flags & BPF_F_USER_STACK || skipped > frames.length) return -EFAULT
  const kept = frames.slice(skipped, skipped + bytes.length / 8)
  for (const [at, frame] of kept.entries()) env.machine.memory.view.setBigUint64((to >>> 0) + at * 8, frame, true)
  return kept.length * 8
}

/** Only the running task's is known. */
const taskStack = (frames: Frames) => (env: HelperEnv, task = 0, to = 0, size = 0, flags = 0, high = 0): number => {
  if (task !== 0 && task >>> 0 === env.host.task?.()) return stackInto(frames)(env, to, size, flags, high)
  wanted(env, to, size).fill(0)
  return -EFAULT
}

export const stackHelpers = ({ frames, target }: CallSite): readonly HelperLine[] => [
  [id.BPF_FUNC_get_stackid, 'iil', 's', stackId(frames)],
  [id.BPF_FUNC_get_stack, 'iiil', 's', (env, _context, to, size, flags, high) =>
    stackInto(frames)(env, to, size, flags, high)],
  [id.BPF_FUNC_get_task_stack, 'iiil', 's', taskStack(frames)],
  [id.BPF_FUNC_get_func_ip, 'i', 'l', ({ machine }) => {
    machine.high = Number(BigInt.asIntN(32, target >> 32n))
    return Number(BigInt.asIntN(32, target))
  }],
]
