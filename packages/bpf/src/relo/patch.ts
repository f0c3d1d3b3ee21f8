/** Writes a resolved CO-RE value into an instruction, or poisons it. */
import { BpfError } from '../error.ts'
import type { Code } from '../insn/code.ts'
import type { Resolution } from './resolve.ts'

/** Number of a helper there is none of: what libbpf puts in place of an unresolved access ("0xbad2310"). */
export const POISON = 195896080

const CLASS = 7
const LD = 0
const LDX = 1
const ST = 2
const STX = 3
const ALU = 4
const ALU64 = 7
const LDDW = 0x18
const CALL = 0x85
const SIZE = 0x18
/** Size bits of a load or store, by bytes. */
const sizeBits: Readonly<Record<number, number>> = { 1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18 }

/** Makes the instruction a call that the verifier refuses when it gets there; both slots of an `lddw`. */
export const poison = (code: Code, slot: number, imm = POISON): void => {
  const end = code.op[slot] === LDDW ? slot + 2 : slot + 1
  for (let at = slot; at < end; at++) {
    code.op[at] = CALL
    code.dst[at] = 0
    code.src[at] = 0
    code.off[at] = 0
    code.imm[at] = imm
  }
}

/** Null when it was done, else why it cannot be. Throws BpfError when the instruction is not the record's. */
export const patch = (code: Code, slot: number, resolution: Resolution): string | null => {
  const { before, after, isExact } = resolution
  const op = code.op[slot]!
  const differs = (found: bigint): never => {
    throw new BpfError('bad-relocation', `the instruction has ${found} where the record says ${before}`)
  }
  const low = Number(BigInt.asIntN(32, after))
  switch (op & CLASS) {
    case ALU: case ALU64:
      if (op & 8) throw new BpfError('bad-relocation', 'a CO-RE record for an instruction without a constant')
      if (isExact && before !== null && BigInt.asIntN(32, before) !== BigInt(code.imm[slot]!)) {
        differs(BigInt(code.imm[slot]!))
      }
      code.imm[slot] = low
      return null
    case LDX: case ST: case STX:
      if (isExact && before !== null && before !== BigInt(code.off[slot]!)) differs(BigInt(code.off[slot]!))
      if (after > 32767n) return `offset ${after} does not fit a load or store`
      if (resolution.isMisfit) {
        return `a field of ${resolution.sizeAfter} bytes where ${resolution.sizeBefore} are loaded`
      }
      code.off[slot] = Number(after)
      return resize(code, slot, op, resolution)
    case LD: {
      if (op !== LDDW || code.src[slot] !== 0 || slot + 1 >= code.length || code.op[slot + 1] !== 0) {
        throw new BpfError('bad-relocation', 'a CO-RE record for an instruction without a constant')
      }
      const found = (BigInt(code.imm[slot + 1]!) << 32n) | BigInt(code.imm[slot]! >>> 0)
      if (isExact && before !== null && BigInt.asUintN(64, found) !== BigInt.asUintN(64, before)) differs(found)
      code.imm[slot] = low
      code.imm[slot + 1] = Number(BigInt.asIntN(32, after >> 32n))
      return null
    }
    default: throw new BpfError('bad-relocation', `a CO-RE record for an instruction 0x${op.toString(16)}`)
  }
}

const resize = (code: Code, slot: number, op: number, { sizeBefore, sizeAfter }: Resolution): string | null => {
  if (sizeBefore === sizeAfter) return null
  const size = sizeBits[sizeAfter]
  if (size === undefined) return `a field of ${sizeAfter} bytes cannot be loaded at once`
  code.op[slot] = (op & ~SIZE) | size
  return null
}
