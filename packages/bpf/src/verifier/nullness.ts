/** Pointers that may be NULL: what a test for it says of them and of every copy. */
import { changeRegs } from './each-reg.ts'
import { fieldsOf } from './fields.ts'
import { MAP_SOCKHASH, MAP_SOCKMAP, MAP_XSKMAP } from './map.ts'
import { dropReference } from './refs.ts'
import type { Reg } from './reg.ts'
import { fork, ZERO_SCALAR } from './reg.ts'
import {
  ALLOC, baseOf, CONST_PTR_TO_MAP, MAYBE_NULL, maybeNull, PTR_TO_BTF_ID, PTR_TO_MAP_VALUE, PTR_TO_SOCKET,
  PTR_TO_XDP_SOCK,
} from './reg-type.ts'
import type { Session } from './session.ts'
import type { State } from './state.ts'

/** The pointer is known to point somewhere: a look-up result becomes what the map holds. */
export const notNull = (reg: Reg): Reg => {
  const to = fork(reg)
  if (baseOf(reg.type) !== PTR_TO_MAP_VALUE) {
    to.type &= ~MAYBE_NULL
    return to
  }
  const map = reg.map!
  if (map.inner !== null) {
    to.type = CONST_PTR_TO_MAP
    to.map = map.inner
    const { record } = map.inner
    if (record !== null && (record.has.has('bpf_timer') || record.has.has('bpf_wq'))) to.uid = reg.id
  } else if (map.type === MAP_XSKMAP) to.type = PTR_TO_XDP_SOCK
  else if (map.type === MAP_SOCKMAP || map.type === MAP_SOCKHASH) to.type = PTR_TO_SOCKET
  else to.type = PTR_TO_MAP_VALUE
  return to
}

/** Whether the id of the pointer still tells its lock from another object's. */
const mayHoldLock = (session: Session, reg: Reg): boolean => {
  const base = baseOf(reg.type)
  if (base === PTR_TO_MAP_VALUE) return reg.map!.record?.has.has('bpf_spin_lock') ?? false
  if (base !== PTR_TO_BTF_ID || (reg.type & ALLOC) === 0 || reg.btf === null) return false
  return fieldsOf(reg.btf, reg.btfId, session.kernelBtf)?.has.has('bpf_spin_lock') ?? false
}

/** Every copy of the pointer in `state`, which must be the current one, is NULL or is not. */
export const learnNullness = (session: Session, state: State, number: number, isNull: boolean): void => {
  const current = session.state
  session.state = state
  const { id, ref } = state.frame.regs[number]!
  if (ref !== 0 && ref === id && isNull) dropReference(session, ref)
  changeRegs(session, (reg) => {
    if (!maybeNull(reg.type) || reg.id !== id) return reg
    if (isNull) return ZERO_SCALAR
    const to = notNull(reg)
    if (!mayHoldLock(session, to)) to.id = 0
    return to
  })
  session.state = current
}
