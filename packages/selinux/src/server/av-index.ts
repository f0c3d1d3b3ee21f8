/**
 * Access rules by (class, source): what is granted, audited and not audited from a type or attribute to others.
 *
 * Conditional rules are in the same entries: a disabled one adds nothing, and changing a boolean writes the masks of
 * the entries it touches anew. So deciding never looks at conditions.
 */
import { AVTAB_ALLOWED, AVTAB_AUDITALLOW, AVTAB_AUDITDENY } from '../policydb/constants.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { buildAvIndex, hashHead } from './av-index-build.ts'
import type { ConditionalRules, Masks } from './av-index-build.ts'
import type { AvDecision } from './decision.ts'
import type { TypeTable } from './type-table.ts'

export class AvIndex {
  readonly #types: TypeTable
  /** Hash table of (class, source): the word, and the number of its bucket + 1. */
  readonly #cells: Int32Array
  readonly #shift: number
  readonly #mask: number
  /** By bucket: its first entry, and the first that is for a plain type; entries are sorted by target. */
  readonly #starts: Uint32Array
  readonly #plain: Uint32Array
  /** By entry: place of the target, and masks as booleans have them now. */
  readonly #targets: Uint16Array
  readonly #allowed: Int32Array
  readonly #auditallow: Int32Array
  readonly #auditdeny: Int32Array
  readonly #conditional: ConditionalRules
  /** By conditional rule: masks of its entry without any of them. */
  readonly #base: Masks
  /** By place: the decision in which it was last among the target's. */
  readonly #stamps: Int32Array
  #stamp = 0

  /** Throws PolicyError for a rule that is there twice. */
  constructor(policy: Policydb, types: TypeTable) {
    const { table, starts, plain, targets, masks, conditional } = buildAvIndex(policy, types)
    this.#types = types
    this.#cells = table
    this.#mask = table.length / 2 - 1
    this.#shift = Math.clz32(this.#mask)
    this.#starts = starts
    this.#plain = plain
    this.#targets = targets
    this.#allowed = masks.allowed
    this.#auditallow = masks.auditallow
    this.#auditdeny = masks.auditdeny
    this.#conditional = conditional
    const { entry } = conditional
    const of = (column: Int32Array): Int32Array => {
      const picked = new Int32Array(entry.length)
      for (let i = 0; i < entry.length; i++) picked[i] = column[entry[i]!]!
      return picked
    }
    this.#base = { allowed: of(masks.allowed), auditallow: of(masks.auditallow), auditdeny: of(masks.auditdeny) }
    this.#stamps = new Int32Array(types.place.length)
  }

  /** Enables the rules of the true side where `states` is 1, those of the false side where it is 0. */
  enable(states: Uint8Array): void {
    const { entry, kind, datum, side } = this.#conditional
    for (let i = 0; i < entry.length; i++) {
      const of = entry[i]!
      this.#allowed[of] = this.#base.allowed[i]!
      this.#auditallow[of] = this.#base.auditallow[i]!
      this.#auditdeny[of] = this.#base.auditdeny[i]!
    }
    for (let i = 0; i < entry.length; i++) {
      if (states[side[i]! >>> 1] === (side[i]! & 1)) continue
      const of = entry[i]!
      if (kind[i] === AVTAB_ALLOWED) this.#allowed[of]! |= datum[i]!
      else if (kind[i] === AVTAB_AUDITALLOW) this.#auditallow[of]! |= datum[i]!
      else if (kind[i] === AVTAB_AUDITDENY) this.#auditdeny[of]! &= datum[i]!
    }
  }

  /** Adds to `out` what the rules between two types say of a class, by value each. */
  collect(source: number, target: number, tclass: number, out: AvDecision): void {
    const types = this.#types
    const cells = this.#cells
    const shift = this.#shift
    const mask = this.#mask
    const starts = this.#starts
    const plain = this.#plain
    const targets = this.#targets
    const stamps = this.#stamps
    const { list, start } = types
    if (this.#stamp === 0x7fffffff) {
      stamps.fill(0)
      this.#stamp = 0
    }
    const stamp = ++this.#stamp
    for (let i = start[target]!, end = start[target + 1]!; i < end; i++) stamps[list[i]!] = stamp
    const own = types.place[target]!
    let allowed = out.allowed
    let auditallow = out.auditallow
    let auditdeny = out.auditdeny
    for (let i = start[source]!, end = start[source + 1]!; i < end; i++) {
      const head = (tclass << 16) | list[i]!
      let at = hashHead(head) >>> shift
      let found = cells[2 * at]!
      while (found !== 0 && found !== head) {
        at = (at + 1) & mask
        found = cells[2 * at]!
      }
      if (found === 0) continue
      const bucket = cells[2 * at + 1]! - 1
      let low = plain[bucket]!
      for (let entry = starts[bucket]!; entry < low; entry++) {
        if (stamps[targets[entry]!] !== stamp) continue
        allowed |= this.#allowed[entry]!
        auditallow |= this.#auditallow[entry]!
        auditdeny &= this.#auditdeny[entry]!
      }
      let high = starts[bucket + 1]!
      while (low < high) {
        const middle = (low + high) >>> 1
        if (targets[middle]! < own) low = middle + 1
        else high = middle
      }
      if (low < starts[bucket + 1]! && targets[low] === own) {
        allowed |= this.#allowed[low]!
        auditallow |= this.#auditallow[low]!
        auditdeny &= this.#auditdeny[low]!
      }
    }
    out.allowed = allowed
    out.auditallow = auditallow
    out.auditdeny = auditdeny
  }
}
