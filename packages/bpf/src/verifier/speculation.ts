/**
 * Code that a processor may run ahead into. Unless the loader may bypass it, pointers that move by a register are
 * masked to a limit that one instruction has on every path, and what runs under a wrong guess is walked too. Nothing is
 * masked here, where nothing runs ahead: the rules refuse the same programs.
 */
import { BPF_ADD, BPF_OP, BPF_SUB, BPF_X } from '@lsmkit/abi'
import { hasBarrierBefore } from './barriers.ts'
import type { Num } from './num.ts'
import { isConst } from './num.ts'
import { checkMapValue } from './map-value.ts'
import { toNumber } from './i64.ts'
import { tnumText } from './format.ts'
import { Refusal } from './refusal.ts'
import type { Reg } from './reg.ts'
import { PTR_TO_MAP_VALUE, PTR_TO_STACK } from './reg-type.ts'
import type { Masking, Session } from './session.ts'
import { MAX_STACK } from './stack.ts'
import type { State } from './state.ts'

const SANITIZE_SRC = 1
const SANITIZE_DST = 2
const NEG_VALUE = 4
const NON_POINTER = 8
const IMMEDIATE = 16

const PROHIBITED = 'pointer arithmetic with it prohibited for !root'

/** A copy of the path that only a wrong guess takes waits at `insn`. */
export const pushSpeculative = (session: Session, insn: number): State => {
  const state = session.push(insn, session.insn)
  state.speculative = true
  return state
}

/** Arithmetic with an immediate needs no mask, and other operators give no pointer. */
const isMasked = (session: Session, op: number): boolean =>
  !session.bypassesSpec && (op === BPF_ADD || op === BPF_SUB) && (session.code.op[session.insn]! & BPF_X) !== 0 &&
  !hasBarrierBefore(session)

/** One instruction has one mask: paths that want another are refused. */
const keepMasking = (session: Session, op: number, masking: Masking): void => {
  const known = session.maskings.get(session.insn)
  if (known === undefined) session.maskings.set(session.insn, masking)
  else if (known.state !== masking.state || known.limit !== masking.limit) {
    const does = op === BPF_ADD ? 'add' : 'sub'
    const dst = session.code.dst[session.insn]!
    session.refuse(`R${dst} tried to ${does} from different maps, paths or scalars, ${PROHIBITED}`)
  }
}

/** As `sanitize_val_alu`: numbers are added where no path adds to a pointer. */
export const sanitizeNumbers = (session: Session, op: number): void => {
  if (isMasked(session, op)) keepMasking(session, op, { state: NON_POINTER, limit: 0 })
}

/** How far the pointer may move: bytes below it or above. */
const limitOf = (session: Session, reg: Reg, toLeft: boolean): number => {
  const { code, insn } = session
  if (reg.type !== PTR_TO_STACK && reg.type !== PTR_TO_MAP_VALUE) {
    session.refuse(`R${code.dst[insn]!} has pointer with unsupported alu operation, ${PROHIBITED}`)
  }
  const { num } = reg
  const isStack = reg.type === PTR_TO_STACK
  const max = isStack ? MAX_STACK + (toLeft ? 1 : 0) : reg.map!.valueSize
  const moved = (toLeft ? num.sminl : num.umaxl) + reg.off
  const limit = (isStack ? -(num.vl + reg.off) : moved) >>> 0
  if (limit >= max) {
    const does = BPF_OP(code.op[insn]!) === BPF_ADD ? 'add' : 'sub'
    session.refuse(`R${code.dst[insn]!} tried to ${does} beyond pointer bounds, ${PROHIBITED}`)
  }
  return limit
}

/** The masking of one move: `commit` follows with the pointer's new place. */
export interface Window extends Masking {
  readonly toLeft: boolean
}

/** As `sanitize_ptr_alu` before the move: null where nothing is to be masked. */
export const openWindow = (
  session: Session, op: number, reg: Reg, amount: Num, dst: number, reversed: boolean,
): Window | null => {
  if (!isMasked(session, op)) return null
  const window = session.state.speculative ? null : measure(session, op, reg, amount, reversed)
  if (isConst(amount)) return window
  if (window !== null) session.explorePaths = true
  const other = pushSpeculative(session, session.insn + 1)
  other.frame.regs[dst] = reg
  return window
}

const measure = (session: Session, op: number, reg: Reg, amount: Num, reversed: boolean): Window => {
  const known = isConst(amount)
  const negative = amount.sminh < 0
  const { code, insn } = session
  if (!known && negative !== amount.smaxh < 0) {
    session.refuse(`R${code.src[insn]!} has unknown scalar with mixed signed bounds, ${PROHIBITED}`)
  }
  const toLeft = (op === BPF_ADD) === negative
  const state = (negative ? NEG_VALUE : 0) | (known ? IMMEDIATE : 0) | (reversed ? SANITIZE_DST : SANITIZE_SRC)
  return { state, limit: limitOf(session, reg, toLeft), toLeft }
}

/** After the move: the mask is as wide as the pointer has moved. */
export const closeWindow = (session: Session, op: number, { state, limit, toLeft }: Window, moved: Reg): void =>
  keepMasking(session, op, { state, limit: Math.abs((limit - limitOf(session, moved, toLeft)) | 0) })

/** As `sanitize_check_bounds`: a moved pointer stays inside what it points to. */
export const checkMoved = (session: Session, reg: Reg, dst: number): void => {
  if (session.bypassesSpec) return
  if (reg.type === PTR_TO_STACK) checkStackMove(session, reg, dst)
  if (reg.type !== PTR_TO_MAP_VALUE) return
  try {
    checkMapValue(session, reg, dst, reg.off, 1, false, true)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    session.refuse(`R${dst} pointer arithmetic of map value goes out of range, prohibited for !root`)
  }
}

const checkStackMove = (session: Session, { num, off }: Reg, dst: number): void => {
  const at = off + toNumber(num.vl, num.vh)
  if (!isConst(num))
    session.refuse(`R${dst} variable stack access prohibited for !root, var_off=${tnumText(num)} off=${at}`)
  if (at >= 0 || at < -MAX_STACK)
    session.refuse(`R${dst} stack pointer arithmetic goes out of range, prohibited for !root; off=${at}`)
}
