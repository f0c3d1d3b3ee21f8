/** The conditions of jumps. */
import {
  BPF_CLASS, BPF_JCOND, BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JLE, BPF_JLT, BPF_JMP, BPF_JNE, BPF_JSET, BPF_JSGE, BPF_JSGT,
  BPF_JSLE, BPF_JSLT, BPF_MAY_GOTO, BPF_OP,
} from '@lsmkit/abi'
import { FAULT } from '../vm/fault.ts'
import type { OpName } from '../wasm/opcode.ts'
import { pushSource } from './emit-alu.ts'
import type { FrameContext } from './frame.ts'

const COMPARISONS: ReadonlyMap<number, string> = new Map([
  [BPF_JEQ, 'eq'],
  [BPF_JNE, 'ne'],
  [BPF_JGT, 'gt_u'],
  [BPF_JGE, 'ge_u'],
  [BPF_JLT, 'lt_u'],
  [BPF_JLE, 'le_u'],
  [BPF_JSGT, 'gt_s'],
  [BPF_JSGE, 'ge_s'],
  [BPF_JSLT, 'lt_s'],
  [BPF_JSLE, 'le_s'],
])

/** Leaves an i32 on the stack: whether the jump at `slot` is taken. */
export const emitCondition = (f: FrameContext, slot: number): void => {
  const { body, code } = f
  const op = code.op[slot]!
  if (code.dst[slot]! > 10 || code.src[slot]! > 10) {
    f.fault(slot, FAULT.opcode)
    body.i32(0)
    return
  }
  if (op === (BPF_JMP | BPF_JCOND) && code.src[slot] === BPF_MAY_GOTO) {
    // taken when the rounds are used up
    body.get(f.mayGoto).op('i32_eqz')
    body.get(f.mayGoto).get(f.mayGoto).i32(0).op('i32_ne').op('i32_sub').set(f.mayGoto)
    return
  }
  const isWide = BPF_CLASS(op) === BPF_JMP
  const dst = f.registers[code.dst[slot]!]
  const width = isWide ? 'i64' : 'i32'
  const comparison = COMPARISONS.get(BPF_OP(op))
  if (dst === undefined || (comparison === undefined && BPF_OP(op) !== BPF_JSET)) {
    f.fault(slot, FAULT.opcode)
    body.i32(0)
    return
  }
  body.get(dst)
  if (!isWide) body.op('i32_wrap_i64')
  pushSource(f, slot, isWide)
  if (comparison === undefined) {
    body.op(`${width}_and`)
    if (isWide) body.i64(0).op('i64_ne')
    return
  }
  body.op(`${width}_${comparison}` as OpName)
}
