/** Compares of packet pointers with the packet's end: how many bytes behind the pointer exist. */
import { BPF_JGE, BPF_JGT, BPF_JLE, BPF_JLT } from '@lsmkit/abi'
import { swapOp } from './branch-scalar.ts'
import { changeRegs } from './each-reg.ts'
import { toUnsignedNumber } from './i64.ts'
import { isZero } from './num.ts'
import type { Reg } from './reg.ts'
import { fork } from './reg.ts'
import { PTR_TO_PACKET, PTR_TO_PACKET_END, PTR_TO_PACKET_META } from './reg-type.ts'
import { withWholeOffset } from './region.ts'
import type { Session } from './session.ts'
import type { State } from './state.ts'

const MAX_PACKET = 0xffff
/** Ranges of a pointer known to lie behind the end, or at or behind it. */
const BEYOND_END = -2
const AT_END = -1

/** A compare decided earlier on the path. */
export const packetTaken = (op: number, a: Reg, b: Reg): number => {
  const [reg, what] = b.type === PTR_TO_PACKET_END ? [a, op] : a.type === PTR_TO_PACKET_END
    ? [b, swapOp(op)] : [null, op]
  if (reg === null || reg.size >= 0) return -1
  if (what === BPF_JLE || what === BPF_JGT) return reg.size === BEYOND_END ? Number(what === BPF_JGT) : -1
  if (what === BPF_JLT || what === BPF_JGE)
    return reg.size === BEYOND_END || reg.size === AT_END ? Number(what === BPF_JGE) : -1
  return -1
}

/** Bytes up to the pointer, without its variable part, which every pointer of that base has; -1 for too many. */
const fixedRange = ({ num, off }: Reg): number => {
  const umax = toUnsignedNumber(num.umaxl, num.umaxh)
  return umax > MAX_PACKET || umax + off > MAX_PACKET ? -1 : off
}

/** As fixedRange, the variable part included. */
const wholeRange = (reg: Reg): number => {
  const { num } = withWholeOffset(reg)
  const umax = toUnsignedNumber(num.umaxl, num.umaxh)
  return umax > MAX_PACKET ? -1 : umax
}

/** Every pointer of that base may reach as far as `reg` does; one byte further when `reg` itself is before the end. */
const extendRange = (session: Session, state: State, reg: Reg, rightOpen: boolean): void => {
  const known = session.kernel.features.offsetInBounds ? wholeRange(reg) : fixedRange(reg)
  if (known < 0 || (known === 0 && rightOpen)) return
  const range = known + (rightOpen ? 1 : 0)
  const current = session.state
  session.state = state
  changeRegs(session, (other) => {
    if (other.type !== reg.type || other.id !== reg.id || other.size >= range) return other
    const to = fork(other)
    to.size = range
    return to
  })
  session.state = current
}

const markEnd = (state: State, number: number, beyond: boolean): void => {
  const reg = state.frame.regs[number]!
  if (reg.type !== PTR_TO_PACKET) return
  const to = fork(reg)
  to.size = beyond ? BEYOND_END : AT_END
  state.frame.regs[number] = to
}

const isPacketStart = (reg: Reg): boolean =>
  reg.type === PTR_TO_PACKET && reg.id === 0 && reg.off === 0 && isZero(reg.num)

/** `pointer OP limit` with the limit a packet end, or the packet's start for metadata. */
const isPair = (reg: Reg, limit: Reg): boolean =>
  (reg.type === PTR_TO_PACKET && limit.type === PTR_TO_PACKET_END) ||
    (reg.type === PTR_TO_PACKET_META && isPacketStart(limit))

/** As `try_match_pkt_pointers`: false for compares of anything else, of which nothing is learnt. */
export const matchPacketCompare = (
  session: Session, op: number, dst: number, src: number, other: State,
): boolean => {
  if (op !== BPF_JGT && op !== BPF_JGE && op !== BPF_JLT && op !== BPF_JLE) return false
  const { state } = session
  const a = state.frame.regs[dst]!
  const b = state.frame.regs[src]!
  const straight = isPair(a, b)
  if (!straight && !isPair(b, a)) return false
  const what = straight ? op : swapOp(op)
  const [number, reg] = straight ? [dst, a] : [src, b]
  // `what` compares the pointer with the limit; `other` is the side where it holds.
  const [inside, outside] = what === BPF_JGT || what === BPF_JGE ? [state, other] : [other, state]
  const strict = what === BPF_JGE || what === BPF_JLT
  extendRange(session, inside, reg, strict)
  markEnd(outside, number, !strict)
  return true
}
