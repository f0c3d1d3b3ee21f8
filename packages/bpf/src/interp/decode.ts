/**
 * A program as the interpreter walks it: a row of four words an instruction, what can be said before it runs said once.
 *
 *     operation
 *     destination, source     places of a register's low word in the register file
 *     offset                  of a load or store; the target's row of a jump
 *
 * A constant operand is a register too, behind r10, so that each operation has one form.
 *
 *     0x00 + BPF_OP >> 4    64-bit arithmetic          0x10 + …    32-bit arithmetic
 *     0x20 + …              64-bit jumps               0x30 + …    32-bit jumps
 *     0x40 + BPF_SIZE >> 3  loads                      0x44 + …    sign-extending loads       0x48 + …    stores
 */
import {
  BPF_ABS, BPF_ALU, BPF_ALU64, BPF_ATOMIC, BPF_CALL, BPF_CLASS, BPF_DIV, BPF_DW, BPF_END, BPF_EXIT, BPF_IMM, BPF_IND,
  BPF_JA, BPF_JCOND, BPF_JMP, BPF_JMP32, BPF_JSLE, BPF_LD, BPF_LDX, BPF_MEM, BPF_MEMSX, BPF_MOD, BPF_MODE, BPF_MOV,
  BPF_OP, BPF_PSEUDO_CALL, BPF_SIZE, BPF_SRC, BPF_ST, BPF_STX, BPF_X, BPF_ADDR_SPACE_CAST, BPF_MAY_GOTO,
} from '@lsmkit/abi'
import { TAIL_CALL } from '../jit/emit-call.ts'
import type { Executable, Helper } from '../vm/executable.ts'

/** Operations that have no number in BPF, and those that stand for several. */
export const OP = {
  call: 0x28, exit: 0x29, mayGoto: 0x2e, callLocal: 0x38, callx: 0x39, tailCall: 0x3e,
  atomic: 0x4c, wide: 0x4d, packet: 0x4e, unknown: 0x4f, outside: 0x50,
  divideSigned: 0x51, remainderSigned: 0x52, moveByte: 0x53, moveHalf: 0x54, moveWord: 0x55,
  divideSigned32: 0x56, remainderSigned32: 0x57, moveByte32: 0x58, moveHalf32: 0x59, byteOrder: 0x5a,
} as const

export interface Decoded {
  readonly rows: Int32Array
  /** Words of the constants, to be put behind r10 in each register file. */
  readonly constants: readonly number[]
  /** Those that are called by number and take low words only; the offset of a call's row is its place. */
  readonly helpers: readonly Helper[]
  /** Frames that are not in use. */
  readonly spare: Frame[]
}

/** A subprogram that is running. */
export interface Frame {
  /** r0 to r10, and behind them the program's constants. */
  readonly registers: Int32Array
  low: number
  returnTo: number
  mayGoto: number
}

/** Words in a row, and those of r0 to r10. */
export const ROW = 4
export const REGISTER_WORDS = 22

const decodings = new WeakMap<Executable, Decoded>()

export const decoded = (program: Executable): Decoded => {
  let known = decodings.get(program)
  if (known === undefined) decodings.set(program, (known = decode(program)))
  return known
}

const decode = (program: Executable): Decoded => {
  const { code } = program
  const { length } = code
  const constants: number[] = []
  const places = new Map<string, number>()
  const outside: number[] = [length]
  const helpers = [...new Set(program.calls.values())].filter(({ args }) => !args.includes('l'))
  const constant = (low: number, high: number): number => {
    const key = `${low},${high}`
    let place = places.get(key)
    if (place === undefined) places.set(key, (place = REGISTER_WORDS + constants.push(low, high) - 2))
    return place
  }
  /** Row of a slot; of one that is not there, a row that says so. */
  const rowOf = (slot: number): number => {
    if (slot >= 0 && slot < length) return slot * ROW
    return (length + (slot === length ? 0 : outside.push(slot) - 1)) * ROW
  }
  const rows: number[] = []
  for (let slot = 0; slot < length; slot++) {
    const { operation, source, offset } = rowAt(program, slot, { constant, rowOf, helpers })
    rows.push(operation, code.dst[slot]! << 1, source, offset)
  }
  for (const slot of outside) rows.push(OP.outside, 0, 0, slot)
  return { rows: Int32Array.from(rows), constants, helpers, spare: [] }
}

interface Row {
  readonly operation: number
  readonly source: number
  readonly offset: number
}

interface Making {
  readonly constant: (low: number, high: number) => number
  readonly rowOf: (slot: number) => number
  readonly helpers: readonly Helper[]
}

