/** Conditions of every access to a struct behind a typed pointer, by the program itself or by a helper for it. */
import { EFAULT, EINVAL, EPERM } from '@lsmkit/abi'
import { fieldsOf } from './fields.ts'
import { tnumText } from './format.ts'
import { isZero } from './num.ts'
import type { Reg } from './reg.ts'
import { isNonOwning, PERCPU, RCU, USER } from './reg-type.ts'
import type { Session } from './session.ts'

export const keepStruct = (session: Session, name: string): void => {
  if (!session.hasPerfmon)
    session.refuse(`'struct ${name}' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN`, -EPERM)
}

/** Whether the program may look there at all, whatever lies there. */
export const mayAccessStruct = (session: Session, reg: Reg, number: number, off: number): void => {
  const btf = reg.btf!
  const name = btf.name(reg.btfId)
  const refuse = (what: string): never => session.refuse(`R${number} is ptr_${name} ${what}`)
  keepStruct(session, name)
  if (!session.isGpl && btf === session.kernelBtf)
    session.refuse(`Cannot access kernel 'struct ${name}' from non-GPL compatible program`, -EINVAL)
  if (off < 0) refuse(`invalid negative access: off=${off}`)
  if (!isZero(reg.num)) refuse(`invalid variable offset: off=${off}, var_off=${tnumText(reg.num)}`)
  if ((reg.type & USER) !== 0) refuse(`access user memory: off=${off}`)
  if ((reg.type & PERCPU) !== 0) refuse(`access percpu memory: off=${off}`)
}

/** Of an object that the program allocated: it is still its own, and its special fields are left alone. */
export const mayAccessAllocated = (session: Session, reg: Reg, off: number, size: number): void => {
  if (!isNonOwning(reg.type) && (reg.type & RCU) === 0 && reg.ref === 0)
    session.refuse('verifier internal error: ref_obj_id for allocated object must be non-zero', -EFAULT)
  const record = fieldsOf(reg.btf!, reg.btfId, session.kernelBtf)
  for (const field of record?.fields ?? []) {
    if (off < field.offset + field.size && field.offset < off + size)
      session.refuse(`direct access to ${field.kind.startsWith('kptr') ? 'kptr' : field.kind} is disallowed`)
  }
}
