/**
 * Access rules by (class, source), each bucket sorted by target: the flat arrays that AvIndex decides from. Every
 * step is a short loop over columns, because an engine compiles those while they run, and a policy is loaded once.
 */
import { AVTAB_ALLOWED, AVTAB_AUDITALLOW, AVTAB_AV } from '../policydb/constants.ts'
import type { Avtab } from '../policydb/avtab.ts'
import { PolicyError } from '../policydb/errors.ts'
import type { Policydb } from '../policydb/policydb.ts'
import type { TypeTable } from './type-table.ts'

const FIRST_CELLS = 64

/** Access rules in columns, those of conditionals behind the others. Sources and targets are places. */
interface Columns {
  /** Rules from here on belong to conditionals. */
  readonly conditional: number
  readonly source: Uint16Array
  readonly target: Uint16Array
  readonly tclass: Uint16Array
  readonly kind: Uint8Array
  readonly datum: Int32Array
  /**
   * Of conditional rules, by number less `conditional`: twice the conditional, plus 1 for the rules of its false
   * side.
   */
  readonly side: Uint32Array
}

const countAv = ({ specified, length }: Avtab): number => {
  let count = 0
  for (let i = 0; i < length; i++) if ((specified[i]! & AVTAB_AV) !== 0) count++
  return count
}

/** Copies the access rules of a table into the columns from `at` on; answers where they end. */
const copyRules = (rules: Avtab, place: Uint16Array, to: Columns, from: number): number => {
  const { length, source, target, tclass, specified, datum } = rules
  let at = from
  for (let i = 0; i < length; i++) {
    const kind = specified[i]! & AVTAB_AV
    if (kind === 0) continue
    to.source[at] = place[source[i]!]!
    to.target[at] = place[target[i]!]!
    to.tclass[at] = tclass[i]!
    to.kind[at] = kind
    to.datum[at] = datum[i]!
    at++
  }
  return at
}

const columnsOf = ({ avtab, conditionals }: Policydb, { place }: TypeTable): Columns => {
  const conditional = countAv(avtab)
  let count = conditional
  for (const { whenTrue, whenFalse } of conditionals) count += countAv(whenTrue) + countAv(whenFalse)
  const columns: Columns = {
    conditional,
    source: new Uint16Array(count),
    target: new Uint16Array(count),
    tclass: new Uint16Array(count),
    kind: new Uint8Array(count),
    datum: new Int32Array(count),
    side: new Uint32Array(count - conditional),
  }
  let at = copyRules(avtab, place, columns, 0)
  for (const [i, { whenTrue, whenFalse }] of conditionals.entries()) {
    for (const [side, rules] of [[2 * i, whenTrue], [2 * i + 1, whenFalse]] as const) {
      const end = copyRules(rules, place, columns, at)
      columns.side.fill(side, at - conditional, end - conditional)
      at = end
    }
  }
  return columns
}

/** Sorts numbers of rules by a column, equal ones in the order they come in: a step of a radix sort. */
const sortBy = (key: Uint16Array, order: Uint32Array | null, into: Uint32Array, next: Uint32Array): Uint32Array => {
  next.fill(0)
  const { length } = key
  for (let i = 0; i < length; i++) next[key[i]! + 1]!++
  for (let k = 1; k < next.length; k++) next[k]! += next[k - 1]!
  if (order === null) for (let i = 0; i < length; i++) into[next[key[i]!]!++] = i
  else {
    for (let i = 0; i < length; i++) {
      const rule = order[i]!
      into[next[key[rule]!]!++] = rule
    }
  }
  return into
}

/** Numbers of the rules by class, source and target. */
const sortRules = ({ source, target, tclass }: Columns, places: number, classes: number): Uint32Array => {
  const byPlace = new Uint32Array(places + 1)
  const first = sortBy(target, null, new Uint32Array(target.length), byPlace)
  const second = sortBy(source, first, new Uint32Array(target.length), byPlace)
  return sortBy(tclass, second, first, new Uint32Array(classes + 2))
}

/** Rules of one class, source and target are an entry, entries of one class and source a bucket. */
interface Entries {
  readonly count: number
  readonly buckets: number
  readonly entryOf: Uint32Array
  readonly targets: Uint16Array
  /** By bucket: class and source as one word; its first entry; and the first that is for a plain type. */
  readonly heads: Int32Array
  readonly starts: Uint32Array
  readonly plain: Uint32Array
}

