/**
 * Iterators on the stack: made, stepped and destroyed by kfuncs; stepping explores both another element and the end.
 */
import { EFAULT, EINVAL, EPROTO } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import { inRcuSection } from './context/section.ts'
import { frameOf, objectSlot } from './dynptr.ts'
import { markSlotRead } from './liveness.ts'
import { notNull } from './nullness.ts'
import { isConst } from './num.ts'
import { previousEntry, widenAgainst } from './prune.ts'
import { acquireReference, releaseReference } from './refs.ts'
import type { Reg } from './reg.ts'
import { fork, NONE, pointer, ZERO_SCALAR } from './reg.ts'
import {
  ITER_ACTIVE, ITER_DRAINED, PTR_TO_STACK, RCU, STACK_INVALID, STACK_ITER, UNTRUSTED,
} from './reg-type.ts'
import type { Session } from './session.ts'
import { checkStackBounds, WRITE, writeStack } from './stack.ts'
import { LIVE_WRITTEN } from './state.ts'

export interface IteratorPlace {
  readonly frame: number
  readonly slot: number
}

/** The text after `bpf_iter_` of a type's name. */
const shortName = (btf: Btf, btfId: number): string => btf.name(btfId).replace(/^bpf_iter_/, '')

export const makeIterator = (
  session: Session, reg: Reg, number: number, btf: Btf, btfId: number, rcuProtected: boolean,
): void => {
  const slots = btf.size(btfId) / 8
  // right behind the frame the kernel counts one slot as the frame's last, and refuses the write to it
  const isBehind = slots === 1 && isConst(reg.num) && reg.off + reg.num.vl === 0
  const slot = isBehind ? 0 : objectSlot(session, reg, 'iter', slots)
  const frame = frameOf(session, reg)
  for (let i = slot; i > slot - slots; i--) {
    if (i >= frame.slots.length) continue
    for (let byte = i * 8; byte < i * 8 + 8; byte++) {
      if (frame.kinds[byte] === STACK_ITER)
        session.refuse(`expected uninitialized iter_${shortName(btf, btfId)} as arg #${number - 1}`, -EINVAL)
    }
  }
  for (let i = 0; i < slots * 8; i += 8) {
    checkStackBounds(session, reg, number, reg.off + i, 8, WRITE, false)
    writeStack(session, reg, reg.off + i, 8, -1, null)
  }
  const ref = acquireReference(session)
  for (let i = 0; i < slots; i++) {
    const saved = pointer(PTR_TO_STACK | (!rcuProtected ? 0 : inRcuSection(session) ? RCU : UNTRUSTED))
    saved.ref = i === 0 ? ref : 0
    saved.btf = btf
    saved.btfId = btfId
    saved.kind = ITER_ACTIVE
    const at = slot - i
    frame.slots[at] = saved
    frame.slotLive[at]! |= LIVE_WRITTEN
    frame.kinds.fill(STACK_ITER, at * 8, at * 8 + 8)
    session.scratchSlot(at)
  }
}

/** Where the initialised iterator lies that the register points to. */
export const findIterator = (
  session: Session, reg: Reg, number: number, btf: Btf, btfId: number, kfunc: string,
): IteratorPlace => {
  const slots = btf.size(btfId) / 8
  const slot = objectSlot(session, reg, 'iter', slots)
  const frame = frameOf(session, reg)
  const bad = (): never =>
    session.refuse(`expected an initialized iter_${shortName(btf, btfId)} as arg #${number - 1}`, -EINVAL)
  if (slot >= frame.slots.length) bad()
  for (let i = 0; i < slots; i++) {
    const at = slot - i
    const saved = frame.slots[at]!
    if ((saved.type & UNTRUSTED) !== 0) session.refuse(`expected an RCU CS when using ${kfunc}`, -EPROTO)
    if ((i === 0) !== (saved.ref !== 0) || saved.btf !== btf || saved.btfId !== btfId) bad()
    for (let byte = at * 8; byte < at * 8 + 8; byte++) if (frame.kinds[byte] !== STACK_ITER) bad()
  }
  for (let i = 0; i < slots; i++) markSlotRead(session, frame.number, slot - i)
  return { frame: frame.number, slot }
}

export const destroyIterator = (session: Session, place: IteratorPlace, slots: number): void => {
  const frame = session.state.frames[place.frame]!
  releaseReference(session, frame.slots[place.slot]!.ref)
  for (let at = place.slot; at > place.slot - slots; at--) {
    frame.slots[at] = NONE
    frame.slotLive[at]! |= LIVE_WRITTEN
    frame.kinds.fill(STACK_INVALID, at * 8, at * 8 + 8)
    session.scratchSlot(at)
  }
}

/** After a next call whose result is in R0: another element waits, the current path saw the end. */
export const stepIterator = (session: Session, slot: number, place: IteratorPlace): void => {
  const { state } = session
  const saved = state.frames[place.frame]!.slots[place.slot]!
  if (saved.kind !== ITER_ACTIVE && saved.kind !== ITER_DRAINED)
    session.refuse(`verifier internal error: unexpected iterator state ${saved.kind}`, -EFAULT)
  if (saved.kind === ITER_ACTIVE) {
    const previous = state.parent === null ? null : previousEntry(session, state.parent, slot)
    const queued = session.push(slot + 1, slot)
    const next = fork(saved)
    next.first = saved.first + 1
    queued.frames[place.frame]!.slots[place.slot] = next
    if (previous !== null) widenAgainst(session, previous, queued)
    queued.frame.regs[0] = notNull(queued.frame.regs[0]!)
  }
  const drained = fork(saved)
  drained.kind = ITER_DRAINED
  state.frames[place.frame]!.slots[place.slot] = drained
  session.put(session.frame, 0, ZERO_SCALAR)
}
