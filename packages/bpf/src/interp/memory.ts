/** Loads, stores and atomics of the interpreter, with the checks that compiled code has. */
import { BPF_ADD, BPF_AND, BPF_CMPXCHG, BPF_FETCH, BPF_OR, BPF_XCHG, BPF_XOR } from '@lsmkit/abi'
import type { Code } from '../insn/code.ts'
import { BpfFault } from '../vm/fault.ts'
import { FIRST_ADDRESS } from '../vm/memory.ts'
import type { BpfMemory } from '../vm/memory.ts'

/** Bytes by `BPF_SIZE >> 3`. */
const SIZES = [4, 2, 1, 8] as const

/** The address of an access, or -1 when it is outside; no access comes from below what may be reached. */
const addressOf = (r: Int32Array, register: number, off: number, size: number, first: number, end: number): number => {
  const base = (r[register << 1]! >>> 0) + r[(register << 1) + 1]! * 0x1_0000_0000
  const address = base + off
  return base >= first && address >= first && address + size <= end ? address : -1
}

export const load = (code: Code, slot: number, r: Int32Array, memory: BpfMemory, isProbe: boolean): boolean => {
  const op = code.op[slot]!
  // BPF_MEM, BPF_MEMSX
  const mode = op & 0xe0
  if (mode !== 0x60 && mode !== 0x80) return false
  const isSigned = mode === 0x80
  const size = SIZES[(op >> 3) & 3]!
  if (isSigned && size === 8) return false
  const at = addressOf(r, code.src[slot]!, code.off[slot]!, size, FIRST, memory.u8.length)
  const dst = code.dst[slot]! << 1
  if (at < 0) {
    if (!isProbe) throw new BpfFault('memory', slot)
    r[dst] = r[dst + 1] = 0
    return true
  }
  const { view } = memory
  switch (size) {
    case 1: r[dst] = isSigned ? view.getInt8(at) : view.getUint8(at); break
    case 2: r[dst] = isSigned ? view.getInt16(at, true) : view.getUint16(at, true); break
    case 4: r[dst] = view.getInt32(at, true); break
    default:
      r[dst] = view.getInt32(at, true)
      r[dst + 1] = view.getInt32(at + 4, true)
      return true
  }
  r[dst + 1] = isSigned ? r[dst]! >> 31 : 0
  return true
}

export const store = (code: Code, slot: number, r: Int32Array, memory: BpfMemory): boolean => {
  const op = code.op[slot]!
  const size = SIZES[(op >> 3) & 3]!
  // BPF_ST, BPF_ATOMIC, BPF_MEM
  const isConstant = (op & 7) === 2
  const isAtomic = !isConstant && (op & 0xe0) === 0xc0
  if ((op & 0xe0) !== 0x60 && !isAtomic) return false
  if (isAtomic && (size < 4 || !isAtomicOp(code.imm[slot]!))) return false
  const at = addressOf(r, code.dst[slot]!, code.off[slot]!, size, memory.dataStart, memory.u8.length)
  if (at < 0) throw new BpfFault('memory', slot)
  if (isAtomic) {
    atomic(code, slot, r, memory.view, at, size)
    return true
  }
  const src = code.src[slot]! << 1
  const low = isConstant ? code.imm[slot]! : r[src]!
  put(memory.view, at, size, low, isConstant ? low >> 31 : r[src + 1]!)
  return true
}

const put = (view: DataView, at: number, size: number, low: number, high: number): void => {
  if (size === 1) view.setInt8(at, low)
  else if (size === 2) view.setInt16(at, low, true)
  else view.setInt32(at, low, true)
  if (size === 8) view.setInt32(at + 4, high, true)
}

const isAtomicOp = (imm: number): boolean => {
  const operation = imm & ~BPF_FETCH
  return imm === BPF_XCHG || imm === BPF_CMPXCHG || operation === BPF_ADD || operation === BPF_AND
    || operation === BPF_OR || operation === BPF_XOR
}

const atomic = (code: Code, slot: number, r: Int32Array, view: DataView, at: number, size: number): void => {
  const imm = code.imm[slot]!
  const src = code.src[slot]! << 1
  const [bl, bh] = [r[src]!, r[src + 1]!]
  const al = view.getInt32(at, true)
  const ah = size === 8 ? view.getInt32(at + 4, true) : 0
  if (imm === BPF_CMPXCHG) {
    if (al === r[0] && (size === 4 || ah === r[1])) put(view, at, size, bl, bh)
    r[0] = al
    r[1] = ah
    return
  }
  const operation = imm & ~BPF_FETCH
  if (imm === BPF_XCHG) put(view, at, size, bl, bh)
  else if (operation === BPF_ADD) {
    const low = (al + bl) | 0
    put(view, at, size, low, (ah + bh + (low >>> 0 < al >>> 0 ? 1 : 0)) | 0)
  } else if (operation === BPF_AND) put(view, at, size, al & bl, ah & bh)
  else if (operation === BPF_OR) put(view, at, size, al | bl, ah | bh)
  else put(view, at, size, al ^ bl, ah ^ bh)
  if ((imm & BPF_FETCH) === 0) return
  r[src] = al
  r[src + 1] = ah
}

/** Lowest address that a program may read. */
const FIRST = FIRST_ADDRESS
