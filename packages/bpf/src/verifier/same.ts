/** Whether a path may stop because a stored state, already proven safe, allows everything the current one can do. */
import { slt64, ult, ult64 } from './i64.ts'
import type { Num } from './num.ts'
import { sameNum } from './num.ts'
import type { Reg } from './reg.ts'
import { ADD_CONST, ANY_SCALAR, baseId, sameExceptIds } from './reg.ts'
import {
  baseOf, NOT_INIT, PTR_TO_ARENA, PTR_TO_BUF, PTR_TO_MAP_KEY, PTR_TO_MAP_VALUE, PTR_TO_MEM, PTR_TO_PACKET,
  PTR_TO_PACKET_META, PTR_TO_TP_BUFFER, SCALAR, STACK_DYNPTR, STACK_INVALID, STACK_ITER, STACK_MISC, STACK_SPILL,
  STACK_ZERO,
} from './reg-type.ts'
import type { Session } from './session.ts'
import type { Frame, State } from './state.ts'
import { LIVE_READ } from './state.ts'
import { tnumIn } from './tnum.ts'

/** Unread registers do not matter, imprecise scalars match anything. */
export const NOT_EXACT = 0
/** Everything is read and precise; the current ranges lie inside the old ones. */
export const RANGE_WITHIN = 1
/** The same, byte for byte. */
export const EXACT = 2

/** Ids of both states in step: the same relations, whatever the numbers. */
export class IdMap {
  /** Pairs, old id then current id. */
  #pairs: number[] | null = null
  #temporary: number

  /** `temporary` is above every id in use. */
  constructor(temporary: number) {
    this.#temporary = temporary
  }

