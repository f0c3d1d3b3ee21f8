/** Calls that run a function of the program: at once (sync), or some time later (async). */
import type { Session } from './session.ts'
import { isHelperCall, isKfuncCall } from './shape.ts'

export const FOR_EACH_MAP_ELEM = 164
export const TIMER_SET_CALLBACK = 170
export const FIND_VMA = 180
export const LOOP = 181
export const USER_RINGBUF_DRAIN = 209

const syncHelpers = new Set([FOR_EACH_MAP_ELEM, FIND_VMA, LOOP, USER_RINGBUF_DRAIN])

/** Name of the kernel function that a kfunc call names; empty for a weak one that does not exist. */
export const kfuncName = (session: Session, slot: number): string => {
  const typeId = session.code.imm[slot]!
  return typeId === 0 || session.kernelBtf === null ? '' : session.kernelBtf.name(typeId)
}

export const callsSyncCallback = (session: Session, slot: number): boolean => {
  if (isHelperCall(session.code, slot)) return syncHelpers.has(session.code.imm[slot]!)
  return isKfuncCall(session.code, slot) && kfuncName(session, slot) === 'bpf_rbtree_add_impl'
}

export const callsAsyncCallback = (session: Session, slot: number): boolean => {
  if (isHelperCall(session.code, slot)) return session.code.imm[slot] === TIMER_SET_CALLBACK
  return isKfuncCall(session.code, slot) && kfuncName(session, slot) === 'bpf_wq_set_callback_impl'
}

export const isIteratorNext = (session: Session, slot: number): boolean =>
  isKfuncCall(session.code, slot) && /^bpf_iter_\w+_next$/.test(kfuncName(session, slot))
