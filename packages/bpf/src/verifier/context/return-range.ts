/** The allowed return values of a program, by its type. */
import { knowsAttachType } from '../../kernels/attach-types.ts'
import { sync } from '../bounds.ts'
import { slt64 } from '../i64.ts'
import type { Num } from '../num.ts'
import { copyNum, UNKNOWN } from '../num.ts'
import type { Session } from '../session.ts'
import { booleanHooks } from './lsm-hooks.ts'
import {
  ATTACH_FENTRY, ATTACH_FEXIT, ATTACH_ITER, ATTACH_LSM_CGROUP, ATTACH_LSM_MAC, ATTACH_MODIFY_RETURN, attachName,
} from './program-kind.ts'

export interface Range {
  readonly min: number
  readonly max: number
  /** Looked at as a 32-bit number. */
  readonly low: boolean
}

/** BPF_TRACE_FSESSION and the three for many functions. */
const sessionTypes: ReadonlySet<number> = new Set([58, 59, 60, 61])

const range = (min: number, max: number, low = false): Range => ({ min, max, low })

/** The answers of a hook that returns a value. */
export const hookRange = (hook: string): Range =>
  booleanHooks.has(hook) ? range(0, 1, true) : range(-4095, 0, true)

/** Null: anything goes, as long as R0 is a scalar. */
export const returnRange = (session: Session): Range | null => {
  const { release } = session.kernel
  const asked = session.program.expectedAttachType
  const attach = knowsAttachType(release, asked) ? asked : -1
  const name = attachName(attach)
  const { target } = session
  switch (session.letter) {
    case 'a':
      if (/(RECVMSG|GETPEERNAME|GETSOCKNAME)$/.test(name)) return range(1, 1)
      return /^INET[46]_BIND$/.test(name) && session.kernel.features.bindReturns ? range(0, 3) : range(0, 1)
    case 'K': return name === 'INET_EGRESS' ? range(0, 3) : range(0, 1)
    case 'k': case 'O': case 'd': case 'y': case 'o': case 'l': case 'N': return range(0, 1)
    case 'R': return session.program.attachBtfId === 0 ? null : range(0, 0)
    case 'P': return name === 'KPROBE_SESSION' || name === 'UPROBE_SESSION' ? range(0, 1) : null
    case 'F':
      if (attach === ATTACH_FENTRY || attach === ATTACH_FEXIT) return range(0, 0)
      if (!session.kernel.features.otherTracingReturns || attach === ATTACH_MODIFY_RETURN) return null
      return sessionTypes.has(attach) ? range(0, 0) : range(0, 1)
    case 'I': return attach === ATTACH_ITER ? range(0, 1) : null
    case 'L':
      if (!session.kernel.features.hookReturnRanges) return null
      if (attach !== ATTACH_LSM_MAC || target === null || target.returns === 0) return null
      return hookRange(target.short)
    case 'C':
      if (attach !== ATTACH_LSM_CGROUP || target === null) return null
      return target.returns === 0 ? range(1, 1) : range(0, 1)
    default: return null
  }
}

/** A scalar of the range, and within the bounds of `known`. */
export const withRange = ({ min, max }: Range, known: Num = UNKNOWN): Num => {
  const num = copyNum(known)
  num.s32min = Math.max(num.s32min, min)
  num.s32max = Math.min(num.s32max, max)
  if (slt64(num.sminl, num.sminh, min, min >> 31)) {
    num.sminl = min
    num.sminh = min >> 31
  }
  if (slt64(max, max >> 31, num.smaxl, num.smaxh)) {
    num.smaxl = max
    num.smaxh = max >> 31
  }
  sync(num)
  return num
}
