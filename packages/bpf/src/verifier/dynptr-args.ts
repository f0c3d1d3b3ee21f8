/** A dynptr as an argument: one to be made, or one that exists. */
import { EINVAL } from '@lsmkit/abi'
import { dynptrReg, frameOf, markDynptr, mayInitialise, slotInFrame } from './dynptr.ts'
import { markSlotRead } from './liveness.ts'
import { acquireReference } from './refs.ts'
import { Refusal } from './refusal.ts'
import type { Reg } from './reg.ts'
import {
  CONST_PTR_TO_DYNPTR, DYNPTR_KIND_SKB, DYNPTR_KIND_XDP, DYNPTR_LOCAL, DYNPTR_RINGBUF, dynptrName, PTR_TO_STACK,
} from './reg-type.ts'
import type { Session } from './session.ts'
import { checkStackBounds, WRITE, writeStack } from './stack.ts'

export const dynptrKinds: Readonly<Record<string, number>> = {
  local: DYNPTR_LOCAL, ringbuf: DYNPTR_RINGBUF, skb: DYNPTR_KIND_SKB, xdp: DYNPTR_KIND_XDP,
}

interface Wish {
  readonly uninit: boolean
  readonly readOnly: boolean
  /** 0 for any. */
  readonly dynptr: number
}

/** Where no dynptr can lie at all, the log tells that before what is wanted. */
const checkPlace = (session: Session, reg: Reg, wanted: string): void => {
  if (reg.type === CONST_PTR_TO_DYNPTR) return
  try {
    slotInFrame(session, reg)
  } catch (error) {
    if (error instanceof Refusal) session.say(wanted)
    throw error
  }
}

/** The register of an initialised dynptr; null when the argument is one to be made, which it then is. */
export const checkDynptrArgument = (session: Session, reg: Reg, number: number, wish: Wish, cloneRef: number): Reg |
  null => {
  if (reg.type !== PTR_TO_STACK && reg.type !== CONST_PTR_TO_DYNPTR)
    session.refuse(`arg#${number - 1} expected pointer to stack or const struct bpf_dynptr`, -EINVAL)
  if (wish.uninit) {
    const wanted = 'Dynptr has to be an uninitialized dynptr'
    checkPlace(session, reg, wanted)
    if (!mayInitialise(session, reg)) session.refuse(wanted, -EINVAL)
    for (const off of [0, 8]) {
      checkStackBounds(session, reg, number, reg.off + off, 8, WRITE, false)
      writeStack(session, reg, reg.off + off, 8, -1, null)
    }
    markDynptr(session, reg, wish.dynptr, () => {
      if (wish.dynptr !== DYNPTR_RINGBUF) return 0
      return cloneRef !== 0 ? cloneRef : acquireReference(session)
    })
    return null
  }
  if (reg.type === CONST_PTR_TO_DYNPTR && !wish.readOnly)
    session.refuse('cannot pass pointer to const bpf_dynptr, the helper mutates it', -EINVAL)
  const wanted = `Expected an initialized dynptr as arg #${number - 1}`
  checkPlace(session, reg, wanted)
  const held = dynptrReg(session, reg)
  if (held === null) return session.refuse(wanted, -EINVAL)
  if (wish.dynptr !== 0 && held.kind !== wish.dynptr)
    session.refuse(`Expected a dynptr of type ${dynptrName(wish.dynptr)} as arg #${number - 1}`, -EINVAL)
  if (reg.type === PTR_TO_STACK) {
    const slot = (-(reg.off + reg.num.vl) - 1) >> 3
    const frame = frameOf(session, reg)
    markSlotRead(session, frame.number, slot)
    markSlotRead(session, frame.number, slot - 1)
  }
  return held
}
