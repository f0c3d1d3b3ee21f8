/** A run that begins once the host of programs is there. A signal or a size that comes before waits for it. */
import type { Running } from './box-port.ts'

/** `begin` is called when `ready` settles. The run rejects with an error that it throws. */
export const lateRun = (ready: Promise<unknown>, begin: () => Running): Running => {
  let running: Running | null = null
  const waiting: ((begun: Running) => void)[] = []
  const whenBegun = (act: (begun: Running) => void): void => {
    if (running === null) waiting.push(act)
    else act(running)
  }
  return {
    end: ready.then(() => {
      running = begin()
      for (const act of waiting.splice(0)) act(running)
      return running.end
    }),
    kill: (signal) => whenBegun((begun) => begun.kill(signal)),
    resize: (size) => whenBegun((begun) => begun.resize(size)),
  }
}
