/** Functions of the program that a helper runs: their first state, and the frame they run in. */
import { E2BIG, ENOTSUPP } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import { kfuncName } from './callback-calls.ts'
import { constDynptr } from './dynptr.ts'
import type { Field } from './fields.ts'
import { fieldsOf } from './fields.ts'
import { setNonOwning } from './graph.ts'
import type { VerifierMap } from './map.ts'
import { MAP_ARRAY, MAP_HASH, MAP_LRU_HASH, MAP_LRU_PERCPU_HASH, MAP_PERCPU_ARRAY, MAP_PERCPU_HASH } from './map.ts'
import type { Reg } from './reg.ts'
import { ANY_SCALAR, NONE, pointer } from './reg.ts'
import {
  ALLOC, CONST_PTR_TO_MAP, DYNPTR_LOCAL, PTR_TO_BTF_ID, PTR_TO_MAP_KEY, PTR_TO_MAP_VALUE, PTR_TO_STACK,
} from './reg-type.ts'
import type { Session } from './session.ts'
import { newFrame, State } from './state.ts'
import type { Frame } from './state.ts'

export const framePointer = (frame: number): Reg => {
  const reg = pointer(PTR_TO_STACK)
  reg.frame = frame
  return reg
}

/** A frame of `subprog` on top of the state's; arguments are the caller's to set. */
export const enterFrame = (session: Session, state: State, subprog: number, callsite: number): Frame => {
  if (state.frames.length >= session.kernel.limits.frames)
    session.refuse(`the call stack of ${state.frames.length + 1} frames is too deep`, -E2BIG)
  const frame = newFrame(callsite, state.frames.length, subprog)
  frame.regs[10] = framePointer(frame.number)
  frame.refs = state.frame.refs
  state.frames.push(frame)
  return frame
}

/** Sets R1 to R5 of a callback from the registers of the call. */
export type SetArguments = (callee: Frame, caller: Frame) => void

/** The callback's walk waits; the current path goes on as if it had not run. */
export const pushCallback = (session: Session, subprog: number, set: SetArguments): void => {
  if (!session.kernel.features.callbackRounds) return enterCallback(session, subprog, set)
  const callback = session.push(session.subprograms[subprog]!.start, session.insn)
  session.subprograms[subprog]!.isCallback = true
  const caller = callback.frame
  const callee = enterFrame(session, callback, subprog, session.insn)
  callee.inCallback = true
  callee.hasCallbackRange = true
  callee.callbackMin = 0
  callee.callbackMax = 1
  set(callee, caller)
  callback.callbackUnrollDepth++
  caller.callbackDepth++
  session.frame.callbackDepth = 0
}

/** Where a callback is walked once: the current path goes on in it, and from its end behind the call. */
const enterCallback = (session: Session, subprog: number, set: SetArguments): void => {
  const caller = session.frame
  const callee = enterFrame(session, session.state, subprog, session.insn)
  callee.inCallback = true
  callee.hasCallbackRange = true
  callee.callbackMin = 0
  callee.callbackMax = 1
  set(callee, caller)
  session.entered = session.subprograms[subprog]!.start
}

/** A callback that runs later, from nothing that the current path holds. */
export const pushAsyncCallback = (session: Session, subprog: number, sleeps: boolean, set: SetArguments): void => {
  const sub = session.subprograms[subprog]!
  sub.isCallback = true
  sub.isAsyncCallback = true
  const state = new State()
  state.branches = 1
  state.inSleepable = sleeps
  const frame = newFrame(-1, 0, subprog)
  frame.regs[10] = framePointer(0)
  frame.inAsync = true
  frame.hasCallbackRange = true
  frame.asyncEntry = session.frame.asyncEntry + 1
  state.frames.push(frame)
  set(frame, session.frame)
  state.firstInsn = 0
  session.enqueue(state, sub.start, session.insn)
}

const mapRegister = (type: number, map: VerifierMap): Reg => {
  const reg = pointer(type)
  reg.map = map
  return reg
}

const iterable = new Set([MAP_ARRAY, MAP_HASH, MAP_LRU_HASH, MAP_LRU_PERCPU_HASH, MAP_PERCPU_ARRAY, MAP_PERCPU_HASH])

export const mapElementArguments = (session: Session): SetArguments => (callee, caller) => {
  const map = caller.regs[1]!.map!
  if (!iterable.has(map.type)) session.refuse('callback function not allowed for map', -ENOTSUPP)
  callee.regs[1] = mapRegister(CONST_PTR_TO_MAP, map)
  callee.regs[2] = mapRegister(PTR_TO_MAP_KEY, map)
  callee.regs[3] = mapRegister(PTR_TO_MAP_VALUE, map)
  callee.regs[4] = caller.regs[3]!
  callee.regs[5] = NONE
}

export const loopArguments: SetArguments = (callee, caller) => {
  callee.regs[1] = ANY_SCALAR
  callee.regs[2] = caller.regs[3]!
}

/** Timers and work queues: the map, its key and its value. */
export const mapValueArguments: SetArguments = (callee, caller) => {
  const map = caller.regs[1]!.map!
  callee.regs[1] = mapRegister(CONST_PTR_TO_MAP, map)
  callee.regs[2] = mapRegister(PTR_TO_MAP_KEY, map)
  callee.regs[3] = mapRegister(PTR_TO_MAP_VALUE, map)
}

export const findVmaArguments = (session: Session): SetArguments => (callee, caller) => {
  callee.regs[1] = caller.regs[1]!
  const vma = pointer(PTR_TO_BTF_ID)
  vma.btf = session.kernelBtf
  vma.btfId = session.kernelBtf?.find('vm_area_struct', 'struct') ?? 0
  callee.regs[2] = vma
  callee.regs[3] = caller.regs[4]!
}

export const drainArguments = (session: Session): SetArguments => (callee, caller) => {
  callee.regs[1] = constDynptr(DYNPTR_LOCAL, session.newId())
  callee.regs[2] = caller.regs[3]!
}

/** A node of the tree, not owned. */
export const graphNode = (btf: Btf, field: Field): Reg => {
  const reg = pointer(PTR_TO_BTF_ID | ALLOC)
  reg.btf = btf
  reg.btfId = field.btfId
  reg.off = field.nodeOffset
  return reg
}

export const lessArguments = (session: Session, field: Field): SetArguments => (callee) => {
  for (const number of [1, 2]) {
    callee.regs[number] = setNonOwning(graphNode(field.btf, field), fieldsOf(field.btf, field.btfId, session.kernelBtf))
  }
}

/** The path is in the comparison function of a tree: the tree's lock is held by who called it. */
export const inTreeCallback = (session: Session): boolean => {
  const { frame } = session
  return frame.inCallback && frame.callsite >= 0 && session.code.src[frame.callsite] === 2 &&
    kfuncName(session, frame.callsite) === 'bpf_rbtree_add_impl'
}
