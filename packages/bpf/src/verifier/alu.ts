/** Arithmetic instructions: reserved fields, moves, and what the result is. */
import {
  BPF_ADD, BPF_ALU64, BPF_AND, BPF_ARSH, BPF_CLASS, BPF_DIV, BPF_END, BPF_LSH, BPF_MOD, BPF_MOV, BPF_NEG, BPF_OP,
  BPF_OR, BPF_RSH, BPF_SUB, BPF_X, EINVAL,
} from '@lsmkit/abi'
import { unbound32, unbound64, zeroExtend32 } from './bound-steps.ts'
import { signExtend, signExtend32, sync, truncate } from './bounds.ts'
import { constNum, copyNum, immNum, isConst } from './num.ts'
import type { Num } from './num.ts'
import { pointerAlu, operatorText } from './pointer-alu.ts'
import { markPrecise } from './precision.ts'
import { ADD_CONST, ANY_SCALAR, fork, pointer, Reg, scalar } from './reg.ts'
import { PTR_TO_ARENA, SCALAR } from './reg-type.ts'
import { checkedReg, checkWritable, keepAddress, readReg, writeReg } from './registers.ts'
import { negated, scalarAlu, UNKNOWN32 } from './scalar-alu.ts'
import type { Session } from './session.ts'
import { sanitizeNumbers } from './speculation.ts'
import { fitsIn, withId, withoutId } from './stack.ts'
import { tnumSwap } from './tnum.ts'

const reserved = (session: Session, what: string): never => session.refuse(`${what} uses reserved fields`, -EINVAL)

const unary = (session: Session, slot: number, op: number): void => {
  const { code } = session
  const opcode = code.op[slot]!
  const dst = code.dst[slot]!
  const src = code.src[slot]!
  const off = code.off[slot]!
  const imm = code.imm[slot]!
  const isX = (opcode & BPF_X) !== 0
  if (op === BPF_NEG && (isX || src !== 0 || off !== 0 || imm !== 0)) reserved(session, 'BPF_NEG')
  if (op === BPF_END) {
    const width = imm === 16 || imm === 32 || imm === 64
    if (src !== 0 || off !== 0 || !width || (BPF_CLASS(opcode) === BPF_ALU64 && isX)) reserved(session, 'BPF_END')
  }
  const reg = readReg(session, dst)
  keepAddress(session, dst, 'pointer arithmetic prohibited')
  const known = reg.type === SCALAR ? unaryResult(session, slot, op, reg) : ANY_SCALAR
  writeReg(session, dst, checkedReg(session, known, 'alu'))
}

const unaryResult = (session: Session, slot: number, op: number, reg: Reg): Reg => {
  const { features } = session.kernel
  const wide = BPF_CLASS(session.code.op[slot]!) === BPF_ALU64
  if (op === BPF_NEG) return features.negationBounds ? scalar(negated(reg.num, wide)) : ANY_SCALAR
  return features.swappedBits ? byteSwapped(session, slot, reg) : ANY_SCALAR
}

/** The machine is little-endian: only the other order, and the unconditional swap, move bytes. */
const byteSwapped = (session: Session, slot: number, reg: Reg): Reg => {
  const opcode = session.code.op[slot]!
  const width = session.code.imm[slot]!
  const swaps = BPF_CLASS(opcode) === BPF_ALU64 || (opcode & BPF_X) !== 0
  const to = swaps || width !== 64 ? withoutId(fork(reg)) : fork(reg)
  to.num = copyNum(reg.num)
  if (swaps) {
    tnumSwap(to.num, width)
    unbound64(to.num)
    unbound32(to.num)
  }
  if (width !== 64) truncate(to.num, width >> 3)
  else sync(to.num)
  return to
}

const ADDRESS_SPACE_CAST = 1

const checkMov = (session: Session, slot: number, wide: boolean): void => {
  const { code } = session
  const src = code.src[slot]!
  const off = code.off[slot]!
  const imm = code.imm[slot]!
  if ((code.op[slot]! & BPF_X) === 0) {
    if (src !== 0 || off !== 0) reserved(session, 'BPF_MOV')
    return
  }
  if (session.kernel.features.addrSpaceCast && wide && off === ADDRESS_SPACE_CAST) {
    if (imm !== 1 && imm !== 1 << 16)
      session.refuse('addr_space_cast insn can only convert between address space 1 and 0', -EINVAL)
    if (session.arena === null)
      session.refuse('addr_space_cast insn can only be used in a program that has an associated arena', -EINVAL)
    return
  }
  const extends_ = off === 0 ||
    (session.kernel.features.isaV4 && (off === 8 || off === 16 || (wide && off === 32)))
  if (!extends_ || imm !== 0) reserved(session, 'BPF_MOV')
}

