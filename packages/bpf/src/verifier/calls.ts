/** Calls of the program's own functions, and the way back. */
import { EACCES, EFAULT, EINVAL } from '@lsmkit/abi'
import { enterFrame } from './callbacks.ts'
import { checkGlobalArguments } from './global-args.ts'
import { markRegRead } from './liveness.ts'
import { invalidatePackets } from './packets.ts'
import { markPrecise } from './precision.ts'
import { previousEntry, widenAgainst } from './prune.ts'
import { ANY_SCALAR, NONE } from './reg.ts'
import { PTR_TO_STACK, SCALAR } from './reg-type.ts'
import { checkRange } from './return-code.ts'
import type { Session } from './session.ts'
import type { Frame } from './state.ts'
import { LIVE_WRITTEN } from './state.ts'
import { returnsVoid, subprogramAt } from './subprograms.ts'

/** R0 to R5 hold nothing after a call. */
export const clearCallerSaved = (session: Session, frame: Frame): void => {
  for (let i = 0; i <= 5; i++) {
    frame.regs[i] = NONE
    frame.live[i]! |= LIVE_WRITTEN
  }
  session.scratchedRegs |= 0x3f
}

const callGlobal = (session: Session, subprog: number): void => {
  const { state, frame } = session
  const sub = session.subprograms[subprog]!
  if (state.lock !== null)
    session.refuse('global function calls are not allowed while holding a lock,\nuse static function instead', -EINVAL)
  if (state.preempt > 0)
    session.refuse('global function calls are not allowed with preemption disabled,\nuse static function instead',
      -EINVAL)
  checkGlobalArguments(session, subprog)
  session.say(`Func#${subprog} ('${sub.name}') is global and assumed valid.`)
  if (sub.changesPacket) invalidatePackets(session)
  sub.called = true
  clearCallerSaved(session, frame)
  if (!returnsVoid(session, subprog)) frame.regs[0] = ANY_SCALAR
  session.insn++
}

export const callSubprogram = (session: Session, slot: number): void => {
  const { state } = session
  const target = slot + session.code.imm[slot]! + 1
  const subprog = subprogramAt(session, target)
  if (subprog < 0) session.refuse(`verifier bug. No program starts at insn ${target}`, -EFAULT)
  if (session.subprograms[subprog]!.isGlobal) return callGlobal(session, subprog)
  const caller = session.frame
  const callee = enterFrame(session, state, subprog, slot)
  callee.inCallback = false
  for (let i = 1; i <= 5; i++) {
    callee.regs[i] = caller.regs[i]!
    callee.live[i] = caller.live[i]!
  }
  clearCallerSaved(session, caller)
  session.insn = target
  if (!session.log.enabled) return
  session.say('caller:')
  session.say(session.wholeText(caller))
  session.say('callee:')
  session.say(session.wholeText(callee))
}

const leaveCallback = (session: Session, callee: Frame): void => {
  const r0 = callee.regs[0]!
  if (r0.type !== SCALAR) session.refuse('R0 not a scalar value', -EACCES)
  markRegRead(session, callee.number, 0)
  markPrecise(session, 0)
  checkRange(session, r0, { min: callee.callbackMin, max: callee.callbackMax, low: false }, 'At callback return', 'R0')
}

/** The current function returns to its caller; a callback to the call that ran it, which is walked again. */
export const returnToCaller = (session: Session): void => {
  const { state } = session
  const callee = session.frame
  const r0 = callee.regs[0]!
  if (r0.type === PTR_TO_STACK) session.refuse('cannot return stack pointer to the caller', -EINVAL)
  const caller = state.frames[state.frames.length - 2]!
  if (callee.inCallback) leaveCallback(session, callee)
  else {
    if ((callee.live[0]! & LIVE_WRITTEN) === 0) markRegRead(session, callee.number, 0)
    caller.regs[0] = r0
    caller.live[0]! |= LIVE_WRITTEN
    caller.refs = callee.refs
  }
  const repeats = callee.inCallback && session.kernel.features.callbackRounds
  session.insn = repeats ? callee.callsite : callee.callsite + 1
  if (session.log.enabled) {
    session.say('returning from callee:')
    session.say(session.wholeText(callee))
    session.say(`to caller at ${session.insn}:`)
    session.say(session.wholeText(caller))
    session.clearScratches()
  }
  state.frames.pop()
  if (!repeats) return
  const previous = previousEntry(session, state, session.insn)
  if (previous !== null) widenAgainst(session, previous, state)
}
