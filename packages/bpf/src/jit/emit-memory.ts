/**
 * Loads, stores and atomics. An access through the frame pointer, the context or a constant at a known place is emitted
 * as it is; every other one is checked, whatever a verifier said: a load must lie in the memory of programs, a store in
 * the part that they may write.
 */
import {
  BPF_ADD, BPF_AND, BPF_ATOMIC, BPF_B, BPF_CLASS, BPF_CMPXCHG, BPF_DW, BPF_FETCH, BPF_H, BPF_MEM, BPF_MEMSX, BPF_MODE,
  BPF_OR, BPF_SIZE, BPF_ST, BPF_W, BPF_XCHG, BPF_XOR,
} from '@lsmkit/abi'
import { FAULT } from '../vm/fault.ts'
import { I64 } from '../wasm/opcode.ts'
import type { OpName } from '../wasm/opcode.ts'
import { checksBase, isChecked } from './checked.ts'
import type { Walk } from './counted-loop.ts'
import { emitObjectLoad, emitPlannedLoad } from './emit-object.ts'
import { FRAME_SIZE } from './frame.ts'
import type { FrameContext } from './frame.ts'

export const SIZES: ReadonlyMap<number, number> = new Map([[BPF_B, 1], [BPF_H, 2], [BPF_W, 4], [BPF_DW, 8]])
export const LOADS: Readonly<Record<number, OpName>> = {
  1: 'i64_load8_u', 2: 'i64_load16_u', 4: 'i64_load32_u', 8: 'i64_load',
}
const SIGNED_LOADS: Readonly<Record<number, OpName>> = {
  1: 'i64_load8_s', 2: 'i64_load16_s', 4: 'i64_load32_s', 8: 'i64_load',
}
export const STORES: Readonly<Record<number, OpName>> = {
  1: 'i64_store8', 2: 'i64_store16', 4: 'i64_store32', 8: 'i64_store',
}

/** Where an access goes: an i32 local plus a static offset, already checked; -1: the offset alone is the address. */
interface Place {
  readonly local: number
  readonly offset: number
}

/** How an access that is no known place comes to its address. */
type Reached =
  /** In `f.address`, checked itself. */
  | 'address'
  /** By the register and a static offset; the register is checked. */
  | 'register'

/** The place, when it is the frame, the context or an address; null when only running tells. */
const knownPlace = (f: FrameContext, register: number, off: number, size: number, isStore: boolean): Place | null => {
  const known = f.knownOf(register)
  if (known === null) return null
  const at = known.off + off
  if (known.base === 'frame' && at >= -FRAME_SIZE && at + size <= 0) return { local: f.low, offset: FRAME_SIZE + at }
  if (known.base === 'context' && !isStore && f.context >= 0 && at >= 0 && at + size <= f.program.contextSize) {
    return { local: f.context, offset: at }
  }
  // a global variable: memory that is there stays
  const first = isStore ? f.places.dataStart : f.places.first
  if (known.base === 'number' && known.off >= first && off >= 0 && at + size <= f.places.size) {
    return { local: -1, offset: at }
  }
  return null
}

const pushPlace = ({ body }: FrameContext, { local, offset }: Place): number => {
  if (local < 0) body.i32(0)
  else body.get(local)
  return offset
}

/** Makes sure that the access is inside, unless that is known. */
const reach = (f: FrameContext, slot: number, register: number, size: number, isStore: boolean): Reached => {
  const { body, code, places } = f
  const first = isStore ? places.dataStart : places.first
  const isByBase = checksBase(f.program, slot)
  if (!isByBase) pushOutside(f, register, code.off[slot]!, size, first)
  else if (isChecked(f.checked, register, isStore)) return 'register'
  else body.get(f.registers[register]!).i64(first).op('i64_sub').i64(places.end - first, 0).op('i64_gt_u')
  f.faultIf(slot, FAULT.memory)
  return isByBase ? 'register' : 'address'
}

/** Checks what a loop reads or writes through a register, from its first address to its last, at once. */
export const emitWalk = (f: FrameContext, { register, span, isStore, slot }: Walk): void => {
  const { body, places } = f
  const lowest = (isStore ? places.dataStart : places.first) - Math.min(span, 0)
  const highest = places.end - Math.max(span, 0)
  if (highest < lowest) return f.fault(slot, FAULT.memory)
  body.get(f.registers[register]!).i64(lowest, 0).op('i64_sub').i64(highest - lowest, 0).op('i64_gt_u')
  f.faultIf(slot, FAULT.memory)
}

/** Leaves in `f.address` the 64-bit address, and on the stack whether it is outside. */
const pushOutside = (f: FrameContext, register: number, off: number, size: number, first: number): void => {
  const { body, places } = f
  body.get(f.registers[register]!)
  if (off !== 0) body.i64(off).op('i64_add')
  body.tee(f.address).i64(first).op('i64_sub').i64(places.end - first - size, 0).op('i64_gt_u')
}

/** Leaves an i32 address on the stack and returns the static offset that is added to it. */
const emitAt = (f: FrameContext, slot: number, register: number, reached: Reached): number => {
  f.body.get(reached === 'register' ? f.registers[register]! : f.address).op('i32_wrap_i64')
  return reached === 'register' ? f.code.off[slot]! : 0
}

const SIGN_EXTENSIONS: Readonly<Record<number, OpName>> = {
  1: 'i64_extend8_s', 2: 'i64_extend16_s', 4: 'i64_extend32_s',
}

