/** Rare work of the interpreter: addresses out of the ordinary, atomics, byte order. */
import {
  BPF_ADD, BPF_ALU64, BPF_AND, BPF_CLASS, BPF_CMPXCHG, BPF_DW, BPF_FETCH, BPF_OR, BPF_SIZE, BPF_SRC, BPF_TO_BE, BPF_W,
  BPF_XCHG, BPF_XOR,
} from '@lsmkit/abi'
import type { Code } from '../insn/code.ts'
import { BpfFault } from '../vm/fault.ts'
import type { BpfMemory } from '../vm/memory.ts'
import { swap32 } from './words.ts'

/** The address of an access, or -1 when it is outside; no access comes from below what may be reached. */
export const addressOf = (
  r: Int32Array, register: number, off: number, size: number, first: number, end: number,
): number => {
  const base = (r[register]! >>> 0) + r[register + 1]! * 0x1_0000_0000
  const address = base + off
  return base >= first && address >= first && address + size <= end ? address : -1
}

const isAtomicOp = (imm: number): boolean => {
  const operation = imm & ~BPF_FETCH
  return imm === BPF_XCHG || imm === BPF_CMPXCHG || operation === BPF_ADD || operation === BPF_AND
    || operation === BPF_OR || operation === BPF_XOR
}

/** False when there is no such operation. */
export const atomic = (code: Code, slot: number, r: Int32Array, { view, dataStart, u8 }: BpfMemory): boolean => {
  const imm = code.imm[slot]!
  const isWide = BPF_SIZE(code.op[slot]!) === BPF_DW
  if ((!isWide && BPF_SIZE(code.op[slot]!) !== BPF_W) || !isAtomicOp(imm)) return false
  const at = addressOf(r, code.dst[slot]! << 1, code.off[slot]!, isWide ? 8 : 4, dataStart, u8.length)
  if (at < 0) throw new BpfFault('memory', slot)
  const put = (low: number, high: number): void => {
    view.setInt32(at, low, true)
    if (isWide) view.setInt32(at + 4, high, true)
  }
  const src = code.src[slot]! << 1
  const [bl, bh] = [r[src]!, r[src + 1]!]
  const al = view.getInt32(at, true)
  const ah = isWide ? view.getInt32(at + 4, true) : 0
  if (imm === BPF_CMPXCHG) {
    if (al === r[0] && (!isWide || ah === r[1])) put(bl, bh)
    r[0] = al
    r[1] = ah
    return true
  }
  const operation = imm & ~BPF_FETCH
  if (imm === BPF_XCHG) put(bl, bh)
  else if (operation === BPF_ADD) {
    const low = (al + bl) | 0
    put(low, (ah + bh + (low >>> 0 < al >>> 0 ? 1 : 0)) | 0)
  } else if (operation === BPF_AND) put(al & bl, ah & bh)
  else if (operation === BPF_OR) put(al | bl, ah | bh)
  else put(al ^ bl, ah ^ bh)
  if ((imm & BPF_FETCH) === 0) return true
  r[src] = al
  r[src + 1] = ah
  return true
}

/** False when there is no such width. */
export const byteOrder = ({ op: ops, imm }: Code, slot: number, r: Int32Array, dst: number): boolean => {
  const op = ops[slot]!
  const bits = imm[slot]!
  const swaps = BPF_CLASS(op) === BPF_ALU64 || BPF_SRC(op) === BPF_TO_BE
  const low = r[dst]!
  const high = r[dst + 1]!
  if (bits === 16) {
    r[dst] = swaps ? ((low & 0xff) << 8) | ((low >>> 8) & 0xff) : low & 0xffff
    r[dst + 1] = 0
  } else if (bits === 32) {
    r[dst] = swaps ? swap32(low) : low
    r[dst + 1] = 0
  } else if (bits !== 64) return false
  else if (swaps) {
    r[dst] = swap32(high)
    r[dst + 1] = swap32(low)
  }
  return true
}
