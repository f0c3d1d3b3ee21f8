/** Reserved fields of every instruction, as kernels check them that do so before any is walked. */
import {
  BPF_ABS, BPF_ALU, BPF_ALU64, BPF_ATOMIC, BPF_CALL, BPF_CLASS, BPF_DIV, BPF_DW, BPF_END, BPF_EXIT, BPF_IND, BPF_JA,
  BPF_JCOND, BPF_JMP, BPF_JMP32, BPF_LD, BPF_LDX, BPF_MEM, BPF_MEMSX, BPF_MOD, BPF_MODE, BPF_MOV, BPF_NEG, BPF_OP,
  BPF_PSEUDO_KFUNC_CALL, BPF_SIZE, BPF_ST, BPF_STX, BPF_X, EINVAL,
} from '@lsmkit/abi'
import type { Session } from './session.ts'

const REGISTERS = 11
const ADDRESS_SPACE_CAST = 1

interface Insn {
  readonly op: number
  readonly dst: number
  readonly src: number
  readonly off: number
  readonly imm: number
}

const isX = ({ op }: Insn): boolean => (op & BPF_X) !== 0

const unaryFields = (insn: Insn): string | null => {
  const { op, src, off, imm } = insn
  if (BPF_OP(op) === BPF_NEG) return isX(insn) || src !== 0 || off !== 0 || imm !== 0 ? 'BPF_NEG' : null
  const isWidth = imm === 16 || imm === 32 || imm === 64
  return src !== 0 || off !== 0 || !isWidth || (BPF_CLASS(op) === BPF_ALU64 && isX(insn)) ? 'BPF_END' : null
}

const moveFields = (insn: Insn): string | null => {
  const { op, src, off, imm } = insn
  if (!isX(insn)) return src !== 0 || off !== 0 ? 'BPF_MOV' : null
  const isWide = BPF_CLASS(op) === BPF_ALU64
  if (isWide && off === ADDRESS_SPACE_CAST) return null
  const extends_ = off === 0 || off === 8 || off === 16 || (isWide && off === 32)
  return !extends_ || imm !== 0 ? 'BPF_MOV' : null
}

const binaryFields = (insn: Insn): string | null => {
  const operation = BPF_OP(insn.op)
  const offFits = insn.off === 0 || (insn.off === 1 && (operation === BPF_DIV || operation === BPF_MOD))
  return (isX(insn) ? insn.imm : insn.src) !== 0 || !offFits ? 'BPF_ALU' : null
}

const arithmeticFields = (insn: Insn): string | null => {
  const operation = BPF_OP(insn.op)
  if (operation === BPF_NEG || operation === BPF_END) return unaryFields(insn)
  return operation === BPF_MOV ? moveFields(insn) : binaryFields(insn)
}

const jumpFields = (insn: Insn): string | null => {
  const { op, dst, src, off, imm } = insn
  const isWide = BPF_CLASS(op) === BPF_JMP
  switch (BPF_OP(op)) {
    case BPF_CALL:
      return isX(insn) || (src !== BPF_PSEUDO_KFUNC_CALL && off !== 0) || src > BPF_PSEUDO_KFUNC_CALL || dst !== 0 ||
        !isWide ? 'BPF_CALL' : null
    case BPF_JA:
      if (isX(insn)) return src !== 0 || imm !== 0 || off !== 0 ? 'BPF_JA|BPF_X' : null
      return src !== 0 || dst !== 0 || (isWide ? imm !== 0 : off !== 0) ? 'BPF_JA' : null
    case BPF_EXIT:
      return isX(insn) || imm !== 0 || src !== 0 || dst !== 0 || !isWide ? 'BPF_EXIT' : null
    case BPF_JCOND: return null
    default: return (isX(insn) ? imm : src) !== 0 ? 'BPF_JMP/JMP32' : null
  }
}

const packetLoadFields = ({ op, dst, src, off }: Insn): string | null => {
  const mode = BPF_MODE(op)
  if (mode !== BPF_ABS && mode !== BPF_IND) return null
  const isWrong = dst !== 0 || off !== 0 || BPF_SIZE(op) === BPF_DW || (mode === BPF_ABS && src !== 0)
  return isWrong ? 'BPF_LD_[ABS|IND]' : null
}

/** The name of the class whose reserved fields are used; null for none. */
const reservedFields = (insn: Insn): string | null => {
  const mode = BPF_MODE(insn.op)
  switch (BPF_CLASS(insn.op)) {
    case BPF_ALU: case BPF_ALU64: return arithmeticFields(insn)
    case BPF_LDX: return (mode !== BPF_MEM && mode !== BPF_MEMSX) || insn.imm !== 0 ? 'BPF_LDX' : null
    case BPF_STX: return mode !== BPF_ATOMIC && (mode !== BPF_MEM || insn.imm !== 0) ? 'BPF_STX' : null
    case BPF_ST: return mode !== BPF_MEM || insn.src !== 0 ? 'BPF_ST' : null
    case BPF_JMP: case BPF_JMP32: return jumpFields(insn)
    case BPF_LD: return packetLoadFields(insn)
    default: return null
  }
}

/** Register numbers that no instruction has. */
export const checkRegisters = (session: Session, slot: number): void => {
  for (const number of [session.code.dst[slot]!, session.code.src[slot]!])
    if (number >= REGISTERS) session.refuse(`R${number} is invalid`, -EINVAL)
}

export const checkFields = (session: Session, slot: number): void => {
  const { code } = session
  const insn: Insn = {
    op: code.op[slot]!, dst: code.dst[slot]!, src: code.src[slot]!, off: code.off[slot]!, imm: code.imm[slot]!,
  }
  if (BPF_CLASS(insn.op) === BPF_ALU64 && BPF_OP(insn.op) === BPF_MOV && isX(insn) &&
    insn.off === ADDRESS_SPACE_CAST && insn.imm !== 1 && insn.imm !== 1 << 16)
    session.refuse('addr_space_cast insn can only convert between address space 1 and 0', -EINVAL)
  if (BPF_CLASS(insn.op) === BPF_JMP && BPF_OP(insn.op) === BPF_JCOND &&
    (insn.src !== 0 || insn.dst !== 0 || insn.imm !== 0))
    session.refuse(`invalid may_goto imm ${insn.imm}`, -EINVAL)
  const name = reservedFields(insn)
  if (name !== null) session.refuse(`${name} uses reserved fields`, -EINVAL)
}