  check(old: number, current: number): boolean {
    if ((old !== 0) !== (current !== 0)) return false
    if (old === 0) return true
    const pairs = (this.#pairs ??= [])
    for (let i = 0; i < pairs.length; i += 2) {
      if (pairs[i] === old) return pairs[i + 1] === current
      if (pairs[i + 1] === current) return false
    }
    pairs.push(old, current)
    return true
  }

  checkScalar(old: number, current: number): boolean {
    if (old === 0) return true
    const own = current !== 0 ? current : ++this.#temporary
    if (!this.check(old, own)) return false
    return (old & ADD_CONST) === 0 || this.check(baseId(old), baseId(own))
  }
}

/** What the loader may, and whether scalars are compared to the last bit. */
type Rules = Pick<Session, 'hasBpf' | 'hasPerfmon' | 'explorePaths'>

/** Every value of `b` is allowed by the bounds of `a`. */
const within = (a: Num, b: Num): boolean =>
  a === b || (
    !ult64(b.uminl, b.uminh, a.uminl, a.uminh) && !ult64(a.umaxl, a.umaxh, b.umaxl, b.umaxh) &&
    !slt64(b.sminl, b.sminh, a.sminl, a.sminh) && !slt64(a.smaxl, a.smaxh, b.smaxl, b.smaxh) &&
    !ult(b.u32min, a.u32min) && !ult(a.u32max, b.u32max) && b.s32min >= a.s32min && b.s32max <= a.s32max &&
    tnumIn(a, b))

export const exactly = (old: Reg, current: Reg, ids: IdMap): boolean =>
  (old === current || (sameExceptIds(old, current) && sameNum(old.num, current.num))) &&
  ids.check(old.id, current.id) && ids.check(old.ref, current.ref)

const sameScalar = (old: Reg, current: Reg, ids: IdMap): boolean => {
  const oldAdds = (old.id & ADD_CONST) !== 0
  const currentAdds = (current.id & ADD_CONST) !== 0
  if (oldAdds && (!currentAdds || old.off !== current.off || old.size !== current.size)) return false
  if (old.id !== 0 && !oldAdds && currentAdds) return false
  return ids.checkScalar(old.id, current.id) && within(old.num, current.num)
}

const samePacket = (old: Reg, current: Reg, ids: IdMap): boolean => {
  if (old.size < 0 || current.size < 0 ? old.size !== current.size : old.size > current.size) return false
  return old.off === current.off && ids.check(old.id, current.id) && within(old.num, current.num)
}

const sameReg = (
  rules: Rules, old: Reg, current: Reg, read: boolean, precise: boolean, ids: IdMap, level: number,
): boolean => {
  if (level === EXACT) return exactly(old, current, ids)
  if (!read && level === NOT_EXACT) return true
  if (old.type === NOT_INIT && (level === NOT_EXACT || current.type === NOT_INIT)) return true
  if (old.type !== current.type) return false
  switch (baseOf(old.type)) {
    case SCALAR:
      if (rules.explorePaths) return sameNum(old.num, current.num) && ids.checkScalar(old.id, current.id)
      return (rules.hasBpf && !precise && level === NOT_EXACT) || sameScalar(old, current, ids)
    case PTR_TO_MAP_KEY:
    case PTR_TO_MAP_VALUE:
    case PTR_TO_MEM:
    case PTR_TO_BUF:
    case PTR_TO_TP_BUFFER:
      return sameExceptIds(old, current) && old.dynptr === current.dynptr && within(old.num, current.num) &&
        ids.check(old.id, current.id) && ids.check(old.ref, current.ref)
    case PTR_TO_PACKET_META:
    case PTR_TO_PACKET:
      return samePacket(old, current, ids)
    case PTR_TO_ARENA:
      return true
    default:
      return exactly(old, current, ids)
  }
}

/** The scalar a slot holds as a whole: an 8-byte spill, or bytes of which nothing is known; null for anything else. */
const slotScalar = ({ hasPerfmon }: Rules, frame: Frame, slot: number): Reg | null => {
  const { kinds } = frame
  const reg = frame.slots[slot]!
  if (kinds[slot * 8] === STACK_SPILL) return reg.type === SCALAR ? reg : null
  for (let i = slot * 8; i < slot * 8 + 8; i++)
    if (kinds[i] !== STACK_MISC && !(kinds[i] === STACK_INVALID && hasPerfmon)) return null
  return ANY_SCALAR
}

const sameSpecial = (old: Reg, current: Reg, ids: IdMap, isIterator: boolean): boolean => {
  if (old.kind !== current.kind || !ids.check(old.ref, current.ref)) return false
  return isIterator
    ? old.type === current.type && old.btf === current.btf && old.btfId === current.btfId
    : old.first === current.first
}

const sameSlot = (
  rules: Rules, old: Frame, current: Frame, slot: number, ids: IdMap, level: number,
): boolean => {
  const first = slot * 8
  const missing = slot >= current.slots.length
  if (level !== NOT_EXACT) {
    if (missing) return false
    for (let i = first; i < first + 8; i++) if (old.kinds[i] !== current.kinds[i]) return false
  }
  const read = (old.slotLive[slot]! & LIVE_READ) !== 0
  if (!read && level === NOT_EXACT) return true
  // bytes that may be anything: for loaders who may read what nobody wrote, also those that the other never wrote
  const isAny = (kind: number): boolean => kind === STACK_INVALID || (kind === STACK_MISC && rules.hasPerfmon)
  let matters = false
  for (let i = first; i < first + 8; i++) if (!isAny(old.kinds[i]!)) matters = true
  if (!matters) return true
  if (missing) return false
  const precise = old.slotPrecise[slot] === 1
  const oldScalar = slotScalar(rules, old, slot)
  const currentScalar = oldScalar === null ? null : slotScalar(rules, current, slot)
  if (oldScalar !== null && currentScalar !== null)
    return sameReg(rules, oldScalar, currentScalar, read, precise, ids, level)
  for (let i = first; i < first + 8; i++) {
    const kind = old.kinds[i]!
    if (isAny(kind) || (kind === STACK_MISC && current.kinds[i] === STACK_ZERO)) continue
    if (kind !== current.kinds[i]) return false
  }
  const a = old.slots[slot]!
  const b = current.slots[slot]!
  switch (old.kinds[first + 7]) {
    case STACK_SPILL: return sameReg(rules, a, b, read, precise, ids, level)
    case STACK_DYNPTR: return sameSpecial(a, b, ids, false)
    case STACK_ITER: return sameSpecial(a, b, ids, true)
    case STACK_MISC: case STACK_ZERO: case STACK_INVALID: return true
    default: return false
  }
}

const sameFrame = (rules: Rules, old: Frame, current: Frame, ids: IdMap, level: number): boolean => {
  if (old.callsite !== current.callsite || old.callbackDepth > current.callbackDepth) return false
  for (let i = 0; i < 11; i++) {
    const read = (old.live[i]! & LIVE_READ) !== 0
    if (!sameReg(rules, old.regs[i]!, current.regs[i]!, read, old.precise[i] === 1, ids, level)) return false
  }
  for (let slot = 0; slot < old.slots.length; slot++)
    if (!sameSlot(rules, old, current, slot, ids, level)) return false
  if (old.refs.length !== current.refs.length) return false
  for (let i = 0; i < old.refs.length; i++) if (!ids.check(old.refs[i]!.id, current.refs[i]!.id)) return false
  return true
}

export const sameStates = (session: Session, old: State, current: State, level: number): boolean => {
  if (old.speculative && !current.speculative) return false
  if (old.frames.length !== current.frames.length || old.lock !== current.lock || old.rcu !== current.rcu ||
    old.preempt !== current.preempt || old.inSleepable !== current.inSleepable) return false
  const ids = new IdMap(session.ids)
  if (!ids.check(old.lockId, current.lockId)) return false
  for (let f = 0; f < old.frames.length; f++)
    if (!sameFrame(session, old.frames[f]!, current.frames[f]!, ids, level)) return false
  return true
}

export const sameCallsites = (a: State, b: State): boolean => {
  if (a.frames.length !== b.frames.length) return false
  for (let i = 0; i < a.frames.length; i++) if (a.frames[i]!.callsite !== b.frames[i]!.callsite) return false
  return true
}

/** Registers of the current frame are the same, ids too: cheap sign of a loop without progress. */
export const mayLoop = (old: State, current: State): boolean => {
  if (old.frames.length !== current.frames.length) return false
  const a = old.frame.regs
  const b = current.frame.regs
  for (let i = 0; i < 11; i++) {
    const x = a[i]!
    const y = b[i]!
    if (x !== y && !(x.id === y.id && x.ref === y.ref && sameExceptIds(x, y) && sameNum(x.num, y.num))) return false
  }
  return true
}
