/**
 * Calls of kernel functions: sections they open and close, references they take and give, and what R0 is afterwards.
 */
import { EACCES, EFAULT, EINVAL } from '@lsmkit/abi'
import { kfuncName } from './callback-calls.ts'
import { graphNode, inTreeCallback, lessArguments, mapValueArguments, pushAsyncCallback,
  pushCallback } from './callbacks.ts'
import { clearCallerSaved } from './calls.ts'
import { mayWritePacket } from './context/access.ts'
import { TRACING } from './context/program-kind.ts'
import { inRcuSection, isSleepable } from './context/section.ts'
import { changeRegs } from './each-reg.ts'
import { fieldsOf } from './fields.ts'
import { setNonOwning } from './graph.ts'
import { stepIterator } from './iterator.ts'
import type { KfuncCall } from './kfunc-args.ts'
import { checkKfuncArguments, isScalarStruct } from './kfunc-args.ts'
import { findKfunc } from './kfunc-available.ts'
import { acquireReference, releaseReference } from './refs.ts'
import type { Reg } from './reg.ts'
import { ANY_SCALAR, fork, NONE, pointer } from './reg.ts'
import {
  ALLOC, baseOf, DYNPTR_KIND_SKB, DYNPTR_KIND_XDP, DYNPTR_SKB, DYNPTR_XDP, MAYBE_NULL, PERCPU, PTR_TO_BTF_ID,
  PTR_TO_MEM, RCU, RDONLY, STACK_ITER, TRUSTED, UNTRUSTED,
} from './reg-type.ts'
import { checkReturn } from './return-code.ts'
import type { Session } from './session.ts'

const MAX_PERCPU_SIZE = 512

const openCall = (session: Session, name: string, typeId: number): KfuncCall => {
  const kernel = session.kernelBtf!
  const kfunc = findKfunc(session, name)
  const proto = kernel.proto(typeId)
  if (kfunc === null || proto === null) return session.refuse(`calling kernel function ${name} is not allowed`, -EACCES)
  return {
    name, flags: kfunc.flags, proto, kernel, ref: 0, releases: 0, constant: null, bufferSize: 0, bufferReadOnly: false,
    subprog: -1,
    map: null, uid: 0, dynptr: null, iterator: null, object: null, owning: false, root: null, contextId: 0,
  }
}

/** RCU ends: what it kept may be gone. */
const endRcu = (session: Session): void => {
  const loosen = (reg: Reg): Reg => {
    if ((reg.type & RCU) === 0) return reg
    const to = fork(reg)
    to.type = (to.type & ~(RCU | MAYBE_NULL)) | UNTRUSTED
    return to
  }
  changeRegs(session, loosen)
  for (const frame of session.state.frames) {
    for (let slot = 0; slot < frame.slots.length; slot++)
      if (frame.kinds[slot * 8 + 7] === STACK_ITER) frame.slots[slot] = loosen(frame.slots[slot]!)
  }
}

const nestRcu = (session: Session, name: string): void => {
  if (!session.kernel.features.nestedRcu)
    session.refuse(`nested rcu read lock (kernel function ${name})`, -EINVAL)
  session.state.rcu++
}

const leaveRcu = (session: Session): void => {
  session.state.rcu--
  if (!session.kernel.features.nestedRcu || !inRcuSection(session)) endRcu(session)
}

const checkSections = (session: Session, { name, flags }: KfuncCall): void => {
  const { state } = session
  const lock = name === 'bpf_rcu_read_lock'
  const unlock = name === 'bpf_rcu_read_unlock'
  if (state.rcu > 0) {
    if (inTreeCallback(session) && (lock || unlock))
      session.refuse('Calling bpf_rcu_read_{lock,unlock} in unnecessary rbtree callback', -EACCES)
    if (lock) nestRcu(session, name)
    else if (unlock) leaveRcu(session)
    else if (flags.has('SLEEPABLE'))
      session.refuse(`kernel func ${name} is sleepable within rcu_read_lock region`, -EACCES)
  } else if (lock) state.rcu = 1
  else if (unlock) session.refuse(`unmatched rcu read unlock (kernel function ${name})`, -EINVAL)
  if (flags.has('RCU_PROTECTED') && session.kernel.features.rcuAtOnce && !inRcuSection(session))
    session.refuse(`kernel func ${name} requires RCU critical section protection`, -EACCES)
  const disable = name === 'bpf_preempt_disable'
  const enable = name === 'bpf_preempt_enable'
  if (disable) state.preempt++
  else if (enable) {
    if (state.preempt === 0) session.refuse(`unmatched attempt to enable preemption (kernel function ${name})`, -EINVAL)
    state.preempt--
  } else if (state.preempt > 0 && flags.has('SLEEPABLE'))
    session.refuse(`kernel func ${name} is sleepable within non-preemptible region`, -EACCES)
}

