/**
 * Access rules by (class, source): what is granted, audited and not audited from a type or attribute to others.
 *
 * Conditional rules are in the same entries: a disabled one adds nothing, and changing a boolean writes the masks of
 * the entries it touches anew. So deciding never looks at conditions.
 */
import { AVTAB_ALLOWED, AVTAB_AUDITALLOW, AVTAB_AUDITDENY, AVTAB_AV, AVTAB_ENABLED } from '../policydb/constants.ts'
import type { Avtab } from '../policydb/avtab.ts'
import { PolicyError } from '../policydb/errors.ts'
import type { Policydb } from '../policydb/policydb.ts'
import type { AvDecision } from './decision.ts'
import type { TypeTable } from './type-table.ts'

/** Rules of one file in columns, those of conditionals behind the others. */
interface Columns {
  readonly count: number
  /** Rules from here on belong to conditionals. */
  readonly conditional: number
  /** Class and place of the source as one word; place of the target. */
  readonly head: Int32Array
  readonly target: Uint16Array
  readonly kind: Uint8Array
  readonly datum: Int32Array
  /** Of conditional rules, by number less `conditional`: twice the conditional, plus 1 for the rules of its false side. */
  readonly side: Uint32Array
}

const countAv = ({ specified, length }: Avtab): number => {
  let count = 0
  for (let i = 0; i < length; i++) if ((specified[i]! & AVTAB_AV) !== 0) count++
  return count
}

const columnsOf = ({ avtab, conditionals }: Policydb, { place }: TypeTable): Columns => {
  const conditional = countAv(avtab)
  let count = conditional
  for (const { whenTrue, whenFalse } of conditionals) count += countAv(whenTrue) + countAv(whenFalse)
  const head = new Int32Array(count)
  const target = new Uint16Array(count)
  const kind = new Uint8Array(count)
  const datum = new Int32Array(count)
  const side = new Uint32Array(count - conditional)
  let at = 0
  const take = (rules: Avtab, from: number): void => {
    for (let i = 0; i < rules.length; i++) {
      const specified = rules.specified[i]! & ~AVTAB_ENABLED
      if ((specified & AVTAB_AV) === 0) continue
      head[at] = (rules.tclass[i]! << 16) | place[rules.source[i]!]!
      target[at] = place[rules.target[i]!]!
      kind[at] = specified
      datum[at] = rules.datum[i]!
      if (from >= 0) side[at - conditional] = from
      at++
    }
  }
  take(avtab, -1)
  for (const [i, { whenTrue, whenFalse }] of conditionals.entries()) {
    take(whenTrue, 2 * i)
    take(whenFalse, 2 * i + 1)
  }
  return { count, conditional, head, target, kind, datum, side }
}

/** The numbers 0 to n - 1 in ascending order of their keys, equal ones in their own order. */
const orderBy = (key: Uint16Array, keys: number): Uint32Array => {
  const next = new Uint32Array(keys + 1)
  for (let i = 0; i < key.length; i++) next[key[i]! + 1]!++
  for (let k = 0; k < keys; k++) next[k + 1]! += next[k]!
  const order = new Uint32Array(key.length)
  for (let i = 0; i < key.length; i++) order[next[key[i]!]!++] = i
  return order
}

const hash = (head: number): number => Math.imul(head ^ (head >>> 15), 0x9e3779b1)

export class AvIndex {
  private readonly types: TypeTable
  /** Hash table of (class, source): the word, and the number of its bucket + 1. */
  private readonly cells: Int32Array
  private readonly shift: number
  private readonly mask: number
  /** By bucket: its first entry, and the first that is for a plain type; entries are sorted by target. */
  private readonly starts: Uint32Array
  private readonly plain: Uint32Array
  /** By entry. */
  private readonly targets: Uint16Array
  private readonly allowed: Int32Array
  private readonly auditallow: Int32Array
  private readonly auditdeny: Int32Array
  /** Conditional rules: entry, kind, datum, side, as in the columns; and the entries' masks without any of them. */
  private readonly conditional: {
    readonly entry: Uint32Array; readonly kind: Uint8Array; readonly datum: Int32Array; readonly side: Uint32Array
  }
  private readonly base: { readonly allowed: Int32Array; readonly auditallow: Int32Array; readonly auditdeny: Int32Array }
  /** By place: the decision in which it was last among the target's. */
  private readonly stamps: Int32Array
  private stamp = 0

