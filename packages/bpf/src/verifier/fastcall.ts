/**
 * Calls that the compiler wraps in spills and fills, in case the helper clobbers registers: where the kernel compiles
 * the call in place the pairs are dropped, and with them the stack they took.
 */
import { BPF_DW, BPF_LDX, BPF_MEM, BPF_STX } from '@lsmkit/abi'
import { helperLines } from '../helpers/lookup.ts'
import { kfuncName } from './callback-calls.ts'
import { isAvailable } from './helper-available.ts'
import type { Session } from './session.ts'
import { CALL, isHelperCall, isKfuncCall } from './shape.ts'
import type { Subprogram } from './subprogram.ts'

const STORE = BPF_STX | BPF_MEM | BPF_DW
const LOAD = BPF_LDX | BPF_MEM | BPF_DW
const FRAME_POINTER = 10
const CALLER_SAVED = 0b111111
/** Below any offset: nothing is dropped. */
const NEVER = -32768

const inlinedKfuncs = new Set(['bpf_cast_to_kern_ctx', 'bpf_rdonly_cast'])

interface Clobbers {
  readonly mask: number
  /** The call is compiled in place. */
  readonly inlined: boolean
}

const argumentsMask = (count: number, isVoid: boolean): number => ((1 << (count + 1)) - 2) | (isVoid ? 0 : 1)

const clobbersOf = (session: Session, slot: number): Clobbers | null => {
  const { code } = session
  if (isHelperCall(code, slot)) {
    const helper = helperLines(code.imm[slot]!).find((line) => isAvailable(session, line))
    if (helper === undefined) return null
    const inlined = helper.fastcall && helper.name === 'bpf_get_smp_processor_id'
    return { mask: argumentsMask(helper.args.length, helper.returns === 'void'), inlined }
  }
  if (!isKfuncCall(code, slot) || code.imm[slot] === 0) return null
  const proto = session.kernelBtf?.proto(code.imm[slot]!) ?? null
  if (proto === null) return null
  return { mask: argumentsMask(proto.params.length, proto.type === 0),
    inlined: inlinedKfuncs.has(kfuncName(session, slot)) }
}

/**
 * Pairs `*(u64 *)(r10 - N) = rX … rX = *(u64 *)(r10 - N)` around the call, from the lowest spill of the function
 * upward.
 */
const markCall = (session: Session, sub: Subprogram, slot: number, lowest: number): void => {
  const clobbers = clobbersOf(session, slot)
  if (clobbers === null || clobbers.mask === CALLER_SAVED) return
  const { code } = session
  let expected = ~clobbers.mask & CALLER_SAVED
  let off = lowest
  let pairs = 0
  for (let i = 1; i <= 6; i++) {
    const before = slot - i
    const after = slot + i
    if (before < 0 || after >= code.length) break
    const reg = code.src[before]!
    const isPair = code.op[before] === STORE && code.op[after] === LOAD && code.dst[before] === FRAME_POINTER &&
      code.src[after] === FRAME_POINTER && code.dst[after] === reg && code.off[before] === off &&
        code.off[after] === off
    if (!isPair || (expected & (1 << reg)) === 0) break
    expected &= ~(1 << reg)
    session.fastcallPairs[before] = session.fastcallPairs[after] = 1
    off += 8
    pairs++
  }
  if (pairs === 0) return
  if (clobbers.inlined) session.fastcallSpills[slot] = pairs
  else sub.keepsFastcallStack = true
  sub.fastcallOff = Math.min(sub.fastcallOff, off)
}

export const markFastcalls = (session: Session): void => {
  const { code } = session
  for (const sub of session.subprograms) {
    let lowest = 0
    for (let slot = sub.start; slot < sub.end; slot++)
      if (code.op[slot] === STORE && code.dst[slot] === FRAME_POINTER) lowest = Math.min(lowest, code.off[slot]!)
    for (let slot = sub.start; slot < sub.end; slot++) if (code.op[slot] === CALL) markCall(session, sub, slot, lowest)
  }
}

/** An access to the pairs' stack from elsewhere: they must stay. */
export const keepFastcallStack = (session: Session, subprog: number, off: number): void => {
  const sub = session.subprograms[subprog]!
  if (sub.fastcallOff <= off || session.fastcallPairs[session.insn] === 1) return
  sub.fastcallOff = NEVER
  session.fastcallPairs.fill(0, sub.start, sub.end)
  session.fastcallSpills.fill(0, sub.start, sub.end)
}

/** After the walk: the stack that is left. */
export const dropFastcallStack = (session: Session): void => {
  for (const sub of session.subprograms) {
    const drops = session.fastcallSpills.subarray(sub.start, sub.end).some((pairs) => pairs > 0)
    if (drops && !sub.keepsFastcallStack) sub.stackDepth = -sub.fastcallOff
  }
}
