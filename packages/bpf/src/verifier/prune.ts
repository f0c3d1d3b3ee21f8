/** Stored states: when one is made, when it ends the current path, when it is given up. */
import { EINVAL } from '@lsmkit/abi'
import { noteInsn } from './history.ts'
import { propagateLiveness } from './liveness.ts'
import { loopEntryOf, updateLoopEntry } from './loop-entry.ts'
import { propagatePrecision } from './precision.ts'
import { ANY_SCALAR, NONE } from './reg.ts'
import type { Reg } from './reg.ts'
import { ITER_ACTIVE, SCALAR, STACK_INVALID, STACK_ITER, STACK_SPILL } from './reg-type.ts'
import { EXACT, exactly, IdMap, mayLoop, NOT_EXACT, RANGE_WITHIN, sameCallsites, sameStates } from './same.ts'
import type { Session, Stored } from './session.ts'
import { CALLS_CALLBACK, FORCE_CHECKPOINT, ITER_NEXT, JUMP_POINT, MAY_GOTO, TEST_STATE_FREQ } from './session.ts'
import type { Frame, State } from './state.ts'
import { copyState, LIVE_DONE, LIVE_READ } from './state.ts'

const LONG_HISTORY = 40
/** States at one instruction that a loader without CAP_BPF may have. */
const MAX_STATES_UNPRIVILEGED = 64

const cleanFrame = (frame: Frame): void => {
  for (let i = 0; i < 10; i++) {
    frame.live[i]! |= LIVE_DONE
    if ((frame.live[i]! & LIVE_READ) === 0) frame.regs[i] = NONE
  }
  for (let slot = 0; slot < frame.slots.length; slot++) {
    frame.slotLive[slot]! |= LIVE_DONE
    if ((frame.slotLive[slot]! & LIVE_READ) !== 0) continue
    frame.slots[slot] = NONE
    frame.kinds.fill(STACK_INVALID, slot * 8, slot * 8 + 8)
  }
}

/** Finished states forget what no continuation has read. */
const clean = (list: readonly Stored[], current: State): void => {
  for (const { state } of list) {
    if (state.branches > 0 || (state.frames[0]!.live[0]! & LIVE_DONE) !== 0) continue
    const entry = loopEntryOf(state)
    if (entry !== null && entry.branches > 0) continue
    if (sameCallsites(state, current)) for (const frame of state.frames) cleanFrame(frame)
  }
}

const activeDepthsDiffer = (old: State, current: State): boolean =>
  old.frames.some((frame, f) =>
    frame.slots.some((reg, slot) =>
      frame.kinds[slot * 8] === STACK_ITER && reg.kind === ITER_ACTIVE &&
        current.frames[f]!.slots[slot]!.first !== reg.first))

/** The iterator that R1 of the current frame points to is active. */
const iteratorIsActive = (state: State): boolean => {
  const r1 = state.frame.regs[1]!
  const slot = ((-(r1.off + r1.num.vl) - 1) >> 3)
  return state.frames[r1.frame]?.slots[slot]?.kind === ITER_ACTIVE
}

const refuseLoop = (session: Session, old: State): never => {
  session.sourceLine(session.insn)
  session.say(`infinite loop detected at insn ${session.insn}`)
  session.say(`cur state:${session.wholeText()}`)
  return session.refuse(`old state:${session.wholeText(old.frame)}`, -EINVAL)
}

const wasHit = (session: Session, stored: Stored): boolean => {
  const { state: old } = stored
  const current = session.state
  const marks = session.marks[session.insn]!
  if (old.branches === 0) {
    const entry = loopEntryOf(old)
    const open = entry !== null && entry.branches > 0
    if (!sameStates(session, old, current, open ? RANGE_WITHIN : NOT_EXACT)) return false
    if (open) updateLoopEntry(current, entry)
    return true
  }
  const frame = old.frame
  if (frame.inAsync && frame.asyncEntry !== current.frame.asyncEntry) return false
  if ((marks & ITER_NEXT) !== 0) {
    if (!sameStates(session, old, current, RANGE_WITHIN) || !iteratorIsActive(current)) return false
    updateLoopEntry(current, old)
    return true
  }
  if ((marks & MAY_GOTO) !== 0 && old.mayGotoDepth !== current.mayGotoDepth &&
    sameStates(session, old, current, RANGE_WITHIN)) {
    updateLoopEntry(current, old)
    return true
  }
  if ((marks & CALLS_CALLBACK) !== 0) return sameStates(session, old, current, RANGE_WITHIN)
  const level = session.kernel.features.exactLoops ? EXACT : NOT_EXACT
  if (mayLoop(old, current) && sameStates(session, old, current, level) && !activeDepthsDiffer(old, current) &&
    old.mayGotoDepth === current.mayGotoDepth &&
    old.callbackUnrollDepth === current.callbackUnrollDepth) refuseLoop(session, old)
  return false
}

