/** Whether an access lies inside a region of known size: map values, memory, packets. */
import { EACCES, EINVAL } from '@lsmkit/abi'
import { tnumText } from './format.ts'
import { toNumber, toUnsignedNumber } from './i64.ts'
import { constNum, isConst, isZero } from './num.ts'
import type { Reg } from './reg.ts'
import { fork } from './reg.ts'
import { baseOf, isPacket, PTR_TO_MAP_KEY, PTR_TO_MAP_VALUE, PTR_TO_PACKET_END, typeName } from './reg-type.ts'
import { addPointerBounds } from './scalar-alu.ts'
import type { Session } from './session.ts'
import { MAX_OFFSET } from './stack.ts'

const NEGATIVE = 'either use unsigned index or do a if (index >=0) check.'

const outside = (session: Session, reg: Reg, number: number, off: number, size: number, regionSize: number): void => {
  const place = `off=${off} size=${size}`
  const base = baseOf(reg.type)
  if (reg.type === PTR_TO_MAP_KEY) session.say(`invalid access to map key, key_size=${regionSize} ${place}`)
  else if (reg.type === PTR_TO_MAP_VALUE) session.say(`invalid access to map value, value_size=${regionSize} ${place}`)
  else if (isPacket(base) || base === PTR_TO_PACKET_END)
    session.say(
      `invalid access to packet, off=${off} size=${size}, R${number}(id=${reg.id},off=${off},r=${regionSize})`)
  else session.say(`invalid access to memory, mem_size=${regionSize >>> 0} ${place}`)
}

const fits = (off: number, size: number, regionSize: number, zeroAllowed: boolean): boolean =>
  off >= 0 && (size > 0 || (size === 0 && zeroAllowed)) && off + size <= regionSize

/** The pointer with its whole offset in the bounds, where kernels keep no fixed part beside them. */
export const withWholeOffset = (reg: Reg): Reg => {
  if (reg.off === 0) return reg
  const to = fork(reg)
  to.num = addPointerBounds(reg.num, constNum(reg.off, reg.off >> 31))
  to.off = 0
  return to
}

/** `off` includes the fixed part of the pointer's offset. */
export const checkRegion = (
  session: Session, reg: Reg, number: number, off: number, size: number, regionSize: number, zeroAllowed: boolean,
): void => {
  if (reg.off !== 0 && session.kernel.features.offsetInBounds)
    return checkRegion(session, withWholeOffset(reg), number, off - reg.off, size, regionSize, zeroAllowed)
  const { num } = reg
  const smin = toNumber(num.sminl, num.sminh)
  if (smin < 0 && (smin + off !== ((smin + off) | 0) || smin + off < 0))
    session.refuse(`R${number} min value is negative, ${NEGATIVE}`)
  if (!fits(smin + off, size, regionSize, zeroAllowed)) {
    outside(session, reg, number, smin + off, size, regionSize)
    session.refuse(`R${number} min value is outside of the allowed memory range`)
  }
  const umax = toUnsignedNumber(num.umaxl, num.umaxh)
  if (umax >= MAX_OFFSET)
    session.refuse(`R${number} unbounded memory access, make sure to bounds check any such access`)
  if (!fits(umax + off, size, regionSize, zeroAllowed)) {
    outside(session, reg, number, umax + off, size, regionSize)
    session.refuse(`R${number} max value is outside of the allowed memory range`)
  }
}

export const checkPacketRegion = (
  session: Session, reg: Reg, number: number, off: number, size: number, zeroAllowed: boolean,
): void => {
  if (reg.size >= 0 && session.kernel.features.offsetInBounds)
    return checkRegion(session, reg, number, off, size, reg.size, zeroAllowed)
  if (reg.num.sminh < 0) session.refuse(`R${number} min value is negative, ${NEGATIVE}`)
  if (reg.size >= 0 && fits(off, size, reg.size, zeroAllowed)) return
  if (reg.size >= 0) outside(session, reg, number, off, size, reg.size)
  session.refuse(`R${number} offset is outside of the packet`, reg.size < 0 ? -EINVAL : -EACCES)
}

export const checkNotNegative = (session: Session, reg: Reg, number: number): void => {
  if (reg.num.sminh < 0) session.refuse(`R${number} min value is negative, ${NEGATIVE}`)
}

/** The pointer is as it was handed out; with `fixedAllowed` a constant may have been added. */
export const checkUnmodified = (session: Session, reg: Reg, number: number, fixedAllowed = false): void => {
  if (reg.off === 0 && isZero(reg.num)) return
  const name = typeName(reg.type)
  if (reg.off < 0) session.refuse(`negative offset ${name} ptr R${number} off=${reg.off} disallowed`)
  if (!fixedAllowed && reg.off !== 0)
    session.refuse(`dereference of modified ${name} ptr R${number} off=${reg.off} disallowed`)
  if (!isConst(reg.num) || !isZero(reg.num))
    session.refuse(`variable ${name} access var_off=${tnumText(reg.num)} disallowed`)
}

/** A buffer whose size is known when the program is attached: only constant offsets. */
export const checkBuffer = (
  session: Session, reg: Reg, number: number, off: number, size: number, what: string,
): void => {
  if (off < 0) session.refuse(`R${number} invalid ${what} buffer access: off=${off}, size=${size}`)
  if (!isZero(reg.num))
    session.refuse(`R${number} invalid variable buffer offset: off=${off}, var_off=${tnumText(reg.num)}`)
}