const adders = new Set(['bpf_list_push_front_impl', 'bpf_list_push_back_impl', 'bpf_rbtree_add_impl'])

/** The node now belongs to the list or tree: its references stay usable while the lock is held. */
const giveNode = (session: Session, call: KfuncCall, ref: number): void => {
  if (ref === 0)
    session.refuse('verifier internal error: ref_obj_id is zero for owning -> non-owning conversion', -EFAULT)
  changeRegs(session, (reg) => {
    if (reg.ref !== ref) return reg
    const to = fork(reg)
    to.ref = 0
    return setNonOwning(to, fieldsOf(reg.btf!, reg.btfId, session.kernelBtf))
  })
  if (!releaseReference(session, ref))
    session.refuse(`kfunc ${call.name} reference has not been acquired before`, -EINVAL)
}

const newObject = (session: Session, call: KfuncCall): Reg => {
  const { btf } = session
  const percpu = call.name === 'bpf_percpu_obj_new_impl'
  const id = call.constant!
  if (id > 0xffffffffn) session.refuse('local type ID argument must be in range [0, U32_MAX]', -EINVAL)
  if (btf === null) return session.refuse('bpf_obj_new/bpf_percpu_obj_new requires prog BTF', -EINVAL)
  const type = Number(id) < btf.count ? btf.type(Number(id)) : null
  if (type === null || type.kind !== 'struct')
    return session.refuse('bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a struct', -EINVAL)
  if (percpu) {
    if (type.size > MAX_PERCPU_SIZE)
      session.refuse(`bpf_percpu_obj_new type size (${type.size}) is greater than ${MAX_PERCPU_SIZE}`, -EINVAL)
    if (!isScalarStruct(session, btf, type.id))
      session.refuse('bpf_percpu_obj_new type ID argument must be of a struct of scalars', -EINVAL)
    if (fieldsOf(btf, type.id, session.kernelBtf) !== null)
      session.refuse('bpf_percpu_obj_new type ID argument must not contain special fields', -EINVAL)
  }
  const reg = pointer(PTR_TO_BTF_ID | ALLOC | (percpu ? PERCPU : 0))
  reg.btf = btf
  reg.btfId = type.id
  return reg
}

const slice = (session: Session, call: KfuncCall): Reg => {
  const { kind, id } = call.dynptr!
  const flag = kind === DYNPTR_KIND_SKB ? DYNPTR_SKB : kind === DYNPTR_KIND_XDP ? DYNPTR_XDP : 0
  const readOnly = call.name === 'bpf_dynptr_slice'
  if (!readOnly && !mayWritePacket(session)) session.refuse('the prog does not allow writes to packet data', -EINVAL)
  const reg = pointer(PTR_TO_MEM | flag | (readOnly ? RDONLY : 0))
  reg.size = Number(call.constant)
  reg.dynptr = id
  return reg
}

const typed = (call: KfuncCall, btfId: number, flags: number): Reg => {
  const reg = pointer(PTR_TO_BTF_ID | flags)
  reg.btf = call.kernel
  reg.btfId = btfId
  return reg
}

/** Results that the prototype's type does not tell; null for all other kfuncs. */
const specialResult = (session: Session, call: KfuncCall): Reg | null => {
  switch (call.name) {
    case 'bpf_obj_new_impl':
    case 'bpf_percpu_obj_new_impl': return newObject(session, call)
    case 'bpf_refcount_acquire_impl': {
      const reg = pointer(PTR_TO_BTF_ID | ALLOC)
      reg.btf = call.object!.btf
      reg.btfId = call.object!.btfId
      return reg
    }
    case 'bpf_list_pop_front':
    case 'bpf_list_pop_back':
    case 'bpf_rbtree_remove':
    case 'bpf_rbtree_first': return graphNode(call.root!.btf, call.root!)
    case 'bpf_cast_to_kern_ctx': return typed(call, call.contextId, TRUSTED)
    case 'bpf_rdonly_cast': {
      const id = Number(BigInt.asUintN(32, call.constant!))
      const kind = id < call.kernel.count ? call.kernel.kind(id) : 'void'
      if (kind !== 'struct' && kind !== 'union')
        session.refuse('kfunc bpf_rdonly_cast type ID argument must be of a struct', -EINVAL)
      return typed(call, id, UNTRUSTED)
    }
    case 'bpf_session_cookie': {
      const reg = pointer(PTR_TO_MEM)
      reg.size = 8
      return reg
    }
    case 'bpf_dynptr_slice':
    case 'bpf_dynptr_slice_rdwr': return slice(session, call)
    default: return null
  }
}

