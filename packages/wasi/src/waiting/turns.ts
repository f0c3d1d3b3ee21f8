/** Turns of the host's event loop: programs that keep one another busy would otherwise keep it from its own work. */

/** Milliseconds that programs run before the loop gets its turn. */
const SLICE = 8

let lastTurn = -Infinity

export const isTurnDue = (): boolean => performance.now() - lastTurn > SLICE

/** When the loop has come round. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    const goOn = (): void => {
      lastTurn = performance.now()
      resolve()
    }
    if (typeof setImmediate === 'function') setImmediate(goOn)
    else throughChannel(goOn)
  })

/** A browser's timers wait longer and longer; its messages do not. */
const throughChannel = (goOn: () => void): void => {
  const { port1, port2 } = new MessageChannel()
  port1.addEventListener('message', () => {
    port1.close()
    goOn()
  })
  port1.start()
  port2.postMessage(null)
}
