/** Packet pointers: a helper that moves or reallocates the packet makes them void. */
import { changeRegs } from './each-reg.ts'
import { baseOf, DYNPTR_SKB, DYNPTR_XDP, isPacket, PTR_TO_MEM, PTR_TO_PACKET_END } from './reg-type.ts'
import { invalidated } from './registers.ts'
import type { Session } from './session.ts'

export const invalidatePackets = (session: Session): void => {
  const gone = invalidated(session)
  changeRegs(session, (reg) => {
    const slice = baseOf(reg.type) === PTR_TO_MEM && (reg.type & (DYNPTR_SKB | DYNPTR_XDP)) !== 0
    return isPacket(reg.type) || baseOf(reg.type) === PTR_TO_PACKET_END || slice ? gone : reg
  })
}
