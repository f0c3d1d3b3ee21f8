/** Sets of input symbols: the 256 bytes, and the out-of-band symbol that no byte can stand for. */

/** The symbol of an out-of-band step (`aa_dfa_outofband_transition`). */
export const OUT_OF_BAND = 256
export const SYMBOLS = 257

/** A set of symbols. Equal sets have equal keys. `wide` marks a set that was written as its complement. */
export interface ByteSet {
  readonly key: string
  readonly symbols: readonly number[]
  readonly wide: boolean
}

const known = new Map<string, ByteSet>()
/** More than any policy has; beyond it sets are made without being shared. */
const SHARED_SETS = 10_000

const intern = (symbols: readonly number[], wide: boolean): ByteSet => {
  const key = `${wide ? '^' : ''}${symbols.join()}`
  const found = known.get(key)
  if (found !== undefined) return found
  const made = { key, symbols, wide }
  if (known.size < SHARED_SETS) known.set(key, made)
  return made
}

/** One set a byte, made once: most of a policy is plain characters. */
const singles: readonly ByteSet[] = Array.from({ length: SYMBOLS }, (_, symbol) => intern([symbol], false))

export const singleByte = (symbol: number): ByteSet => singles[symbol]!

export const setOf = (bytes: Iterable<number>): ByteSet =>
  intern([...new Set(bytes)].sort((a, b) => a - b), false)

/** All bytes that are not in `bytes`; the out-of-band symbol is never in it. */
export const setWithout = (bytes: Iterable<number>): ByteSet => {
  const left = new Set(bytes)
  return intern(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !left.has(byte)), true)
}

/** `.`: any byte, NUL too. */
export const ANY_BYTE: ByteSet = setWithout([])