/** From a word of the context that is in a local; false when it is in none. */
const emitContextWord = (f: FrameContext, register: number, off: number, size: number, isSigned: boolean): boolean => {
  const known = f.knownOf(register)
  if (f.words === null || known?.base !== 'context') return false
  const at = known.off + off
  const word = f.words[at >> 3]!
  if (word < 0) f.body.i64(0)
  else f.body.get(word)
  if ((at & 7) !== 0) f.body.i64((at & 7) * 8).op('i64_shr_u')
  if (size === 8) return true
  if (isSigned) f.body.op(SIGN_EXTENSIONS[size]!)
  else if (size === 4) f.body.op('i32_wrap_i64').op('i64_extend_i32_u')
  else f.body.i64(size === 1 ? 0xff : 0xffff).op('i64_and')
  return true
}

export const emitLoad = (f: FrameContext, slot: number): void => {
  const { body, code } = f
  const op = code.op[slot]!
  const mode = BPF_MODE(op)
  const size = SIZES.get(BPF_SIZE(op))!
  const [dst, src, off] = [f.registers[code.dst[slot]!], code.src[slot]!, code.off[slot]!]
  const isSigned = mode === BPF_MEMSX
  if ((mode !== BPF_MEM && mode !== BPF_MEMSX) || dst === undefined || f.registers[src] === undefined
    || (isSigned && size === 8)) return f.fault(slot, FAULT.opcode)
  const load = (isSigned ? SIGNED_LOADS : LOADS)[size]!
  if (emitPlannedLoad(f, slot, size, isSigned) || emitContextWord(f, src, off, size, isSigned)) {
    body.set(dst)
    return
  }
  const place = knownPlace(f, src, off, size, false)
  if (place !== null) {
    body.memory(load, pushPlace(f, place)).set(dst)
    return
  }
  if (f.program.probes?.[slot] === 1) {
    pushOutside(f, src, off, size, f.places.first)
    // a null pointer reaches nothing, however large the struct
    if (off >= f.places.first) body.get(f.registers[src]!).i64(f.places.first).op('i64_lt_u').op('i32_or')
    body.if(I64)
    emitObjectLoad(f, slot, size, isSigned)
    body.else()
    body.memory(load, emitAt(f, slot, src, 'address')).end().set(dst)
    return
  }
  body.memory(load, emitAt(f, slot, src, reach(f, slot, src, size, false))).set(dst)
}

export const emitStore = (f: FrameContext, slot: number): void => {
  const { body, code } = f
  const op = code.op[slot]!
  const size = SIZES.get(BPF_SIZE(op))!
  const isConstant = BPF_CLASS(op) === BPF_ST
  const dst = code.dst[slot]!
  const src = f.registers[code.src[slot]!]
  if (f.registers[dst] === undefined || src === undefined) return f.fault(slot, FAULT.opcode)
  if (BPF_MODE(op) === BPF_ATOMIC && !isConstant) return emitAtomic(f, slot, size)
  if (BPF_MODE(op) !== BPF_MEM) return f.fault(slot, FAULT.opcode)
  const offset = emitStorePlace(f, slot, size)
  if (isConstant) body.i64(code.imm[slot]!)
  else body.get(src)
  body.memory(STORES[size]!, offset)
}

/** Checks where a store goes, leaves its i32 address on the stack and returns the static offset. */
const emitStorePlace = (f: FrameContext, slot: number, size: number): number => {
  const [dst, off] = [f.code.dst[slot]!, f.code.off[slot]!]
  const place = knownPlace(f, dst, off, size, true)
  return place === null ? emitAt(f, slot, dst, reach(f, slot, dst, size, true)) : pushPlace(f, place)
}

const ATOMIC_OPS: ReadonlyMap<number, OpName> = new Map<number, OpName>([
  [BPF_ADD, 'i64_add'],
  [BPF_AND, 'i64_and'],
  [BPF_OR, 'i64_or'],
  [BPF_XOR, 'i64_xor'],
])

/** One program runs at a time on a memory that is not shared, so reading and then writing is atomic. */
const emitAtomic = (f: FrameContext, slot: number, size: number): void => {
  const { body, code } = f
  const imm = code.imm[slot]!
  const operation = ATOMIC_OPS.get(imm & ~BPF_FETCH)
  const isKnown = operation !== undefined || imm === BPF_XCHG || imm === BPF_CMPXCHG
  if (!isKnown || size < 4) return f.fault(slot, FAULT.opcode)
  const src = f.registers[code.src[slot]!]!
  const { value } = f
  const offset = emitStorePlace(f, slot, size)
  body.set(f.word).get(f.word).memory(LOADS[size]!, offset).set(value)
  if (operation !== undefined) {
    body.get(f.word).get(value).get(src).op(operation).memory(STORES[size]!, offset)
    if (imm & BPF_FETCH) body.get(value).set(src)
    return
  }
  if (imm === BPF_XCHG) {
    body.get(f.word).get(src).memory(STORES[size]!, offset).get(value).set(src)
    return
  }
  const r0 = f.registers[0]!
  body.get(value).get(r0)
  if (size === 4) body.op('i32_wrap_i64').op('i64_extend_i32_u')
  body.op('i64_eq').if()
  body.get(f.word).get(src).memory(STORES[size]!, offset).end()
  body.get(value).set(r0)
}
