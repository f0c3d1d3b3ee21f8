/** Dynptrs on the stack: two slots that hold a kind, an id of their own, and for ring buffers a reference. */
import { EINVAL } from '@lsmkit/abi'
import { changeRegs } from './each-reg.ts'
import { isConst } from './num.ts'
import type { Reg } from './reg.ts'
import { ANY_SCALAR, NONE, pointer } from './reg.ts'
import {
  baseOf, CONST_PTR_TO_DYNPTR, DYNPTR_RINGBUF, PTR_TO_MEM, STACK_DYNPTR, STACK_INVALID,
} from './reg-type.ts'
import type { Session } from './session.ts'
import type { Frame } from './state.ts'
import { LIVE_WRITTEN } from './state.ts'
import { markSlotRead } from './liveness.ts'

const SLOTS = 2

/** First slot (higher address) of an object of `slots` slots at the pointer; refused when it cannot lie there. */
export const objectSlot = (session: Session, reg: Reg, what: string, slots: number): number => {
  if (!isConst(reg.num)) session.refuse(`${what} has to be at a constant offset`, -EINVAL)
  const off = reg.off + reg.num.vl
  if ((off & 7) !== 0) session.refuse(`cannot pass in ${what} at an offset=${off}`, -EINVAL)
  const slot = (-off - 1) >> 3
  if (slot + 1 < slots) session.refuse(`cannot pass in ${what} at an offset=${off}`, -EINVAL)
  return slot
}

/** As `objectSlot`, -1 when the stack has not grown that far. */
export const slotInFrame = (session: Session, reg: Reg): number => {
  const slot = objectSlot(session, reg, 'dynptr', SLOTS)
  return slot < frameOf(session, reg).slots.length ? slot : -1
}

export const frameOf = (session: Session, reg: Reg): Frame => session.state.frames[reg.frame]!

/** The first slot's register of an initialised dynptr; null when there is none. */
export const dynptrReg = (session: Session, reg: Reg): Reg | null => {
  if (baseOf(reg.type) === CONST_PTR_TO_DYNPTR) return reg
  const slot = slotInFrame(session, reg)
  if (slot < 1) return null
  const frame = frameOf(session, reg)
  if (frame.slots[slot]!.first !== 1) return null
  for (let i = (slot - 1) * 8; i < slot * 8 + 8; i++) if (frame.kinds[i] !== STACK_DYNPTR) return null
  return frame.slots[slot]!
}

const touchesDynptr = (frame: Frame, slot: number): boolean => {
  for (let i = (slot - 1) * 8; i < slot * 8 + 8; i++) if (frame.kinds[i] === STACK_DYNPTR) return true
  return false
}

/** No live dynptr is in the way: its slots may become one. */
export const mayInitialise = (session: Session, reg: Reg): boolean => {
  if (reg.type === CONST_PTR_TO_DYNPTR) return false
  const slot = slotInFrame(session, reg)
  if (slot < 1) return true
  const frame = frameOf(session, reg)
  if (!session.kernel.features.dynptrsReplaced) return !touchesDynptr(frame, slot)
  destroyDynptr(session, frame, slot)
  destroyDynptr(session, frame, slot - 1)
  return true
}

const invalidate = (session: Session, frame: Frame, slot: number): void => {
  for (const at of [slot, slot - 1]) {
    frame.kinds.fill(STACK_INVALID, at * 8, at * 8 + 8)
    frame.slots[at] = NONE
    // The slot no longer answers for reads behind this point.
    markSlotRead(session, frame.number, at)
    frame.slotLive[at]! |= LIVE_WRITTEN
    session.scratchSlot(at)
  }
}

/** Slices of a dynptr die with it. */
const killSlices = (session: Session, id: number): void => {
  changeRegs(session, (reg) => (baseOf(reg.type) === PTR_TO_MEM && reg.dynptr === id ? ANY_SCALAR : reg))
}

/** A write touches a slot of a dynptr: a referenced one refuses, any other is not a dynptr from here on. */
export const destroyDynptr = (session: Session, frame: Frame, at: number): void => {
  if (!session.kernel.features.dynptrsReplaced) return
  if (at < frame.slots.length && frame.kinds[at * 8 + 7] === STACK_DYNPTR) endDynptr(session, frame, at)
}

const endDynptr = (session: Session, frame: Frame, at: number): void => {
  const slot = frame.slots[at]!.first === 1 ? at : at + 1
  const reg = frame.slots[slot]!
  if (reg.kind === DYNPTR_RINGBUF) session.refuse('cannot overwrite referenced dynptr', -EINVAL)
  session.scratchSlot(slot)
  session.scratchSlot(slot - 1)
  frame.kinds.fill(STACK_INVALID, (slot - 1) * 8, slot * 8 + 8)
  const { id } = reg
  changeRegs(session, (other) =>
    (baseOf(other.type) === PTR_TO_MEM && other.dynptr !== 0 && other.dynptr === id ? ANY_SCALAR : other))
  frame.slots[slot] = NONE
  frame.slots[slot - 1] = NONE
  for (const i of [slot, slot - 1]) {
    markSlotRead(session, frame.number, i)
    frame.slotLive[i]! |= LIVE_WRITTEN
  }
}

/** Makes the two slots at the pointer a dynptr of that kind. */
export const markDynptr = (session: Session, reg: Reg, kind: number, acquire: () => number): void => {
  const slot = slotInFrame(session, reg)
  const frame = frameOf(session, reg)
  const id = session.newId()
  const ref = acquire()
  for (const at of [slot, slot - 1]) {
    const saved = pointer(CONST_PTR_TO_DYNPTR)
    saved.kind = kind
    saved.first = at === slot ? 1 : 0
    saved.id = id
    saved.ref = ref
    frame.kinds.fill(STACK_DYNPTR, at * 8, at * 8 + 8)
    frame.slots[at] = saved
    frame.slotLive[at]! |= LIVE_WRITTEN
    session.scratchSlot(at)
  }
}

/** A dynptr is released: it and every clone of it (same reference) end, and their slices. */
export const unmarkDynptr = (session: Session, reg: Reg, release: (ref: number) => boolean): void => {
  const slot = slotInFrame(session, reg)
  const frame = frameOf(session, reg)
  const first = frame.slots[slot]!
  if (first.kind !== DYNPTR_RINGBUF) {
    invalidate(session, frame, slot)
    return
  }
  const { ref } = first
  for (const other of session.state.frames) {
    for (let i = 1; i < other.slots.length; i++) {
      const held = other.slots[i]!
      if (other.kinds[i * 8 + 7] !== STACK_DYNPTR || held.first !== 1 || held.ref !== ref) continue
      killSlices(session, held.id)
      invalidate(session, other, i)
    }
  }
  release(ref)
}

export const constDynptr = (kind: number, id: number): Reg => {
  const reg = pointer(CONST_PTR_TO_DYNPTR)
  reg.kind = kind
  reg.first = 1
  reg.id = id
  return reg
}