/** The source is given an id (unless the copy is not the same value), and the copy has it too. */
const copied = (session: Session, src: number, reg: Reg, same: boolean): Reg => {
  if (!same) return withoutId(reg)
  const named = withId(session, reg)
  if (named !== reg) session.put(session.frame, src, named)
  return named
}

const changed = (reg: Reg, change: (num: Num) => void): Reg => {
  const to = fork(reg)
  to.num = copyNum(reg.num)
  change(to.num)
  return to
}

/** Whether the value is below 1 << (bits - 1): sign extension leaves it alone. */
const belowSign = (num: Num, bits: number): boolean => num.umaxh === 0 && num.umaxl >>> 0 < 2 ** (bits - 1)

const movWide = (session: Session, src: number, off: number): Reg => {
  const reg = session.frame.regs[src]!
  if (off === 0) return copied(session, src, reg, true)
  keepAddress(session, src, 'sign-extension part of pointer')
  if (reg.type !== SCALAR) return ANY_SCALAR
  return changed(copied(session, src, reg, belowSign(reg.num, off)), (num) => signExtend(num, off >> 3))
}

const movNarrow = (session: Session, src: number, off: number): Reg => {
  const reg = session.frame.regs[src]!
  keepAddress(session, src, 'partial copy of pointer')
  if (reg.type !== SCALAR) return scalar(UNKNOWN32)
  const fits = off === 0 ? fitsIn(reg, 4) : belowSign(reg.num, off)
  const same = fits && session.kernel.features.narrowMovesLink
  return changed(copied(session, src, reg, same), (num) => {
    if (off !== 0) signExtend32(num, off >> 3)
    zeroExtend32(num)
    sync(num)
  })
}

const move = (session: Session, slot: number, wide: boolean): void => {
  const { code } = session
  const dst = code.dst[slot]!
  const src = code.src[slot]!
  const off = code.off[slot]!
  const imm = code.imm[slot]!
  checkMov(session, slot, wide)
  const isX = (code.op[slot]! & BPF_X) !== 0
  if (isX) readReg(session, src)
  checkWritable(session, dst)
  if (!isX) writeReg(session, dst, scalar(wide ? immNum(imm) : constNum(imm, 0)))
  else if (wide && off === ADDRESS_SPACE_CAST) writeReg(session, dst, imm === 1 ? pointer(PTR_TO_ARENA) : ANY_SCALAR)
  else writeReg(session, dst, wide ? movWide(session, src, off) : movNarrow(session, src, off))
}

/** A value that is -1 or 0 and meets a mask: both are tried, so that the result is exact on each path. */
const forkMask = (session: Session, dst: number): void => {
  const reg = session.frame.regs[dst]!
  const { num } = reg
  const wide = (num.sminl & num.sminh) === -1 && (num.smaxl | num.smaxh) === 0
  if (!wide && (num.s32min !== -1 || num.s32max !== 0)) return
  const known = (value: number): Reg => {
    if (wide) return scalar(immNum(value))
    return changed(reg, (low) => {
      low.vl = value
      low.ml = 0
      low.s32min = low.s32max = low.u32min = low.u32max = value
    })
  }
  const other = session.push(session.insn, session.insn)
  other.frame.regs[dst] = known(0)
  session.put(session.frame, dst, known(-1))
}

/** As `r += const` on a linked register: the link is kept with the distance. */
const keepLink = (to: Reg, from: Reg, distance: number | null, width: number): void => {
  if ((from.id & ADD_CONST) !== 0 || distance === null) {
    to.id = 0
    to.off = 0
  } else {
    to.id = from.id | ADD_CONST
    to.off = distance
    to.size = width
  }
}

/** Added to a linked number; null where the link ends. */
const linkDistance = (session: Session, op: number, wide: boolean, from: Num, amount: Num): number | null => {
  if (!session.kernel.features.linkedNegativeOffsets) return amount.vh === 0 && amount.vl >= 0 ? amount.vl : null
  if (wide ? amount.vh !== amount.vl >> 31 : from.umaxh !== 0) return null
  if (op === BPF_ADD) return amount.vl
  return amount.vl === -2147483648 ? null : -amount.vl
}

