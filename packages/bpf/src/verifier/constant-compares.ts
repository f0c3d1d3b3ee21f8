/** Compares where a kernel learns from constants alone: which way a jump must go, and what each side learns. */
import { BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JLE, BPF_JLT, BPF_JNE, BPF_JSET, BPF_JSGE, BPF_JSGT, BPF_JSLE,
  BPF_JSLT } from '@lsmkit/abi'
import { equal64, equalBits, known, refine, reverseOp, scalarTaken, swapOp } from './branch-scalar.ts'
import { unbound32, unbound64 } from './bound-steps.ts'
import { constNum, copyNum, isConst } from './num.ts'
import type { Num } from './num.ts'
import { narrowFromWide, syncPlainly, wideFromNarrow } from './plain-sync.ts'

/** As `scalarTaken`, for a right side that is a constant; equality asks for a constant on the left as well. */
export const takenByConstant = (op: number, wide: boolean, a: Num, b: Num): number => {
  if (!known(b, wide)) return -1
  if ((op === BPF_JEQ || op === BPF_JNE) && !known(a, wide)) return -1
  return scalarTaken(op, wide, a, b)
}

export interface Sides {
  /** Both operands where the compare holds. */
  readonly held: readonly [Num, Num]
  readonly failed: readonly [Num, Num]
}

const ordered = new Set([BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE, BPF_JSGT, BPF_JSGE, BPF_JSLT, BPF_JSLE])

const become = (to: Num, value: Num, wide: boolean): void => {
  to.vl = to.s32min = to.s32max = to.u32min = to.u32max = value.vl
  to.ml = 0
  if (!wide) return
  Object.assign(to, constNum(value.vl, value.vh))
}

/** What is learnt of `value` from `value op constant`, on both sides. */
const learn = (op: number, wide: boolean, value: Num, constant: Num): [held: Num, failed: Num] => {
  const held = copyNum(value)
  const failed = copyNum(value)
  if (op === BPF_JEQ) become(held, constant, wide)
  else if (op === BPF_JNE) become(failed, constant, wide)
  else if (op === BPF_JSET) {
    refine(op, wide, held, constant)
    unbound32(failed)
    unbound64(failed)
    refine(reverseOp(op), wide, failed, constant)
  } else if (ordered.has(op)) {
    refine(op, wide, held, copyNum(constant))
    refine(reverseOp(op), wide, failed, copyNum(constant))
  }
  const step = wide ? narrowFromWide : wideFromNarrow
  step(held)
  step(failed)
  return [held, failed]
}

/** Both operands are one number where they are equal. */
const join = (a: Num, b: Num): [Num, Num] => {
  const left = copyNum(a)
  const right = copyNum(b)
  equal64(left, right)
  equalBits(left, right, true)
  syncPlainly(left)
  syncPlainly(right)
  return [left, right]
}

export const learntFromConstants = (op: number, wide: boolean, a: Num, b: Num): Sides => {
  if (isConst(b) || known(b, wide)) {
    const [held, failed] = learn(op, wide, a, b)
    return { held: [held, b], failed: [failed, b] }
  }
  if (isConst(a) || known(a, wide)) {
    const [held, failed] = learn(swapOp(op), wide, b, a)
    return { held: [a, held], failed: [a, failed] }
  }
  if (!wide || (op !== BPF_JEQ && op !== BPF_JNE)) return { held: [a, b], failed: [a, b] }
  return op === BPF_JEQ ? { held: join(a, b), failed: [a, b] } : { held: [a, b], failed: join(a, b) }
}
