/** The return value of a program or callback. */
import { EINVAL, ENOTSUPP } from '@lsmkit/abi'
import type { Range } from './context/return-range.ts'
import { returnRange } from './context/return-range.ts'
import {
  ATTACH_FENTRY, ATTACH_FEXIT, ATTACH_ITER, ATTACH_LSM_CGROUP, ATTACH_MODIFY_RETURN, ATTACH_RAW_TP, LSM, STRUCT_OPS,
  TRACING,
} from './context/program-kind.ts'
import { tnumText } from './format.ts'
import { smaxBig, sminBig } from './num.ts'
import { markPrecise } from './precision.ts'
import type { Reg } from './reg.ts'
import { SCALAR, typeName } from './reg-type.ts'
import { keepAddress, readReg } from './registers.ts'
import type { Session } from './session.ts'
import { returnsVoid } from './subprograms.ts'

/** Bits that differ among the numbers of a range: none but those below the highest that does. */
const rangeMask = ({ min, max }: Range): number => (min === max ? 0 : 2 ** (32 - Math.clz32(min ^ max)) - 1)

/** As `tnum_in` of a range's known bits. */
const hasBitsOf = ({ num }: Reg, range: Range): boolean => {
  const mask = rangeMask(range)
  return (num.ml & ~mask) === 0 && num.mh === 0 && num.vh === 0 && (num.vl & ~mask) === (range.min & ~mask)
}

/** Where a number is compared by its known bits. */
const checkBits = (session: Session, reg: Reg, range: Range, where: string, name: string): void => {
  if (hasBitsOf(reg, range)) return
  const { num } = reg
  const isUnknown = num.ml === -1 && num.mh === -1
  const value = isUnknown ? 'unknown scalar value' : `value ${tnumText(num)}`
  const mask = rangeMask(range)
  const wanted = mask === 0 ? hex(range.min) : `(${hex(range.min & ~mask)}; ${hex(mask)})`
  session.refuse(`${where} the register ${name} has ${value} should have been in ${wanted}`, -EINVAL)
}

const hex = (value: number): string => `0x${value.toString(16)}`

const inside = (reg: Reg, { min, max, low }: Range): boolean => {
  const { num } = reg
  if (low) return num.s32min >= min && num.s32max <= max
  return sminBig(num) >= BigInt(min) && smaxBig(num) <= BigInt(max)
}

/** Ends the load unless the register's value lies in the range. */
export const checkRange = (session: Session, reg: Reg, range: Range, where: string, name: string): void => {
  if (!session.kernel.features.returnsByBounds) return checkBits(session, reg, range, where, name)
  if (inside(reg, range)) return
  const { num } = reg
  let text = `${where} the register ${name} has`
  let unknown = true
  if (num.sminh !== -2147483648 || num.sminl !== 0) {
    text += ` smin=${sminBig(num)}`
    unknown = false
  }
  if (num.smaxh !== 0x7fffffff || num.smaxl !== -1) {
    text += ` smax=${smaxBig(num)}`
    unknown = false
  }
  if (unknown) text += ' unknown scalar value'
  session.refuse(`${text} should have been in [${range.min}, ${range.max}]`, -EINVAL)
}

/** What tracing programs may be for; others come as far as their end. */
const knownAttachTypes =
  new Set([ATTACH_RAW_TP, ATTACH_FENTRY, ATTACH_FEXIT, ATTACH_MODIFY_RETURN, ATTACH_ITER])

const isVoidTarget = ({ target }: Session): boolean => target !== null && target.returns === 0

/** `number` is 0 at an exit, 1 where an exception gives the value. */
export const checkReturn = (session: Session, number: number): void => {
  const { frame, program } = session
  const isSubprogram = frame.subprog !== 0
  const where = isSubprogram && frame.inAsync ? 'At async callback return' : 'At program exit'
  const exceptional = frame.inException
  if (!isSubprogram || exceptional) {
    const attach = program.expectedAttachType
    if (program.type === LSM && isVoidTarget(session) && attach !== ATTACH_LSM_CGROUP) return
    if (program.type === STRUCT_OPS && isVoidTarget(session)) return
  }
  if (isSubprogram && !exceptional && !frame.inAsync && returnsVoid(session, frame.subprog)) return
  const reg = readReg(session, number)
  keepAddress(session, number, 'leaks addr as return value')
  if (frame.inAsync) {
    markScalar(session, reg, number, 'At async callback return')
    markPrecise(session, number)
    return checkRange(session, reg, { min: 0, max: 0, low: false }, where, `R${number}`)
  }
  if (isSubprogram && !exceptional) {
    if (reg.type !== SCALAR) {
      const type = typeName(reg.type)
      session.refuse(`At subprogram exit the register R${number} is not a scalar value (${type})`, -EINVAL)
    }
    return
  }
  if (program.type === TRACING && !knownAttachTypes.has(program.expectedAttachType) &&
    !session.kernel.features.otherTracingReturns) session.end(-ENOTSUPP)
  const range = returnRange(session)
  if (range === null) return
  markScalar(session, reg, number, where)
  markPrecise(session, number)
  try {
    checkRange(session, reg, range, where, `R${number}`)
  } catch (error) {
    if (program.type === LSM && program.expectedAttachType === ATTACH_LSM_CGROUP && isVoidTarget(session))
      session.say("Note, BPF_LSM_CGROUP that attach to void LSM hooks can't modify return value!")
    throw error
  }
}

const markScalar = (session: Session, reg: Reg, number: number, where: string): void => {
  if (reg.type !== SCALAR)
    session.refuse(`${where} the register R${number} is not a known value (${typeName(reg.type)})`, -EINVAL)
}
