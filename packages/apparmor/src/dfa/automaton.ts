/** A deterministic automaton in sparse rows: a default target a state, and the symbol classes that lead elsewhere. */
import { OUT_OF_BAND } from './byte-set.ts'

/** The state that nothing leaves and nothing matches in. */
export const DEAD = 0

export interface Automaton {
  /** Symbols that no state tells apart are of one class: 257 entries, the out-of-band symbol last. */
  readonly classOf: Uint16Array
  readonly classes: number
  readonly start: number
  readonly size: number
  /** Where a byte leads whose class is not in the row. An out-of-band step that is not in the row leads nowhere. */
  readonly defaults: Int32Array
  /** Row `s` is `rowClasses` and `rowTargets` from `rows[s]` to `rows[s + 1]`, ascending by class. */
  readonly rows: Int32Array
  readonly rowClasses: Uint16Array
  readonly rowTargets: Int32Array
  /** The accepted value of a state: an index into a list of the caller's. 0 is nothing. */
  readonly accepts: Int32Array
}

export const outOfBandClass = ({ classOf }: Automaton): number => classOf[OUT_OF_BAND]!

/** One step by a symbol: a byte, or `OUT_OF_BAND`. */
export const step = (automaton: Automaton, state: number, symbol: number): number => {
  const wanted = automaton.classOf[symbol]!
  const end = automaton.rows[state + 1]!
  for (let i = automaton.rows[state]!; i < end; i++) {
    if (automaton.rowClasses[i] === wanted) return automaton.rowTargets[i]!
  }
  return symbol === OUT_OF_BAND ? DEAD : automaton.defaults[state]!
}
