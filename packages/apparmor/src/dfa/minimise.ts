/**
 * The smallest automaton of the same meaning. First states are merged whose successors are known already (all of a tree
 * of literal paths), then what is left is split until states of one part lead to the same parts.
 */
import { DEAD, outOfBandClass, type Automaton } from './automaton.ts'
import { Ints, IntRuns } from './ints.ts'
import { visitUpwards } from './components.ts'

/** Stands for a state in its own row: two states that lead to themselves alike are one. */
const SELF = -1

/** Writes rows with other names for the targets, each with the default that covers most classes. */
class RowWriter {
  readonly #automaton: Automaton
  readonly #outOfBand: number
  readonly #counts = new Map<number, number>()
  /** The row: what the state accepts, the default, then class and target of each exception. */
  readonly row: number[] = []

  constructor(automaton: Automaton) {
    this.#automaton = automaton
    this.#outOfBand = outOfBandClass(automaton)
  }

  write(state: number, rename: (target: number) => number): void {
    const { rows, rowClasses, rowTargets, defaults, accepts, classes } = this.#automaton
    const start = rows[state]!
    const end = rows[state + 1]!
    const own = rename(defaults[state]!)
    this.#counts.clear()
    let listed = 0
    for (let i = start; i < end; i++) {
      if (rowClasses[i] === this.#outOfBand) continue
      listed++
      this.#count(rename(rowTargets[i]!), 1)
    }
    this.#count(own, classes - 1 - listed)
    const fallback = this.#most()
    this.row.length = 0
    this.row.push(accepts[state]!, fallback)
    if (fallback === own) this.#exceptions(start, end, rename, fallback)
    else this.#everyClass(start, end, rename, own, fallback)
  }

  #count(target: number, many: number): void {
    if (many > 0) this.#counts.set(target, (this.#counts.get(target) ?? 0) + many)
  }

  #most(): number {
    let best = DEAD
    let most = -1
    for (const [target, many] of this.#counts) {
      if (many < most || (many === most && target > best)) continue
      best = target
      most = many
    }
    return best
  }

  #exceptions(start: number, end: number, rename: (target: number) => number, fallback: number): void {
    const { rowClasses, rowTargets } = this.#automaton
    for (let i = start; i < end; i++) {
      const target = rename(rowTargets[i]!)
      if (target !== (rowClasses[i] === this.#outOfBand ? DEAD : fallback)) this.row.push(rowClasses[i]!, target)
    }
  }

  #everyClass(start: number, end: number, rename: (target: number) => number, own: number, fallback: number): void {
    const { rowClasses, rowTargets, classes } = this.#automaton
    let i = start
    for (let one = 0; one < classes; one++) {
      const listed = i < end && rowClasses[i] === one
      const outOfBand = one === this.#outOfBand
      const target = listed ? rename(rowTargets[i]!) : outOfBand ? DEAD : own
      if (listed) i++
      if (target !== (outOfBand ? DEAD : fallback)) this.row.push(one, target)
    }
  }
}

/** Names each state by the first one of equal row, in the order that has successors first. */
const mergeUpwards = (automaton: Automaton): Int32Array => {
  const writer = new RowWriter(automaton)
  const rows = new IntRuns()
  const firstOf = new Ints()
  const name = Int32Array.from({ length: automaton.size }, (_, state) => state)
  visitUpwards(automaton, (state) => {
    writer.write(state, (target) => target === state ? SELF : name[target]!)
    const row = rows.add(writer.row, writer.row.length)
    if (row === firstOf.length) firstOf.push(state)
    name[state] = firstOf.data[row]!
  })
  return name
}

/**
 * The automaton of the states that are left under their new names; `name` leads every state to one that keeps its own.
 */
const rename = (automaton: Automaton, name: Int32Array): Automaton => {
  const writer = new RowWriter(automaton)
  const order: number[] = [DEAD]
  const index = new Map([[DEAD, DEAD]])
  const indexOf = (state: number): number => {
    const target = name[state]!
    let found = index.get(target)
    if (found === undefined) index.set(target, found = order.push(target) - 1)
    return found
  }
  const start = indexOf(automaton.start)
  const defaults = new Ints()
  const accepts = new Ints()
  const rows = new Ints()
  const rowClasses = new Ints()
  const rowTargets = new Ints()
  for (let i = 0; i < order.length; i++) {
    writer.write(order[i]!, indexOf)
    const { row } = writer
    accepts.push(row[0]!)
    defaults.push(row[1]!)
    rows.push(rowClasses.length)
    for (let at = 2; at < row.length; at += 2) {
      rowClasses.push(row[at]!)
      rowTargets.push(row[at + 1]!)
    }
  }
  rows.push(rowClasses.length)
  const size = order.length
  return {
    classOf: automaton.classOf, classes: automaton.classes, start, size,
    defaults: defaults.data.slice(0, size), accepts: accepts.data.slice(0, size), rows: rows.data.slice(0, size + 1),
    rowClasses: Uint16Array.from(rowClasses.data.subarray(0, rowClasses.length)),
    rowTargets: rowTargets.data.slice(0, rowTargets.length),
  }
}

/** How many states each part has. */
const partSizes = (part: Int32Array, parts: number): Int32Array => {
  const sizes = new Int32Array(parts)
  for (const own of part) sizes[own]!++
  return sizes
}

/** One round: states of one part that lead to the same parts stay together. Gives the number of parts. */
const splitOnce = (automaton: Automaton, writer: RowWriter, part: Int32Array, parts: number): [Int32Array, number] => {
  const sizes = partSizes(part, parts)
  const rows = new IntRuns()
  const next = new Int32Array(part.length)
  const toPart = (target: number): number => part[target]!
  for (let state = 0; state < part.length; state++) {
    const { row } = writer
    // A part of one state cannot split, and is no row's equal.
    if (sizes[part[state]!] === 1) row.length = 0
    else writer.write(state, toPart)
    row.push(part[state]!)
    next[state] = rows.add(row, row.length)
  }
  return [next, rows.size]
}

/** Splits states by what they accept, then by the parts that they lead to, until no part splits. */
const splitParts = (automaton: Automaton): Int32Array => {
  const writer = new RowWriter(automaton)
  const kinds = new Map<number, number>()
  let part: Int32Array = Int32Array.from(automaton.accepts, (accepts) => {
    if (!kinds.has(accepts)) kinds.set(accepts, kinds.size)
    return kinds.get(accepts)!
  })
  let parts = kinds.size
  for (let before = 0; before !== parts;) {
    before = parts
    ;[part, parts] = splitOnce(automaton, writer, part, parts)
  }
  const first = new Map<number, number>()
  return Int32Array.from(part, (own, state) => {
    if (!first.has(own)) first.set(own, state)
    return first.get(own)!
  })
}

/**
 * States keep no order but that 0 is the dead one. A state without transitions that accepts nothing is the dead one.
 */
export const minimise = (automaton: Automaton): Automaton => {
  const merged = rename(automaton, mergeUpwards(automaton))
  return rename(merged, splitParts(merged))
}
