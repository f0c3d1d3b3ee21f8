/** Turns of the host's event loop: programs that keep one another busy would otherwise keep it from its own work. */
import { now } from '../clock.ts'

/** Milliseconds that programs run before the loop gets its turn. */
const SLICE = 8

/** Calls after which it is looked whether a turn is due: the slowest of them take half a millisecond. */
export const TURN_STRIDE = 16

let lastTurn = -Infinity

export const isTurnDue = (): boolean => now() - lastTurn > SLICE

/**
 * The same for one program. A new one has a slice to itself, in which it does what others rely on: a server that was
 * started with `&` listens before its client asks.
 */
export const turnsOfProgram = (): (() => boolean) => {
  let since: number | null = null
  return () => {
    if (!isTurnDue()) return false
    since ??= now()
    return now() - since > SLICE
  }
}

/** When the loop has come round. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    comeRound(() => {
      lastTurn = now()
      resolve()
    })
  })

/** Node has a call for it. A message does it everywhere; the timers of browsers wait longer and longer. */
const comeRound = (then: () => void): void => {
  const { setImmediate } = globalThis as { setImmediate?: (step: () => void) => void }
  if (setImmediate !== undefined) return setImmediate(then)
  const { port1, port2 } = new MessageChannel()
  port1.addEventListener('message', () => {
    port1.close()
    then()
  })
  port1.start()
  port2.postMessage(null)
}