const store = (session: Session, list: Stored[]): void => {
  const { state } = session
  session.totalStates++
  session.peakStates++
  session.jumpsAtState = session.jumps
  session.processedAtState = session.processed
  const stored = copyState(state)
  stored.branches = 1
  list.push({ state: stored, hits: 0, misses: 0 })
  state.parent = stored
  state.branches = 1
  state.firstInsn = session.insn
  state.history = null
  state.dfsDepth = stored.dfsDepth + 1
  for (const frame of state.frames) {
    frame.linked = true
    frame.live.fill(0)
    frame.slotLive.fill(0)
  }
}

/**
 * True: a stored state covers the current one and the path may end. False: it goes on; the state may have been
 * stored.
 */
export const visit = (session: Session): boolean => {
  const { state, insn } = session
  const marks = session.marks[insn]!
  const force = (session.flags & TEST_STATE_FREQ) !== 0 || (marks & FORCE_CHECKPOINT) !== 0 ||
    (state.history !== null && state.history.count > LONG_HISTORY)
  const jumps = session.jumps - session.jumpsAtState
  const processed = session.processed - session.processedAtState
  let add = force || (jumps >= 2 && processed >= 8)
  const list = session.storedAt(insn)
  clean(list, state)
  if (session.maxStatesPerInsn < list.length) session.maxStatesPerInsn = list.length
  for (let i = list.length - 1; i >= 0; i--) {
    const stored = list[i]!
    const open = stored.state.branches > 0
    if (wasHit(session, stored)) {
      stored.hits++
      propagateLiveness(session, stored.state)
      if ((marks & JUMP_POINT) !== 0) noteInsn(session)
      propagatePrecision(session, stored.state)
      return true
    }
    if (open && !force && jumps < 20 && processed < 100) add = false
    if (add) stored.misses++
    const patience = (marks & FORCE_CHECKPOINT) !== 0 && open ? 64 : 3
    if (stored.misses > stored.hits * patience + patience) {
      list.splice(i, 1)
      if ((stored.state.frames[0]!.live[0]! & LIVE_DONE) !== 0 && !stored.state.usedAsLoopEntry) session.peakStates--
    }
  }
  if (add && (session.hasBpf || list.length <= MAX_STATES_UNPRIVILEGED)) store(session, list)
  return false
}

const widened = (old: Reg, current: Reg, precise: boolean, ids: IdMap): Reg | null => {
  if (old.type !== SCALAR || current.type !== SCALAR || precise) return null
  return exactly(old, current, ids) ? null : ANY_SCALAR
}

/**
 * A loop comes round again: scalars that changed and whose exact value nobody needed become unknown in `state`,
 * so that iterations converge.
 */
export const widenAgainst = (session: Session, old: State, state: State): void => {
  const ids = new IdMap(session.ids)
  for (const [f, frame] of state.frames.entries()) {
    const before = old.frames[f]!
    for (let i = 0; i < 10; i++) {
      const wide = widened(before.regs[i]!, frame.regs[i]!, before.precise[i] === 1, ids)
      if (wide !== null) frame.regs[i] = wide
    }
    const slots = Math.min(frame.slots.length, before.slots.length)
    for (let slot = 0; slot < slots; slot++) {
      if (before.kinds[slot * 8] !== STACK_SPILL || frame.kinds[slot * 8] !== STACK_SPILL) continue
      const wide = widened(before.slots[slot]!, frame.slots[slot]!, before.slotPrecise[slot] === 1, ids)
      if (wide !== null) frame.slots[slot] = wide
    }
  }
}

/** The most recent state at `insn` that is on the current path. */
export const previousEntry = (session: Session, state: State, insn: number): State | null => {
  const list = session.storedAt(insn)
  for (let i = list.length - 1; i >= 0; i--) {
    const old = list[i]!.state
    if (old.branches > 0 && old.dfsDepth < state.dfsDepth && sameCallsites(old, state)) return old
  }
  return null
}
