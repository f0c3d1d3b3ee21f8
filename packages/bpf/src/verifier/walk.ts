/** The walk: one instruction after another, one path after another, until every path ended safely or one did not. */
import {
  BPF_ALU, BPF_ALU64, BPF_CALL, BPF_CLASS, BPF_EXIT, BPF_JA, BPF_JMP32, BPF_LD, BPF_LDX, BPF_OP, BPF_PSEUDO_CALL,
  BPF_PSEUDO_KFUNC_CALL, BPF_SRC, BPF_ST, BPF_STX, E2BIG, EFAULT, EINVAL,
} from '@lsmkit/abi'
import { checkAlu } from './alu.ts'
import { endsBefore, endsBehind, isCured } from './barriers.ts'
import { checkJump } from './branch.ts'
import { framePointer, inTreeCallback } from './callbacks.ts'
import { kfuncName } from './callback-calls.ts'
import { callSubprogram, returnToCaller } from './calls.ts'
import { argumentsOf, assumedArgument } from './global-args.ts'
import { callHelper } from './helper-call.ts'
import { noteInsn } from './history.ts'
import { callKfunc } from './kfunc-call.ts'
import { checkAtomic, checkLoad, checkStoreImm, checkStoreReg, isAtomic } from './load-store.ts'
import { finishBranch } from './loop-entry.ts'
import { checkPacketLoad } from './packet-load.ts'
import { visit } from './prune.ts'
import { checkLeaks } from './refs.ts'
import { pointer } from './reg.ts'
import { PTR_TO_CTX } from './reg-type.ts'
import { checkReturn } from './return-code.ts'
import type { Session } from './session.ts'
import { JUMP_POINT, PRUNE_POINT } from './session.ts'
import { LD_IMM64 } from './shape.ts'
import { newFrame, State } from './state.ts'
import { checkWideLoad } from './wide-load.ts'

const SPIN_UNLOCK = 94

/** Kfuncs that may run under a spin lock: those of lists, trees and their counters. */
const allowedUnderLock = new Set([
  'bpf_list_push_front_impl', 'bpf_list_push_back_impl', 'bpf_list_pop_front', 'bpf_list_pop_back',
  'bpf_rbtree_add_impl', 'bpf_rbtree_remove', 'bpf_rbtree_first', 'bpf_refcount_acquire_impl',
])

const GO = 0
/** The path ended. */
const END = 1
/** The path goes on in the caller. */
const RETURN = 2

const checkCall = (session: Session, slot: number): number => {
  const { code } = session
  const op = code.op[slot]!
  const src = code.src[slot]!
  const off = code.off[slot]!
  const dst = code.dst[slot]!
  const imm = code.imm[slot]!
  const lastKind = session.kernel.features.kfuncs ? BPF_PSEUDO_KFUNC_CALL : BPF_PSEUDO_CALL
  if (BPF_SRC(op) !== 0 || (src !== BPF_PSEUDO_KFUNC_CALL && off !== 0) || src > lastKind || dst !== 0)
    session.refuse('BPF_CALL uses reserved fields', -EINVAL)
  if (session.state.lock !== null) {
    const forbidden = (src === 0 && imm !== SPIN_UNLOCK) ||
      (src === BPF_PSEUDO_CALL && !session.kernel.features.callsUnderLock) ||
      (src === BPF_PSEUDO_KFUNC_CALL && !allowedUnderLock.has(kfuncName(session, slot)))
    if (forbidden) session.refuse('function calls are not allowed while holding a lock', -EINVAL)
  }
  session.scratchReg(0)
  if (src === BPF_PSEUDO_CALL) {
    callSubprogram(session, slot)
    return GO
  }
  session.entered = -1
  if (src === 0) callHelper(session, slot)
  else if (callKfunc(session, slot)) return checkExit(session, true)
  session.insn = session.entered >= 0 ? session.entered : slot + 1
  return GO
}

const checkExit = (session: Session, isException: boolean): number => {
  const { state } = session
  const nested = state.frames.length > 1
  const endsAll = !nested || isException || !session.kernel.features.sectionsAcrossFunctions
  if (state.lock !== null && endsAll && !inTreeCallback(session))
    session.refuse(isException
      ? 'bpf_throw cannot be used inside bpf_spin_lock-ed region' : 'bpf_spin_unlock is missing', -EINVAL)
  if (state.rcu > 0 && endsAll)
    session.refuse(isException
      ? 'bpf_throw cannot be used inside bpf_rcu_read_lock-ed region' : 'bpf_rcu_read_unlock is missing', -EINVAL)
  if (state.preempt > 0 && (isException || !nested)) {
    if (isException) session.refuse('bpf_throw cannot be used inside bpf_preempt_disable-ed region', -EINVAL)
    session.refuse(`${state.preempt} bpf_preempt_enable${state.preempt === 1 ? ' is' : '(s) are'} missing`, -EINVAL)
  }
  checkLeaks(session, isException)
  if (isException) return END
  if (nested) {
    returnToCaller(session)
    return RETURN
  }
  checkReturn(session, 0)
  return END
}