const entriesOf = (sorted: Uint32Array, { source, target, tclass }: Columns, attributes: number): Entries => {
  const entryOf = new Uint32Array(sorted.length)
  const targets = new Uint16Array(sorted.length)
  const heads = new Int32Array(sorted.length)
  const starts = new Uint32Array(sorted.length + 1)
  const plain = new Uint32Array(sorted.length)
  let [count, buckets] = [0, 0]
  let [head, last] = [0, -1]
  for (let i = 0; i < sorted.length; i++) {
    const rule = sorted[i]!
    const own = (tclass[rule]! << 16) | source[rule]!
    const to = target[rule]!
    if (own !== head) {
      head = own
      last = -1
      heads[buckets] = own
      plain[buckets] = count
      starts[buckets++] = count
    }
    if (to !== last) {
      last = to
      targets[count++] = to
      if (to < attributes) plain[buckets - 1] = count
    }
    entryOf[rule] = count - 1
  }
  starts[buckets] = count
  return {
    count,
    buckets,
    entryOf,
    targets: targets.slice(0, count),
    heads,
    starts: starts.slice(0, buckets + 1),
    plain: plain.slice(0, buckets),
  }
}

export const hashHead = (head: number): number => Math.imul(head ^ (head >>> 15), 0x9e3779b1)

/** A hash table from the word of a bucket to its number + 1, open addressing. */
const tableOf = ({ heads, buckets }: Entries): Int32Array => {
  let cells = FIRST_CELLS
  while (cells < 2 * buckets) cells *= 2
  const table = new Int32Array(2 * cells)
  const shift = Math.clz32(cells - 1)
  for (let bucket = 0; bucket < buckets; bucket++) {
    let at = hashHead(heads[bucket]!) >>> shift
    while (table[2 * at] !== 0) at = (at + 1) & (cells - 1)
    table[2 * at] = heads[bucket]!
    table[2 * at + 1] = bucket + 1
  }
  return table
}

export interface Masks {
  readonly allowed: Int32Array
  readonly auditallow: Int32Array
  readonly auditdeny: Int32Array
}

/** Masks of the entries by the rules that always hold; throws for one that is there twice. */
const masksOf = ({ conditional, kind, datum }: Columns, { count, entryOf }: Entries): Masks => {
  const allowed = new Int32Array(count)
  const auditallow = new Int32Array(count)
  const auditdeny = new Int32Array(count).fill(-1)
  const seen = new Uint8Array(count)
  for (let rule = 0; rule < conditional; rule++) {
    const entry = entryOf[rule]!
    const of = kind[rule]!
    if ((seen[entry]! & of) !== 0) throw new PolicyError('duplicate', 'an access rule is there twice')
    seen[entry]! |= of
    if (of === AVTAB_ALLOWED) allowed[entry] = datum[rule]!
    else if (of === AVTAB_AUDITALLOW) auditallow[entry] = datum[rule]!
    else auditdeny[entry] = datum[rule]!
  }
  return { allowed, auditallow, auditdeny }
}

/** Rules of conditionals: entry, kind, datum, and twice the conditional, plus 1 for its false side. */
export interface ConditionalRules {
  readonly entry: Uint32Array
  readonly kind: Uint8Array
  readonly datum: Int32Array
  readonly side: Uint32Array
}

export interface AvIndexData {
  readonly table: Int32Array
  readonly starts: Uint32Array
  readonly plain: Uint32Array
  readonly targets: Uint16Array
  readonly masks: Masks
  readonly conditional: ConditionalRules
}

export const buildAvIndex = (policy: Policydb, types: TypeTable): AvIndexData => {
  const columns = columnsOf(policy, types)
  const entries = entriesOf(sortRules(columns, types.place.length, policy.classes.nprim), columns, types.attributes)
  const from = columns.conditional
  return {
    table: tableOf(entries),
    starts: entries.starts,
    plain: entries.plain,
    targets: entries.targets,
    masks: masksOf(columns, entries),
    conditional: {
      entry: entries.entryOf.slice(from),
      kind: columns.kind.slice(from),
      datum: columns.datum.slice(from),
      side: columns.side,
    },
  }
}
