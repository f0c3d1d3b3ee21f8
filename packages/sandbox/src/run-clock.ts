/**
 * The clock that runs are measured by: it stands still while the files of a box are copied, for that is work of ours
 * that a program neither asked for nor can avoid. All boxes of a thread wait for it, so they have the clock in common.
 */
let stood = 0

/** The host's own: shells take `performance.now` away from their scripts, and we are called in the middle of one. */
const now = performance.now.bind(performance)

/** Milliseconds from a fixed point. */
export const runClock = (): number => now() - stood

/** The time of `step` counts for no run. */
export const withClockStopped = <T>(step: () => T): T => {
  const began = now()
  try {
    return step()
  } finally {
    stood += now() - began
  }
}
