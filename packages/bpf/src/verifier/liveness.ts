/**
 * Which registers and slots of stored states a continuation has read: only those must agree for two states to be
 * alike.
 */
import type { Session } from './session.ts'
import type { State } from './state.ts'
import { LIVE_READ, LIVE_WRITTEN } from './state.ts'

/**
 * Frame number in the parent state whose register a register of `frame` was, -1 for none. Arguments of a function
 * entered since then were its caller's registers.
 */
const frameInParent = (state: State, frame: number, index: number, isSlot: boolean): number => {
  let f = frame
  while (!state.frames[f]!.linked) {
    if (f === 0 || isSlot || index < 1 || index > 5) return -1
    f--
  }
  return f
}

const readUp = (session: Session, start: number, index: number, isSlot: boolean): void => {
  let { state } = session
  let frame = start
  let count = 0
  for (;;) {
    const own = state.frames[frame]!
    if (((isSlot ? own.slotLive[index]! : own.live[index]!) & LIVE_WRITTEN) !== 0 || state.parent === null) break
    frame = frameInParent(state, frame, index, isSlot)
    const parent = frame < 0 ? undefined : state.parent.frames[frame]
    if (parent === undefined || (isSlot && index >= parent.slots.length)) break
    const marks = isSlot ? parent.slotLive : parent.live
    if ((marks[index]! & LIVE_READ) !== 0) break
    marks[index]! |= LIVE_READ
    state = state.parent
    count++
  }
  if (session.longestMarkRead < count) session.longestMarkRead = count
}

/** The current path reads a register: the stored states it came through depended on it, up to the last write. */
export const markRegRead = (session: Session, frame: number, index: number): void => {
  readUp(session, frame, index, false)
}

export const markSlotRead = (session: Session, frame: number, index: number): void => {
  readUp(session, frame, index, true)
}

/** The current path stops because `old` is like it: what was read after `old` is read after the current one too. */
export const propagateLiveness = (session: Session, old: State): void => {
  const current = session.state
  for (let f = 0; f < old.frames.length; f++) {
    const frame = old.frames[f]!
    const own = current.frames[f]!
    const first = f < old.frames.length - 1 ? 6 : 0
    for (let i = first; i < 10; i++) if ((frame.live[i]! & LIVE_READ) !== 0) inherit(session, f, i, false)
    const slots = Math.min(frame.slots.length, own.slots.length)
    for (let i = 0; i < slots; i++) if ((frame.slotLive[i]! & LIVE_READ) !== 0) inherit(session, f, i, true)
  }
}

/** As `readUp` from the parent of the current state, whose own writes come before the state that matched. */
const inherit = (session: Session, f: number, index: number, isSlot: boolean): void => {
  const frame = session.state.frames[f]!
  const marks = isSlot ? frame.slotLive : frame.live
  if ((marks[index]! & LIVE_READ) !== 0) return
  marks[index]! |= LIVE_READ
  readUp(session, f, index, isSlot)
}
