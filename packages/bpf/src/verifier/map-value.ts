/** Accesses to the values of maps: in the direction that the map allows, and off the fields with rules of their own. */
import { KPTRS } from './fields.ts'
import { toNumber, toUnsignedNumber } from './i64.ts'
import { F_RDONLY_PROG, F_WRONLY_PROG } from './map.ts'
import type { VerifierMap } from './map.ts'
import { isConst } from './num.ts'
import { checkRegion } from './region.ts'
import type { Reg } from './reg.ts'
import type { Session } from './session.ts'
import { READ, WRITE } from './stack.ts'

export const checkMapDirection = (
  session: Session, map: VerifierMap, kind: number, off: number, size: number,
): void => {
  if (kind === WRITE && (map.flags & F_RDONLY_PROG) !== 0)
    session.refuse(`write into map forbidden, value_size=${map.valueSize} off=${off} size=${size}`)
  if (kind === READ && (map.flags & F_WRONLY_PROG) !== 0)
    session.refuse(`read from map forbidden, value_size=${map.valueSize} off=${off} size=${size}`)
}

/** The bytes lie in the value, and touch no field with rules of its own; a kptr only as a whole and directly. */
export const checkMapValue = (
  session: Session, reg: Reg, number: number, off: number, size: number, zeroAllowed: boolean, byHelper: boolean,
): void => {
  const map = reg.map!
  checkRegion(session, reg, number, off, size, map.valueSize, zeroAllowed)
  if (map.record === null) return
  const min = toNumber(reg.num.sminl, reg.num.sminh) + off
  const max = toUnsignedNumber(reg.num.umaxl, reg.num.umaxh) + off + size
  for (const field of map.record.fields) {
    if (min >= field.offset + field.size || field.offset >= max) continue
    if (!KPTRS.includes(field.kind)) session.refuse(`${field.kind} cannot be accessed directly by load/store`)
    if (byHelper) session.refuse('kptr cannot be accessed indirectly by helper')
    if (!isConst(reg.num)) session.refuse('kptr access cannot have variable offset')
    if (field.offset !== off + reg.num.vl)
      session.refuse(`kptr access misaligned expected=${field.offset} off=${off + reg.num.vl}`)
    if (size !== 8) session.refuse('kptr access size must be BPF_DW')
  }
}