const checkJumpClass = (session: Session, slot: number): number => {
  const { code } = session
  const op = code.op[slot]!
  const operation = BPF_OP(op)
  session.jumps++
  const isJmp32 = BPF_CLASS(op) === BPF_JMP32
  const src = code.src[slot]!
  const dst = code.dst[slot]!
  const off = code.off[slot]!
  const imm = code.imm[slot]!
  if (operation === BPF_CALL) return checkCall(session, slot)
  if (operation === BPF_JA) {
    if (BPF_SRC(op) !== 0 || src !== 0 || dst !== 0 || (isJmp32 ? off !== 0 : imm !== 0))
      session.refuse('BPF_JA uses reserved fields', -EINVAL)
    session.insn = slot + 1 + (isJmp32 ? imm : off)
    return GO
  }
  if (operation === BPF_EXIT) {
    if (BPF_SRC(op) !== 0 || src !== 0 || dst !== 0 || imm !== 0 || isJmp32)
      session.refuse('BPF_EXIT uses reserved fields', -EINVAL)
    return checkExit(session, false)
  }
  checkJump(session, slot)
  return GO
}

/** Leaves `session.insn` at the next instruction. */
const step = (session: Session, slot: number): number => {
  const op = session.code.op[slot]!
  switch (BPF_CLASS(op)) {
    case BPF_ALU:
    case BPF_ALU64:
      checkAlu(session, slot)
      break
    case BPF_LDX:
      checkLoad(session, slot)
      break
    case BPF_STX:
      if (isAtomic(op)) checkAtomic(session, slot)
      else checkStoreReg(session, slot)
      break
    case BPF_ST:
      checkStoreImm(session, slot)
      break
    case BPF_LD:
      if (op !== LD_IMM64) {
        checkPacketLoad(session, slot)
        return GO
      }
      checkWideLoad(session, slot)
      session.insn = slot + 2
      return GO
    default:
      return checkJumpClass(session, slot)
  }
  session.insn = slot + 1
  return GO
}

/** A step that only a wrong guess takes: it ends where a barrier is, or must be. */
const guessedStep = (session: Session, slot: number): number => {
  if (endsBefore(session)) return END
  try {
    const next = step(session, slot)
    return endsBehind(session, slot) ? END : next
  } catch (error) {
    if (!isCured(session, slot, error)) throw error
    return END
  }
}

const showInsn = (session: Session, slot: number): void => {
  const { log } = session
  if (session.hasChanges) log.state(slot, session.changesText())
  session.sourceLine(slot)
  log.instruction(`${slot}: ${session.insnText(slot)}`)
}

/** The current path is done; true when another was waiting. */
const nextPath = (session: Session): boolean => {
  session.scratchAll()
  finishBranch(session.state)
  return session.pop()
}

const guess = ({ state }: Session): string => (state.speculative ? ' (speculative execution)' : '')

export const walk = (session: Session): void => {
  const { log, code } = session
  let showsState = false
  let previous = -1
  for (;;) {
    session.noted = false
    session.previous = previous
    const slot = session.insn
    if (slot >= code.length) session.refuse(`invalid insn idx ${slot} insn_cnt ${code.length}`, -EFAULT)
    if (++session.processed > session.insnLimit)
      session.refuse(`BPF program is too large. Processed ${session.processed} insn`, -E2BIG)
    session.state.lastInsn = previous
    const marks = session.marks[slot]!
    if ((marks & PRUNE_POINT) !== 0 && visit(session)) {
      const from = showsState ? `\nfrom ${previous} to ${slot}${guess(session)}` : `${slot}`
      if (log.enabled) session.say(`${from}: safe`)
      if (!nextPath(session)) return
      previous = session.previous
      showsState = true
      continue
    }
    if ((marks & JUMP_POINT) !== 0) noteInsn(session)
    if (log.verbose && showsState) {
      log.write(`\nfrom ${previous} to ${slot}${guess(session)}:${session.wholeText()}\n`)
      session.clearScratches()
      showsState = false
    }
    if (log.enabled) showInsn(session, slot)
    else if (session.anyScratchedSlot) session.clearScratches()
    if (!session.state.speculative) session.seen[slot] = 1
    previous = slot
    const next = session.state.speculative ? guessedStep(session, slot) : step(session, slot)
    if (next === GO) continue
    if (next === RETURN) {
      showsState = true
      continue
    }
    if (!nextPath(session)) return
    previous = session.previous
    showsState = true
  }
}

/**
 * The state in which a function is entered from outside: the program with its context, others with what their types
 * promise.
 */
export const entryState = (session: Session, subprog: number): State => {
  const state = new State()
  const frame = newFrame(-1, 0, subprog)
  frame.regs[10] = framePointer(0)
  state.frames.push(frame)
  state.branches = 1
  session.state = state
  const sub = session.subprograms[subprog]!
  state.firstInsn = sub.start
  if (subprog === 0) {
    frame.regs[1] = pointer(PTR_TO_CTX)
    return state
  }
  const types = argumentsOf(session, subprog)
  if (sub.isExceptionCallback) {
    frame.inException = true
    if (types.length !== 1 || types[0]!.kind !== 'scalar')
      session.refuse('exception cb only supports single integer argument', -EINVAL)
  }
  for (const [i, type] of types.entries()) frame.regs[i + 1] = assumedArgument(session, type)
  return state
}
