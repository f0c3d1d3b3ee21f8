/** bpf_spin_lock: one at a time, of a map value or of an allocated object. */
import { EINVAL } from '@lsmkit/abi'
import { fieldsOf } from './fields.ts'
import { isConst } from './num.ts'
import { invalidateNonOwning } from './refs.ts'
import type { Reg } from './reg.ts'
import { PTR_TO_MAP_VALUE } from './reg-type.ts'
import type { Session } from './session.ts'
import { inTreeCallback } from './callbacks.ts'

/** The object is known, and the pointer is at its lock. */
const checkLock = (session: Session, reg: Reg, number: number): void => {
  if (inTreeCallback(session)) session.refuse("can't spin_{lock,unlock} in rbtree cb")
  if (!isConst(reg.num))
    session.refuse(`R${number} doesn't have constant offset. bpf_spin_lock has to be at the constant offset`, -EINVAL)
  const map = reg.type === PTR_TO_MAP_VALUE ? reg.map! : null
  if (map !== null && map.btf === null)
    session.refuse(`map '${map.name}' has to have BTF in order to use bpf_spin_lock`, -EINVAL)
  const record = map === null ? fieldsOf(reg.btf!, reg.btfId, session.kernelBtf) : map.record
  const field = record?.fields.find(({ kind }) => kind === 'bpf_spin_lock')
  if (field === undefined)
    return session.refuse(
      `${map === null ? 'local' : 'map'} '${map === null ? 'kptr' : map.name}' has no valid bpf_spin_lock`, -EINVAL)
  const off = reg.off + reg.num.vl
  if (field.offset !== off)
    session.refuse(`off ${off} doesn't point to 'struct bpf_spin_lock' that is at ${field.offset}`, -EINVAL)
}

const objectOf = (reg: Reg) => (reg.type === PTR_TO_MAP_VALUE ? reg.map! : reg.btf!)

export const lockObject = (session: Session, reg: Reg, number: number): void => {
  checkLock(session, reg, number)
  const { state } = session
  if (state.lock !== null) session.refuse('Locking two bpf_spin_locks are not allowed', -EINVAL)
  state.lock = objectOf(reg)
  state.lockId = reg.id
}

export const unlockObject = (session: Session, reg: Reg, number: number): void => {
  checkLock(session, reg, number)
  const { state } = session
  if (state.lock === null) session.refuse('bpf_spin_unlock without taking a lock', -EINVAL)
  if (state.lock !== objectOf(reg) || state.lockId !== reg.id)
    session.refuse('bpf_spin_unlock of different lock', -EINVAL)
  invalidateNonOwning(session)
  state.lock = null
  state.lockId = 0
}
