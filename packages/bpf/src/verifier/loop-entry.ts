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

/**
 * The current path ends: states that have no path left are finished. Nobody walks back through a finished state: what
 * leads away from it is let go, or a long verification would keep every way it came.
 */
export const finishBranch = (current: State): void => {
  let state: State | null = current
  while (state !== null) {
    state.branches--
    if (state.branches > 0) return
    const parent: State | null = state.parent
    if (parent !== null && state.loopEntry !== null) updateLoopEntry(parent, state.loopEntry)
    state.parent = null
    state.history = null
    state = parent
  }
}