const pointerResult = (session: Session, call: KfuncCall, pointee: number): Reg => {
  const special = specialResult(session, call)
  if (special !== null) return special
  const { kernel } = call
  const type = kernel.resolved(pointee)
  if (type.kind === 'void') return ANY_SCALAR
  if (type.kind === 'struct' || type.kind === 'union') {
    const iterator = call.flags.has('ITER_NEXT')
      ? session.state.frames[call.iterator!.frame]!.slots[call.iterator!.slot]! : null
    return typed(call, type.id, iterator === null ? 0 : (iterator.type & RCU) !== 0 ? RCU : TRUSTED)
  }
  const given = call.bufferSize !== 0
  const size = given ? call.bufferSize : kernel.size(pointee)
  if (size <= 0)
    session.refuse(
    `kernel function ${call.name} returns pointer type ${type.kind.toUpperCase()} ${type.name} is not supported`,
    -EINVAL)
  const reg = pointer(PTR_TO_MEM | (!given || call.bufferReadOnly ? RDONLY : 0))
  reg.size = size
  reg.ref = call.ref
  return reg
}

const mayHoldLock = (session: Session, reg: Reg): boolean =>
  baseOf(reg.type) === PTR_TO_BTF_ID && (reg.type & ALLOC) !== 0 &&
  fieldsOf(reg.btf!, reg.btfId, session.kernelBtf)?.has.has('bpf_spin_lock') === true

const resultOf = (session: Session, call: KfuncCall): Reg => {
  const type = call.kernel.resolved(call.proto.type)
  if (type.kind === 'void') return NONE
  if (type.kind !== 'ptr') return ANY_SCALAR
  let reg = pointerResult(session, call, type.type)
  if (reg === ANY_SCALAR) return reg
  const nullable = call.flags.has('RET_NULL') && !(call.name === 'bpf_refcount_acquire_impl' && call.owning)
  if (nullable) {
    reg.type |= MAYBE_NULL
    reg.id = session.newId()
  }
  if (call.flags.has('ACQUIRE')) {
    const id = acquireReference(session)
    if (nullable) reg.id = id
    reg.ref = id
  } else if (call.name === 'bpf_rbtree_first') reg = setNonOwning(reg, fieldsOf(reg.btf!, reg.btfId, session.kernelBtf))
  if (mayHoldLock(session, reg) && reg.id === 0) reg.id = session.newId()
  return reg
}

/** Fields that may be freed in an interrupt that nothing masks. */
const nmiSafeFields: ReadonlySet<string> =
  new Set(['bpf_spin_lock', 'bpf_timer', 'bpf_wq', 'kptr_unref', 'bpf_refcount'])

const checkDrop = (session: Session, { name, object }: KfuncCall): void => {
  if (!session.kernel.features.dropsAsked || !/^bpf_(percpu_)?obj_drop(_impl)?$/.test(name) || object === null) return
  if (!'PteRFB'.includes(session.letter) || (session.program.type === TRACING && session.program.sleepable)) return
  const record = fieldsOf(object.btf!, object.btfId, session.kernelBtf)
  if (record !== null && record.fields.some(({ kind }) => !nmiSafeFields.has(kind)))
    session.refuse(`${name} cannot be used in tracing programs on types with NMI unsafe fields`, -EINVAL)
}

/** True when the call ends the path: bpf_throw. */
export const callKfunc = (session: Session, slot: number): boolean => {
  const typeId = session.code.imm[slot]!
  if (typeId === 0) return false
  const name = kfuncName(session, slot)
  const call = openCall(session, name, typeId)
  const { frame } = session
  if (call.flags.has('SLEEPABLE') && !isSleepable(session))
    session.refuse(`program must be sleepable to call sleepable kfunc ${name}`, -EACCES)
  checkKfuncArguments(session, call)
  checkDrop(session, call)
  if (name === 'bpf_rbtree_add_impl') pushCallback(session, call.subprog, lessArguments(session, call.root!))
  if (name === 'bpf_wq_set_callback_impl') pushAsyncCallback(session, call.subprog, true, mapValueArguments)
  checkSections(session, call)
  if (call.releases > 0 && !releaseReference(session, frame.regs[call.releases]!.ref))
    session.refuse(`kfunc ${name}#${typeId} reference has not been acquired before`, -EINVAL)
  if (adders.has(name)) giveNode(session, call, frame.regs[2]!.ref)
  if (name === 'bpf_throw' && session.exceptionCallback < 0) checkReturn(session, 1)
  clearCallerSaved(session, frame)
  frame.regs[0] = resultOf(session, call)
  if (call.flags.has('ITER_NEXT')) stepIterator(session, slot, call.iterator!)
  return name === 'bpf_throw'
}
