/** A policy: pairs of a source and a destination id. Lookups, and the check that no destination is a way out. */

/** No rule has this source. */
export const SIDPOL_DEFAULT = 0
/** Rules have this source, and none of them this destination. */
export const SIDPOL_CONSTRAINED = 1
/** A rule names both. */
export const SIDPOL_ALLOWED = 2
export type SidPolicy = typeof SIDPOL_DEFAULT | typeof SIDPOL_CONSTRAINED | typeof SIDPOL_ALLOWED

/** (uid_t) -1: no valid id, so that a lookup of it shows whether its source is constrained at all. */
export const INVALID_ID = 0xffffffff

/** Bytes of a rule. */
export const RULE_SIZE = 8

/** Words of a rule in the order of their weight, so that sorting 64-bit numbers sorts by source and destination. */
const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1
const SRC = isLittleEndian ? 1 : 0
const DST = 1 - SRC

export class SetidRules {
  /** Two words a rule, sorted. */
  readonly #words: Uint32Array

  private constructor(words: Uint32Array) {
    this.#words = words
  }

  /** Of pairs in any order; null when one is there twice. */
  static of(pairs: readonly number[]): SetidRules | null {
    const words = new Uint32Array(pairs.length)
    for (let i = 0; i < pairs.length; i += 2) {
      words[i + SRC] = pairs[i]!
      words[i + DST] = pairs[i + 1]!
    }
    const rules = new BigUint64Array(words.buffer).sort()
    for (let i = 1; i < rules.length; i++) if (rules[i] === rules[i - 1]) return null
    return new SetidRules(words)
  }

  static readonly empty = new SetidRules(new Uint32Array(0))

  get size(): number {
    return this.#words.length / 2
  }

  /** As `_setid_policy_lookup`. */
  lookup(src: number, dst: number): SidPolicy {
    const words = this.#words
    const at = this.#firstFrom(src, dst)
    if (at < words.length && words[at + SRC] === src && words[at + DST] === dst) return SIDPOL_ALLOWED
    const hasBehind = at < words.length && words[at + SRC] === src
    return hasBehind || (at > 0 && words[at - 2 + SRC] === src) ? SIDPOL_CONSTRAINED : SIDPOL_DEFAULT
  }

  /**
   * As `verify_ruleset`: a destination that no rule has as its source would be free of all rules once it is reached. It
   * is given the rule that leads to itself, and `onWayOut` is called. Gives the policy that holds.
   */
  closed(onWayOut: (src: number, dst: number) => void): SetidRules {
    const added = new Set<number>()
    for (let i = 0; i < this.#words.length; i += 2) {
      const dst = this.#words[i + DST]!
      if (added.has(dst) || this.lookup(dst, INVALID_ID) !== SIDPOL_DEFAULT) continue
      onWayOut(this.#words[i + SRC]!, dst)
      added.add(dst)
    }
    return added.size === 0 ? this : SetidRules.of([...this.#pairs(), ...[...added].flatMap((id) => [id, id])])!
  }

  #pairs(): number[] {
    return Array.from(this.#words, (_, i) => this.#words[i - (i % 2) + (i % 2 === 0 ? SRC : DST)]!)
  }

  /** Where the first rule that is not before (src, dst) begins. */
  #firstFrom(src: number, dst: number): number {
    const words = this.#words
    let low = 0
    let high = words.length / 2
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = middle * 2
      const isBefore = words[at + SRC]! < src || (words[at + SRC] === src && words[at + DST]! < dst)
      if (isBefore) low = middle + 1
      else high = middle
    }
    return low * 2
  }
}
