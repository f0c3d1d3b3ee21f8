/** Arithmetic on pointers: what keeps them pointers, and what is refused. */
import { BPF_ADD, BPF_AND, BPF_OR, BPF_SUB, BPF_XOR, EACCES, EINVAL } from '@lsmkit/abi'
import { slt64, toBig, toNumber, ult64 } from './i64.ts'
import type { Num } from './num.ts'
import { isConst, sminBig } from './num.ts'
import type { Reg } from './reg.ts'
import { ANY_SCALAR, fork } from './reg.ts'
import {
  baseOf, CONST_PTR_TO_DYNPTR, CONST_PTR_TO_MAP, isPacket, maybeNull, PTR_TO_BTF_ID, PTR_TO_BUF, PTR_TO_CTX,
  PTR_TO_FLOW_KEYS, PTR_TO_FUNC, PTR_TO_MAP_KEY, PTR_TO_MAP_VALUE, PTR_TO_MEM, PTR_TO_PACKET, PTR_TO_PACKET_META,
  PTR_TO_STACK, PTR_TO_TP_BUFFER, SCALAR, typeName,
} from './reg-type.ts'
import { withWholeOffset } from './region.ts'
import { addPointerBounds, subPointerBounds } from './scalar-alu.ts'
import type { Session } from './session.ts'
import { checkMoved, closeWindow, openWindow } from './speculation.ts'
import { MAX_OFFSET } from './stack.ts'

const movable = new Set([
  PTR_TO_CTX, PTR_TO_MAP_VALUE, PTR_TO_MAP_KEY, PTR_TO_STACK, PTR_TO_PACKET_META, PTR_TO_PACKET, PTR_TO_TP_BUFFER,
  PTR_TO_BTF_ID, PTR_TO_MEM, PTR_TO_BUF, PTR_TO_FUNC, CONST_PTR_TO_DYNPTR,
])

const operators = ['+=', '-=', '*=', '/=', '|=', '&=', '<<=', '>>=', 'neg', '%=', '^=', '=', 's>>=', 'endian']
export const operatorText = (op: number): string => operators[op >> 4] ?? '?'

/** As checkSane for a pointer whose whole offset is in its bounds. */
const checkSaneWhole = (session: Session, reg: Reg, type: number): void => {
  const { num } = withWholeOffset(reg)
  const smin = toNumber(num.sminl, num.sminh)
  const value = isConst(num) ? toNumber(num.vl, num.vh) : smin
  for (const offset of [value, smin])
    if (offset >= MAX_OFFSET || offset <= -MAX_OFFSET)
      session.refuse(`${typeName(type)} pointer offset ${BigInt(offset)} is not allowed`, -EINVAL)
}

/** Offsets stay far inside 32 bits, so that sums of them never wrap. */
const checkSane = (session: Session, reg: Reg, type: number): void => {
  const { num } = reg
  if (reg.type !== SCALAR && session.kernel.features.offsetInBounds) return checkSaneWhole(session, reg, type)
  if (isConst(num)) {
    const value = toNumber(num.vl, num.vh)
    if (value >= MAX_OFFSET || value <= -MAX_OFFSET)
      session.refuse(`math between ${typeName(type)} pointer and ${toBig(num.vl, num.vh)} is not allowed`, -EINVAL)
  }
  if (reg.off >= MAX_OFFSET || reg.off <= -MAX_OFFSET)
    session.refuse(`${typeName(type)} pointer offset ${reg.off} is not allowed`, -EINVAL)
  if (num.sminl === 0 && num.sminh === -2147483648)
    session.refuse(`math between ${typeName(type)} pointer and register with unbounded min value is not allowed`,
      -EINVAL)
  const smin = toNumber(num.sminl, num.sminh)
  if (smin >= MAX_OFFSET || smin <= -MAX_OFFSET)
    session.refuse(`value ${sminBig(num)} makes ${typeName(type)} pointer be out of bounds`, -EINVAL)
}

const checkMovable = (session: Session, reg: Reg, op: number, amount: Num, dst: number): void => {
  const { type } = reg
  if (maybeNull(type)) session.refuse(`R${dst} pointer arithmetic on ${typeName(type)} prohibited, null-check it first`)
  const base = baseOf(type)
  const known = isConst(amount)
  if (movable.has(base) || (base === PTR_TO_FLOW_KEYS && known)) return
  const addsZero = op === BPF_ADD && known && (amount.vl | amount.vh) === 0
  if ((base === CONST_PTR_TO_MAP || base === PTR_TO_FLOW_KEYS) && addsZero) return
  session.refuse(`R${dst} pointer arithmetic on ${typeName(type)} prohibited`)
}

/** `moved` is what the pointer becomes; packet pointers with a variable part are new ones. */
const moveBy = (session: Session, reg: Reg, amount: Num, op: number): Reg => {
  const to = fork(reg)
  const sign = op === BPF_ADD ? 1 : -1
  if (isConst(amount)) {
    const off = reg.off + sign * toNumber(amount.vl, amount.vh)
    if (off === (off | 0)) {
      to.off = off
      if (session.kernel.features.offsetInBounds && isPacket(reg.type) && reg.size < 0) to.size = 0
      return to
    }
  }
  to.num = op === BPF_ADD ? addPointerBounds(reg.num, amount) : subPointerBounds(reg.num, amount)
  if (isPacket(reg.type)) {
    to.id = session.newId()
    if (op === BPF_ADD || amount.sminh < 0) to.size = 0
  }
  return to
}

/** It came from a branch that is not taken: the bits say one number, and the bounds another or more. */
const isContradictory = (num: Num): boolean => {
  const isOne = num.sminl === num.smaxl && num.sminh === num.smaxh && num.uminl === num.umaxl && num.uminh === num.umaxh
  return (isConst(num) && !isOne) || slt64(num.smaxl, num.smaxh, num.sminl, num.sminh) ||
    ult64(num.umaxl, num.umaxh, num.uminl, num.uminh)
}

/** `pointer op amount`; `reversed` when the pointer is the source operand. */
export const pointerAlu = (
  session: Session, op: number, wide: boolean, reg: Reg, amount: Reg, dst: number, reversed: boolean,
): Reg => {
  if (isContradictory(amount.num)) return ANY_SCALAR
  if (!wide) {
    if (op === BPF_SUB && session.hasPerfmon) return ANY_SCALAR
    session.refuse(`R${dst} 32-bit pointer arithmetic prohibited`)
  }
  checkMovable(session, reg, op, amount.num, dst)
  checkSane(session, amount, reg.type)
  checkSane(session, reg, reg.type)
  const window = openWindow(session, op, reg, amount.num, dst, reversed)
  if (op === BPF_AND || op === BPF_OR || op === BPF_XOR)
    session.refuse(`R${dst} bitwise operator ${operatorText(op)} on pointer prohibited`)
  if (op !== BPF_ADD && op !== BPF_SUB)
    session.refuse(`R${dst} pointer arithmetic with ${operatorText(op)} operator prohibited`)
  if (op === BPF_SUB && reversed) session.refuse(`R${dst} tried to subtract pointer from scalar`)
  if (op === BPF_SUB && reg.type === PTR_TO_STACK)
    session.refuse(`R${dst} subtraction from stack pointer prohibited`, -EACCES)
  const moved = moveBy(session, reg, amount.num, op)
  checkSane(session, moved, reg.type)
  checkMoved(session, moved, dst)
  if (window !== null) closeWindow(session, op, window, moved)
  return moved
}