const rowAt = (program: Executable, slot: number, making: Making): Row => {
  const { code } = program
  const { constant, rowOf } = making
  const op = code.op[slot]!
  const register = code.src[slot]! << 1
  const [off, imm] = [code.off[slot]!, code.imm[slot]!]
  const unknown = { operation: OP.unknown, source: 0, offset: 0 }
  if (code.dst[slot]! > 10 || register > 20) return unknown
  const operand = (): number => (BPF_SRC(op) === BPF_X ? register : constant(imm, imm >> 31))
  switch (BPF_CLASS(op)) {
    case BPF_ALU64:
    case BPF_ALU: {
      const operation = arithmetic(op, off)
      return operation < 0 ? unknown : { operation, source: operand(), offset: 0 }
    }
    case BPF_LDX: {
      const isSigned = BPF_MODE(op) === BPF_MEMSX
      if ((BPF_MODE(op) !== BPF_MEM && !isSigned) || (isSigned && BPF_SIZE(op) === BPF_DW)) return unknown
      return { operation: (isSigned ? 0x44 : 0x40) + (BPF_SIZE(op) >> 3), source: register, offset: off }
    }
    case BPF_ST:
    case BPF_STX: {
      const isConstant = BPF_CLASS(op) === BPF_ST
      if (BPF_MODE(op) === BPF_ATOMIC && !isConstant) return { operation: OP.atomic, source: register, offset: off }
      if (BPF_MODE(op) !== BPF_MEM) return unknown
      const source = isConstant ? constant(imm, imm >> 31) : register
      return { operation: 0x48 + (BPF_SIZE(op) >> 3), source, offset: off }
    }
    case BPF_LD: {
      if (op === (BPF_LD | BPF_IMM | BPF_DW)) {
        const wide = program.wides.get(slot)
        return wide === undefined ? unknown
          : { operation: OP.wide, source: constant(wide.low, wide.high), offset: rowOf(slot + 2) }
      }
      const isPacket = (BPF_MODE(op) === BPF_ABS || BPF_MODE(op) === BPF_IND) && BPF_SIZE(op) !== BPF_DW
      return isPacket ? { operation: OP.packet, source: register, offset: 0 } : unknown
    }
    default:
      return jump(program, slot, operand, making) ?? unknown
  }
}

const arithmetic = (op: number, off: number): number => {
  const is64 = BPF_CLASS(op) === BPF_ALU64
  switch (BPF_OP(op)) {
    case BPF_DIV: if (off === 1) return is64 ? OP.divideSigned : OP.divideSigned32; break
    case BPF_MOD: if (off === 1) return is64 ? OP.remainderSigned : OP.remainderSigned32; break
    case BPF_END: return OP.byteOrder
    case BPF_MOV: if (BPF_SRC(op) === BPF_X) return move(is64, off)
  }
  return BPF_OP(op) > BPF_END ? -1 : (is64 ? 0 : 0x10) + (BPF_OP(op) >> 4)
}

const move = (is64: boolean, off: number): number => {
  if (off === 8) return is64 ? OP.moveByte : OP.moveByte32
  if (off === 16) return is64 ? OP.moveHalf : OP.moveHalf32
  if (off === 0 || off === BPF_ADDR_SPACE_CAST || !is64) return (is64 ? 0 : 0x10) + (BPF_MOV >> 4)
  return OP.moveWord
}

const jump = (program: Executable, slot: number, operand: () => number, making: Making): Row | null => {
  const { code } = program
  const { rowOf } = making
  const op = code.op[slot]!
  const target = slot + 1 + code.off[slot]!
  if (op === (BPF_JMP | BPF_CALL)) return call(program, slot, making)
  if (op === (BPF_JMP | BPF_CALL | BPF_X)) return { operation: OP.callx, source: 0, offset: -1 }
  if (op === (BPF_JMP | BPF_EXIT)) return { operation: OP.exit, source: 0, offset: 0 }
  if (op === (BPF_JMP | BPF_JA)) return { operation: 0x20, source: 0, offset: rowOf(target) }
  if (op === (BPF_JMP32 | BPF_JA)) return { operation: 0x20, source: 0, offset: rowOf(slot + 1 + code.imm[slot]!) }
  if (op === (BPF_JMP | BPF_JCOND) && code.src[slot] === BPF_MAY_GOTO) {
    return { operation: OP.mayGoto, source: 0, offset: rowOf(target) }
  }
  const operation = BPF_OP(op)
  if (operation === BPF_JA || operation === BPF_CALL || operation === BPF_EXIT || operation > BPF_JSLE) return null
  const first = BPF_CLASS(op) === BPF_JMP ? 0x20 : 0x30
  return { operation: first + (operation >> 4), source: operand(), offset: rowOf(target) }
}

const call = ({ code, starts, calls }: Executable, slot: number, { rowOf, helpers }: Making): Row => {
  if (code.src[slot] === BPF_PSEUDO_CALL) {
    const target = slot + 1 + code.imm[slot]!
    // where no subprogram begins the program is stopped
    return { operation: OP.callLocal, source: 0, offset: starts.includes(target) ? rowOf(target) : -1 }
  }
  const isTail = code.src[slot] === 0 && code.imm[slot] === TAIL_CALL
  if (isTail) return { operation: OP.tailCall, source: 0, offset: 0 }
  const helper = calls.get(slot)
  return { operation: OP.call, source: 0, offset: helper === undefined ? -1 : helpers.indexOf(helper) }
}
