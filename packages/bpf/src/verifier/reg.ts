/** The value of one register or spilled stack slot. */
import type { Btf } from '../btf/btf.ts'
import type { VerifierMap } from './map.ts'
import type { Num } from './num.ts'
import { constNum, UNKNOWN, ZERO } from './num.ts'
import { NOT_INIT, SCALAR } from './reg-type.ts'

/** Marks a scalar that is another one plus `off`: a bit of `id`. */
export const ADD_CONST = -2147483648

/**
 * INVARIANT: a Reg that a state holds is never written again: `fork` it, change the copy, put the copy in its place.
 */
export class Reg {
  type: number
  num: Num
  /** Constant part of a pointer's offset; of a scalar with ADD_CONST what is added. */
  off = 0
  /** Links equal scalars, pointers of one null check, packet pointers of one base. */
  id = 0
  /** The reference that keeps what is pointed to alive. */
  ref = 0
  map: VerifierMap | null = null
  /** Tells maps apart that came out of a map of maps. */
  uid = 0
  btf: Btf | null = null
  btfId = 0
  /** Bytes of mem, verified range of a packet pointer. */
  size = 0
  /** Kind of a dynptr, state of an iterator. */
  kind = 0
  /** 1 for the first slot of a dynptr; depth of an iterator. */
  first = 0
  /** Frame whose stack is pointed to. */
  frame = 0
  /** Subprogram that a func pointer names. */
  subprog = 0
  /** Of a dynptr slice: the id of its dynptr. */
  dynptr = 0

  constructor(type: number, num: Num) {
    this.type = type
    this.num = num
  }
}

export const fork = (from: Reg): Reg => {
  const to = new Reg(from.type, from.num)
  to.off = from.off
  to.id = from.id
  to.ref = from.ref
  to.map = from.map
  to.uid = from.uid
  to.btf = from.btf
  to.btfId = from.btfId
  to.size = from.size
  to.kind = from.kind
  to.first = from.first
  to.frame = from.frame
  to.subprog = from.subprog
  to.dynptr = from.dynptr
  return to
}

/** Same knowledge in every field: what the kernel's comparison of raw bytes finds, ids aside. */
export const sameExceptIds = (a: Reg, b: Reg): boolean =>
  a.type === b.type && a.off === b.off && a.map === b.map && a.uid === b.uid && a.btf === b.btf &&
    a.btfId === b.btfId &&
  a.size === b.size && a.kind === b.kind && a.first === b.first && a.frame === b.frame && a.subprog === b.subprog

export const NONE = new Reg(NOT_INIT, UNKNOWN)
export const ANY_SCALAR = new Reg(SCALAR, UNKNOWN)
export const ZERO_SCALAR = new Reg(SCALAR, ZERO)

export const scalar = (num: Num): Reg => (num === UNKNOWN ? ANY_SCALAR : new Reg(SCALAR, num))
export const constScalar = (l: number, h: number): Reg => new Reg(SCALAR, constNum(l, h))
/** A pointer with no variable part. */
export const pointer = (type: number): Reg => new Reg(type, ZERO)

export const baseId = (id: number): number => id & 0x7fffffff