  constructor(policy: Policydb, types: TypeTable) {
    this.types = types
    const columns = columnsOf(policy, types)
    const { count, conditional, head, target, kind, datum, side } = columns
    let cells = 64
    while (cells < 2 * Math.min(count, 1 << 24)) cells *= 2
    let table = new Int32Array(2 * cells)
    const bucketOf = new Uint32Array(count)
    const sizes: number[] = []
    const shift = Math.clz32(cells - 1)
    for (let i = 0; i < count; i++) {
      let at = hash(head[i]!) >>> shift
      while (table[2 * at] !== 0 && table[2 * at] !== head[i]) at = (at + 1) & (cells - 1)
      if (table[2 * at] === 0) {
        table[2 * at] = head[i]!
        table[2 * at + 1] = sizes.push(0)
      }
      const bucket = table[2 * at + 1]! - 1
      bucketOf[i] = bucket
      sizes[bucket]!++
    }
    // The table was sized for a bucket a rule; there are far fewer.
    let small = 64
    while (small < 2 * sizes.length) small *= 2
    if (small < cells) {
      const old = table
      table = new Int32Array(2 * small)
      for (let cell = 0; cell < old.length; cell += 2) {
        if (old[cell] === 0) continue
        let at = hash(old[cell]!) >>> Math.clz32(small - 1)
        while (table[2 * at] !== 0) at = (at + 1) & (small - 1)
        table[2 * at] = old[cell]!
        table[2 * at + 1] = old[cell + 1]!
      }
      cells = small
    }
    this.cells = table
    this.mask = cells - 1
    this.shift = Math.clz32(cells - 1)

    const next = new Uint32Array(sizes.length + 1)
    for (const [bucket, size] of sizes.entries()) next[bucket + 1] = next[bucket]! + size
    const sorted = new Uint32Array(count)
    const byTarget = orderBy(target, types.place.length)
    for (let i = 0; i < count; i++) {
      const rule = byTarget[i]!
      sorted[next[bucketOf[rule]!]!++] = rule
    }

    this.starts = new Uint32Array(sizes.length + 1)
    this.plain = new Uint32Array(sizes.length)
    this.stamps = new Int32Array(types.place.length)
    const targets = new Uint16Array(count)
    const allowed = new Int32Array(count)
    const auditallow = new Int32Array(count)
    const auditdeny = new Int32Array(count).fill(-1)
    const ruleEntry = new Uint32Array(count - conditional)
    const seen = new Uint8Array(count)
    let entry = -1
    let at = 0
    for (let bucket = 0; bucket < sizes.length; bucket++) {
      this.starts[bucket] = entry + 1
      this.plain[bucket] = entry + 1
      for (let left = sizes[bucket]!, last = -1; left > 0; left--) {
        const rule = sorted[at++]!
        if (target[rule] !== last) {
          last = target[rule]!
          targets[++entry] = last
          if (last < types.attributes) this.plain[bucket] = entry + 1
        }
        if (rule >= conditional) {
          ruleEntry[rule - conditional] = entry
          continue
        }
        const mask = datum[rule]!
        const of = kind[rule]!
        if ((seen[entry]! & of) !== 0) throw new PolicyError('duplicate', 'an access rule is there twice')
        seen[entry]! |= of
        if (of === AVTAB_ALLOWED) allowed[entry] = mask
        else if (of === AVTAB_AUDITALLOW) auditallow[entry] = mask
        else auditdeny[entry] = mask
      }
    }
    this.starts[sizes.length] = entry + 1
    this.targets = targets.slice(0, entry + 1)
    this.allowed = allowed.slice(0, entry + 1)
    this.auditallow = auditallow.slice(0, entry + 1)
    this.auditdeny = auditdeny.slice(0, entry + 1)
    this.conditional = { entry: ruleEntry, kind: kind.slice(conditional), datum: datum.slice(conditional), side }
    this.base = {
      allowed: Int32Array.from(ruleEntry, (of) => allowed[of]!),
      auditallow: Int32Array.from(ruleEntry, (of) => auditallow[of]!),
      auditdeny: Int32Array.from(ruleEntry, (of) => auditdeny[of]!),
    }
  }

  /** Enables the rules of the true side where `states` is 1, those of the false side where it is 0. */
  enable(states: Uint8Array): void {
    const { entry, kind, datum, side } = this.conditional
    for (let i = 0; i < entry.length; i++) {
      const of = entry[i]!
      this.allowed[of] = this.base.allowed[i]!
      this.auditallow[of] = this.base.auditallow[i]!
      this.auditdeny[of] = this.base.auditdeny[i]!
    }
    for (let i = 0; i < entry.length; i++) {
      if (states[side[i]! >>> 1] === (side[i]! & 1)) continue
      const of = entry[i]!
      if (kind[i] === AVTAB_ALLOWED) this.allowed[of]! |= datum[i]!
      else if (kind[i] === AVTAB_AUDITALLOW) this.auditallow[of]! |= datum[i]!
      else if (kind[i] === AVTAB_AUDITDENY) this.auditdeny[of]! &= datum[i]!
    }
  }

  /** Adds to `out` what the rules between two types say of a class, by value each. */
  collect(source: number, target: number, tclass: number, out: AvDecision): void {
    const { types, stamps, cells, mask, shift, starts, plain, targets } = this
    const { list, start } = types
    if (this.stamp === 0x7fffffff) {
      stamps.fill(0)
      this.stamp = 0
    }
    const stamp = ++this.stamp
    for (let i = start[target]!, end = start[target + 1]!; i < end; i++) stamps[list[i]!] = stamp
    const own = types.place[target]!
    let allowed = out.allowed
    let auditallow = out.auditallow
    let auditdeny = out.auditdeny
    for (let i = start[source]!, end = start[source + 1]!; i < end; i++) {
      const head = (tclass << 16) | list[i]!
      let at = hash(head) >>> shift
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
        allowed |= this.allowed[entry]!
        auditallow |= this.auditallow[entry]!
        auditdeny &= this.auditdeny[entry]!
      }
      let high = starts[bucket + 1]!
      while (low < high) {
        const middle = (low + high) >>> 1
        if (targets[middle]! < own) low = middle + 1
        else high = middle
      }
      if (low < starts[bucket + 1]! && targets[low] === own) {
        allowed |= this.allowed[low]!
        auditallow |= this.auditallow[low]!
        auditdeny &= this.auditdeny[low]!
      }
    }
    out.allowed = allowed
    out.auditallow = auditallow
    out.auditdeny = auditdeny
  }
}
