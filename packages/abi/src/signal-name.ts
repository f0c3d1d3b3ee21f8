/** Names of signals. */
import * as signal from './signal.ts'
import { SIGRTMIN, _NSIG } from './signal.ts'
import { nameTable } from './name-table.ts'

export const signalTable = /* @__PURE__ */ nameTable(signal, /^SIG(?!_|RT|STKSZ)/, ['SIGIOT', 'SIGPOLL', 'SIGUNUSED'])

/** `SIGKILL`, `SIGRTMIN+3`; a number that is not a signal is printed as a number. */
export const signalName = (sig: number): string =>
  signalTable.nameOf(sig) ??
  (sig === SIGRTMIN ? 'SIGRTMIN' : sig > SIGRTMIN && sig <= _NSIG ? `SIGRTMIN+${sig - SIGRTMIN}` : String(sig))

/** The number of `SIGTERM` or `TERM`. */
export const signalByName = (name: string): number | undefined =>
  signalTable.numberOf(name) ?? signalTable.numberOf(`SIG${name}`)
