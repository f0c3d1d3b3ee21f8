/** Kernel pointers kept in map values: loads and stores of the field. */
import { BPF_MEM, BPF_MODE, EACCES } from '@lsmkit/abi'
import { typesMatch } from './btf-access.ts'
import { inRcuSection } from './context/section.ts'
import type { Field } from './fields.ts'
import { fieldsOf, isGraphNode } from './fields.ts'
import { markPrecise } from './precision.ts'
import { checkUnmodified } from './region.ts'
import type { Reg } from './reg.ts'
import { pointer } from './reg.ts'
import {
  ALLOC, baseOf, flagsOf, MAYBE_NULL, NON_OWN_REF, PERCPU, PTR_TO_BTF_ID, RCU, TRUSTED, typeName, UNTRUSTED,
} from './reg-type.ts'
import type { Session } from './session.ts'
import { isNull } from './stack.ts'

const rcuProtected = new Set(['prog_test_ref_kfunc', 'cgroup', 'bpf_cpumask', 'task_struct', 'bpf_crypto_ctx'])

const isKernelField = (session: Session, field: Field): boolean => field.btf === session.kernelBtf

/** Types whose objects RCU keeps: every local one, and these of the kernel. */
export const isRcuProtected = (session: Session, field: Field): boolean =>
  !isKernelField(session, field) || rcuProtected.has(field.btf.name(field.btfId))

const flagsOfLoaded = (session: Session, field: Field): number => {
  const safe = field.kind === 'kptr_percpu' || (field.kind === 'kptr_ref' && isRcuProtected(session, field))
  if (!safe || !inRcuSection(session)) return MAYBE_NULL | UNTRUSTED
  let flags = MAYBE_NULL | RCU
  if (field.kind === 'kptr_percpu') flags |= PERCPU
  else if (!isKernelField(session, field)) flags |= ALLOC
  if (!isKernelField(session, field) && isGraphNode(fieldsOf(field.btf, field.btfId, session.kernelBtf)))
    flags |= NON_OWN_REF
  return flags
}

const refuseMode = (session: Session): never =>
  session.refuse('kptr in map can only be accessed using BPF_MEM instruction mode')

export const loadKptr = (session: Session, field: Field, atomic: boolean): Reg => {
  if (atomic || BPF_MODE(session.code.op[session.insn]!) !== BPF_MEM) refuseMode(session)
  const reg = pointer(PTR_TO_BTF_ID | flagsOfLoaded(session, field))
  reg.btf = field.btf
  reg.btfId = field.btfId
  reg.id = session.newId()
  return reg
}

/** The pointer may be kept in the field. */
export const checkKptrType = (session: Session, field: Field, reg: Reg, number: number): void => {
  const isRef = field.kind !== 'kptr_unref'
  const bad = (name: string): never => {
    const expected = `expected=${typeName(PTR_TO_BTF_ID)}${field.btf.name(field.btfId)}`
    const or = isRef ? '' : ` or ${typeName(PTR_TO_BTF_ID | UNTRUSTED)}${field.btf.name(field.btfId)}`
    return session.refuse(`invalid kptr access, R${number} type=${typeName(reg.type)}${name} ${expected}${or}`, -EACCES)
  }
  if (baseOf(reg.type) !== PTR_TO_BTF_ID) bad('')
  const allowed = reg.btf === session.kernelBtf
    ? MAYBE_NULL | TRUSTED | RCU | (isRef ? 0 : UNTRUSTED)
    : MAYBE_NULL | ALLOC | (field.kind === 'kptr_percpu' ? PERCPU : 0)
  if ((flagsOf(reg.type) & ~allowed) !== 0) bad('')
  if ((field.kind === 'kptr_percpu') !== ((reg.type & PERCPU) !== 0)) bad('')
  checkUnmodified(session, reg, number, true)
  if (!typesMatch(reg.btf!, reg.btfId, reg.off, field.btf, field.btfId, isRef)) bad(reg.btf!.name(reg.btfId))
}

export const storeKptr = (session: Session, field: Field, value: number, imm: number | null, atomic: boolean): void => {
  if (atomic) refuseMode(session)
  if (field.kind !== 'kptr_unref') session.refuse('store to referenced kptr disallowed')
  if (value < 0) {
    if (imm !== 0) session.refuse(`BPF_ST imm must be 0 when storing to kptr at off=${field.offset}`)
    return
  }
  const reg = session.frame.regs[value]!
  if (isNull(reg)) markPrecise(session, value)
  else checkKptrType(session, field, reg, value)
}