const mayLink = (session: Session, op: number, wide: boolean, amount: Num): boolean => {
  if (session.kernel.features.linkedNegativeOffsets)
    return (op === BPF_ADD || op === BPF_SUB) && (wide ? isConst(amount) : amount.ml === 0)
  return session.kernel.features.linkedOffsets && op === BPF_ADD && wide && isConst(amount)
}

/** Marks the link of an addition of 32 bits. */
const NARROW_LINK = 4

const combineScalars = (
  session: Session, op: number, wide: boolean, dst: number, source: Reg, sameReg: boolean, isSigned: boolean,
): Reg => {
  sanitizeNumbers(session, op)
  const { maskForks, linkedOffsets } = session.kernel.features
  if (maskForks && (op === BPF_AND || op === BPF_OR) && isConst(source.num)) forkMask(session, dst)
  const reg = session.frame.regs[dst]!
  const to = new Reg(SCALAR, scalarAlu(op, wide, reg.num, source.num, isSigned))
  const links = linkedOffsets && session.hasBpf && reg.id !== 0 && !sameReg && mayLink(session, op, wide, source.num)
  if (links) keepLink(to, reg, linkDistance(session, op, wide, reg.num, source.num), wide ? 0 : NARROW_LINK)
  return to
}

const combine = (session: Session, slot: number, op: number, wide: boolean): Reg => {
  const { code, frame } = session
  const dst = code.dst[slot]!
  const src = code.src[slot]!
  const reg = frame.regs[dst]!
  const isX = (code.op[slot]! & BPF_X) !== 0
  if (reg.type === PTR_TO_ARENA) return reg
  const source = isX ? frame.regs[src]! : scalar(immNum(code.imm[slot]!))
  if (isX && source.type !== SCALAR) {
    if (reg.type !== SCALAR) {
      if (op === BPF_SUB && session.hasPerfmon) return ANY_SCALAR
      session.refuse(`R${dst} pointer ${operatorText(op)} pointer prohibited`)
    }
    markPrecise(session, dst)
    return pointerAlu(session, op, wide, source, reg, dst, true)
  }
  if (reg.type !== SCALAR) {
    if (isX) markPrecise(session, src)
    return pointerAlu(session, op, wide, reg, source, dst, false)
  }
  return combineScalars(session, op, wide, dst, source, isX && src === dst, code.off[slot] === 1)
}

const checkBinary = (session: Session, slot: number, op: number, wide: boolean): void => {
  const { code } = session
  const opcode = code.op[slot]!
  const dst = code.dst[slot]!
  const src = code.src[slot]!
  const off = code.off[slot]!
  const imm = code.imm[slot]!
  const divides = op === BPF_DIV || op === BPF_MOD
  const offFits = off === 0 || (off === 1 && divides && session.kernel.features.isaV4)
  const isX = (opcode & BPF_X) !== 0
  if (isX) {
    if (imm !== 0 || !offFits) reserved(session, 'BPF_ALU')
    readReg(session, src)
  } else if (src !== 0 || !offFits) reserved(session, 'BPF_ALU')
  readReg(session, dst)
  if (isX) return
  if (divides && imm === 0) session.refuse('div by zero', -EINVAL)
  if ((op === BPF_LSH || op === BPF_RSH || op === BPF_ARSH) && (imm < 0 || imm >= (wide ? 64 : 32)))
    session.refuse(`invalid shift ${imm}`, -EINVAL)
}

export const checkAlu = (session: Session, slot: number): void => {
  const opcode = session.code.op[slot]!
  const op = BPF_OP(opcode)
  const wide = BPF_CLASS(opcode) === BPF_ALU64
  if (op === BPF_NEG || op === BPF_END) return unary(session, slot, op)
  if (op === BPF_MOV) return move(session, slot, wide)
  if (op > BPF_END) session.refuse(`invalid BPF_ALU opcode ${op.toString(16)}`, -EINVAL)
  checkBinary(session, slot, op, wide)
  const dst = session.code.dst[slot]!
  checkWritable(session, dst)
  const result = combine(session, slot, op, wide)
  writeReg(session, dst, checkedReg(session, result, 'alu'))
}
