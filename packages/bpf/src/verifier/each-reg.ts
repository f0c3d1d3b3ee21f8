/** Walks over every register and spilled slot of a state. */
import { NONE } from './reg.ts'
import type { Reg } from './reg.ts'
import { STACK_SPILL } from './reg-type.ts'
import type { Session } from './session.ts'
import type { Frame } from './state.ts'

/** Replaces each register and each spilled register by what `change` returns; the same object leaves it alone. */
export const changeRegs = (session: Session, change: (reg: Reg, frame: Frame) => Reg): void => {
  const { frames } = session.state
  for (const frame of frames) {
    for (let i = 0; i < 11; i++) {
      const reg = frame.regs[i]!
      const next = change(reg, frame)
      if (next === reg) continue
      frame.regs[i] = next
      session.scratchReg(i)
    }
    for (let slot = 0; slot < frame.slots.length; slot++) {
      if (frame.kinds[slot * 8 + 7] !== STACK_SPILL) continue
      const reg = frame.slots[slot]!
      if (reg === NONE) continue
      const next = change(reg, frame)
      if (next === reg) continue
      frame.slots[slot] = next
      session.scratchSlot(slot)
    }
  }
}
