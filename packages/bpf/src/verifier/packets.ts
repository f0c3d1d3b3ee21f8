/** Packet pointers: a helper that moves or reallocates the packet makes them void. */
import { changeRegs } from './each-reg.ts'
import type { Reg } from './reg.ts'
import { baseOf, DYNPTR_SKB, DYNPTR_XDP, isPacket, PTR_TO_MEM, PTR_TO_PACKET_END } from './reg-type.ts'
import { invalidated } from './registers.ts'
import type { Session } from './session.ts'

/** A pointer into the packet or to its end, or a slice of a dynptr of it. */
export const isFromPacket = ({ type }: Reg): boolean =>
  isPacket(type) || baseOf(type) === PTR_TO_PACKET_END ||
  (baseOf(type) === PTR_TO_MEM && (type & (DYNPTR_SKB | DYNPTR_XDP)) !== 0)

export const invalidatePackets = (session: Session): void => {
  const gone = invalidated(session)
  changeRegs(session, (reg) => (isFromPacket(reg) ? gone : reg))
}
