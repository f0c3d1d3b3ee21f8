/** LD_ABS and LD_IND: loads from a packet that end the program when they fail. */
import { BPF_DW, BPF_IND, BPF_MODE, BPF_SIZE, EINVAL } from '@lsmkit/abi'
import { returnToCaller, clearCallerSaved } from './calls.ts'
import { checkLeaks } from './refs.ts'
import { Refusal } from './refusal.ts'
import { checkUnmodified } from './region.ts'
import { ANY_SCALAR, ZERO_SCALAR } from './reg.ts'
import { PTR_TO_CTX } from './reg-type.ts'
import { readReg } from './registers.ts'
import type { Session } from './session.ts'

const NAME = 'BPF_LD_[ABS|IND]'

export const checkPacketLoad = (session: Session, slot: number): void => {
  const { code, state, frame } = session
  const op = code.op[slot]!
  if (session.letter !== 'S' && session.letter !== 'T')
    session.refuse(`${NAME} instructions not allowed for this program type`, -EINVAL)
  if (frame.inCallback) session.refuse(`cannot use ${NAME} within callback`, -EINVAL)
  const isInd = BPF_MODE(op) === BPF_IND
  if (code.dst[slot] !== 0 || code.off[slot] !== 0 || BPF_SIZE(op) === BPF_DW || (!isInd && code.src[slot] !== 0))
    session.refuse(`${NAME} uses reserved fields`, -EINVAL)
  const context = readReg(session, 6)
  try {
    checkLeaks(session, false)
  } catch (error) {
    if (error instanceof Refusal) session.say(`${NAME} cannot be mixed with socket references`)
    throw error
  }
  if (state.lock !== null) session.refuse(`${NAME} cannot be used inside bpf_spin_lock-ed region`, -EINVAL)
  if (state.rcu > 0) session.refuse(`${NAME} cannot be used inside bpf_rcu_read_lock-ed region`, -EINVAL)
  if (state.preempt > 0) session.refuse(`${NAME} cannot be used inside bpf_preempt_disable-ed region`, -EINVAL)
  if (context.type !== PTR_TO_CTX) session.refuse('at the time of BPF_LD_ABS|IND R6 != pointer to skb', -EINVAL)
  if (isInd) readReg(session, code.src[slot]!)
  checkUnmodified(session, context, 6)
  clearCallerSaved(session, frame)
  frame.regs[0] = ANY_SCALAR
  if (state.frames.length === 1) {
    session.insn = slot + 1
    return
  }
  session.push(slot + 1, slot)
  session.put(frame, 0, ZERO_SCALAR)
  returnToCaller(session)
}
