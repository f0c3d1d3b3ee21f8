/** Loops found by converging states: which state on the current path a finished state's loop began at. */
import type { State } from './state.ts'

/** The outermost known beginning of the state's loop; null when it is in none. */
export const loopEntryOf = (state: State): State | null => {
  let top = state.loopEntry
  while (top !== null && top.loopEntry !== null && top !== top.loopEntry) top = top.loopEntry
  for (let at: State | null = state; at !== null && at.loopEntry !== top;) {
    const next: State | null = at.loopEntry
    at.loopEntry = top
    at = next
  }
  return top
}

/** `state` reaches `header` again: if that is on the current path, the state belongs to its loop. */
export const updateLoopEntry = (state: State, header: State): void => {
  const own = loopEntryOf(state) ?? state
  const other = loopEntryOf(header) ?? header
  if (other.branches === 0 || other.dfsDepth > own.dfsDepth) return
  state.loopEntry = header
  header.usedAsLoopEntry = true
}

/** The current path ends: states that have no path left are finished. */
export const finishBranch = (current: State): void => {
  for (let state: State | null = current; state !== null; state = state.parent) {
    state.branches--
    if (state.branches > 0) return
    if (state.parent !== null && state.loopEntry !== null) updateLoopEntry(state.parent, state.loopEntry)
  }
}
