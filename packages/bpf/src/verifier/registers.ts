/** Reading and writing registers as operands. */
import { EFAULT, EINVAL } from '@lsmkit/abi'
import { unbound32, unbound64 } from './bound-steps.ts'
import { contradiction } from './bounds.ts'
import { toUnsignedBig } from './i64.ts'
import { markRegRead } from './liveness.ts'
import { copyNum, smaxBig, sminBig, umaxBig, uminBig } from './num.ts'
import type { Num } from './num.ts'
import type { Reg } from './reg.ts'
import { ANY_SCALAR, fork, NONE } from './reg.ts'
import { NOT_INIT, SCALAR } from './reg-type.ts'
import type { Session } from './session.ts'
import { TEST_REG_INVARIANTS } from './session.ts'
import { LIVE_WRITTEN } from './state.ts'

/** The register as a source operand. */
export const readReg = (session: Session, number: number): Reg => {
  if (number > 10) session.refuse(`R${number} is invalid`, -EINVAL)
  const { frame } = session
  const reg = frame.regs[number]!
  session.scratchReg(number)
  if (reg.type === NOT_INIT) session.refuse(`R${number} !read_ok`)
  if (number !== 10) markRegRead(session, frame.number, number)
  return reg
}

/** As `is_pointer_value`: an address, which a loader without CAP_PERFMON may not see. */
export const isAddress = (session: Session, number: number): boolean =>
  !session.hasPerfmon && session.frame.regs[number]!.type !== SCALAR

/** Ends the load if an address would be revealed; `how` goes on after the register's name. */
export const keepAddress = (session: Session, number: number, how: string): void => {
  if (isAddress(session, number)) session.refuse(`R${number} ${how}`)
}

/** As `mark_reg_invalid`: a pointer to what is gone, of which only those who may see addresses have the number. */
export const invalidated = ({ hasPerfmon }: Session): Reg => (hasPerfmon ? ANY_SCALAR : NONE)

/** The register may be written; its old value is screened off from then on. */
export const checkWritable = (session: Session, number: number): void => {
  if (number > 10) session.refuse(`R${number} is invalid`, -EINVAL)
  if (number === 10) session.refuse('frame pointer is read only')
  session.scratchReg(number)
  session.frame.live[number]! |= LIVE_WRITTEN
}

export const writeReg = (session: Session, number: number, reg: Reg): void => {
  checkWritable(session, number)
  session.frame.regs[number] = reg
}

const hex = (value: bigint | number): string => `0x${value.toString(16)}`

/**
 * A number whose views contradict each other came from a branch that cannot be taken: its bounds are forgotten and its
 * bits kept, or it ends the load where tests want to see it (`reg_bounds_sanity_check`).
 */
export const checkedNum = (session: Session, num: Num, context: string): Num => {
  const wrong = contradiction(num)
  if (wrong === null) return num
  const u64 = `[${hex(uminBig(num))}, ${hex(umaxBig(num))}]`
  const s64 = `[${hex(BigInt.asUintN(64, sminBig(num)))}, ${hex(BigInt.asUintN(64, smaxBig(num)))}]`
  const u32 = `[${hex(num.u32min >>> 0)}, ${hex(num.u32max >>> 0)}]`
  const s32 = `[${hex(num.s32min >>> 0)}, ${hex(num.s32max >>> 0)}]`
  const bits = `(${hex(toUnsignedBig(num.vl, num.vh))}, ${hex(toUnsignedBig(num.ml, num.mh))})`
  const text =
    `REG INVARIANTS VIOLATION (${context}): ${wrong} u64=${u64} s64=${s64} u32=${u32} s32=${s32} var_off=${bits}`
  if ((session.flags & TEST_REG_INVARIANTS) !== 0) session.refuse(text, -EFAULT)
  session.say(text)
  const unbounded = copyNum(num)
  unbound64(unbounded)
  unbound32(unbounded)
  return unbounded
}

export const checkedReg = (session: Session, reg: Reg, context: string): Reg => {
  if (reg.type !== SCALAR || !session.kernel.features.invariantsChecked) return reg
  const num = checkedNum(session, reg.num, context)
  if (num === reg.num) return reg
  const to = fork(reg)
  to.num = num
  return to
}

export const withNum = (reg: Reg, num: Num): Reg => {
  if (reg.num === num) return reg
  const to = fork(reg)
  to.num = num
  return to
}
