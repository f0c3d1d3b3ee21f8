/** From an automaton with choices to one without: every set of states that some input leads to becomes a state. */
import { DEAD, type Automaton } from './automaton.ts'
import { symbolClasses, type SymbolClasses } from './classes.ts'
import { Closures } from './closures.ts'
import { Ints, IntRuns } from './ints.ts'
import { NFA_START, NO_LINK, type Nfa } from './nfa.ts'

/**
 * Too many states: the sets of states grew past what was allowed. `members` is the last set, to find who is to blame.
 */
export class TooManyStates extends Error {
  constructor(limit: number) {
    super(`more than ${limit} states`)
    this.name = 'TooManyStates'
  }
}

export interface BuildLimits {
  /** States before minimising. */
  readonly states: number
  /** Sum of the sizes of their sets. */
  readonly members: number
}

export const BUILD_LIMITS: BuildLimits = { states: 2_500_000, members: 40_000_000 }

/** The automaton, and the marks that match in a state: `marks.get(accepts[state])`. */
export interface Built extends Automaton {
  readonly marks: IntRuns
}

/** How the sets of a state with more than one class cut the classes: classes of one group have the same sets. */
interface Grouping {
  readonly groups: readonly { readonly classes: readonly number[], readonly sets: readonly number[] }[]
  readonly groupOf: Int16Array
  /** The group of most classes, the out-of-band one not counted. */
  readonly largest: number
}

class Builder {
  readonly nfa: Nfa
  readonly symbols: SymbolClasses
  readonly closures: Closures
  readonly sets = new IntRuns()
  readonly marks = new IntRuns()
  readonly defaults = new Ints(1024)
  readonly rows = new Ints(1024)
  readonly rowClasses = new Ints(1024)
  readonly rowTargets = new Ints(1024)
  readonly accepts = new Ints(1024)
  readonly #groupings = new Map<string, Grouping>()
  /** Targets by set, for the state being expanded. */
  readonly #bySet = new Map<number, number[]>()
  /** Targets by class, of sets with one class. */
  readonly #byClass = new Map<number, number[]>()
  members = 0

  constructor(nfa: Nfa) {
    this.nfa = nfa
    this.symbols = symbolClasses(nfa.sets)
    this.closures = new Closures(nfa)
    this.sets.add([], 0)
    this.marks.add([], 0)
    this.closures.begin()
    this.closures.add(NFA_START)
    this.state()
  }

  /** The state of the set that was gathered. */
  state(): number {
    this.closures.finish()
    this.members += this.closures.length
    return this.sets.add(this.closures.members, this.closures.length)
  }

  expand(state: number): void {
    const set = this.sets.get(state)
    this.accepts.push(this.#marksOf(set))
    this.rows.push(this.rowClasses.length)
    this.#gather(set)
    const grouping = this.#grouping()
    const targets = grouping.groups.map((_, group) => this.#target(grouping, group, null))
    this.defaults.push(targets[grouping.largest]!)
    this.#addRow(grouping, targets)
  }

  #gather(set: Int32Array): void {
    const { edges } = this.nfa
    const { ofSet } = this.symbols
    this.#bySet.clear()
    this.#byClass.clear()
    for (const member of set) {
      for (let link = edges.first(member); link !== NO_LINK; link = edges.next(link)) {
        const edgeSet = edges.value(link)
        link = edges.next(link)
        const classes = ofSet[edgeSet]!
        if (classes.length === 1) append(this.#byClass, classes[0]!, edges.value(link))
        else append(this.#bySet, edgeSet, edges.value(link))
      }
    }
  }

  #target({ groups }: Grouping, group: number, more: readonly number[] | null): number {
    const { sets } = groups[group]!
    if (sets.length === 0 && more === null) return DEAD
    this.closures.begin()
    for (const set of sets) for (const target of this.#bySet.get(set)!) this.closures.add(target)
    if (more !== null) for (const target of more) this.closures.add(target)
    return this.state()
  }

  #addRow(grouping: Grouping, targets: readonly number[]): void {
    const { groups, groupOf, largest } = grouping
    const fallback = targets[largest]!
    const outOfBand = this.symbols.classOf[256]!
    const row: [number, number][] = []
    for (const [one, more] of this.#byClass) row.push([one, this.#target(grouping, groupOf[one]!, more)])
    for (const [group, { classes }] of groups.entries()) {
      if (targets[group] === fallback) continue
      for (const one of classes) if (one !== outOfBand && !this.#byClass.has(one)) row.push([one, targets[group]!])
    }
    row.sort((a, b) => a[0] - b[0])
    for (const [one, target] of row) {
      if (target === (one === outOfBand ? DEAD : fallback)) continue
      this.rowClasses.push(one)
      this.rowTargets.push(target)
    }
  }

  #grouping(): Grouping {
    const sets = [...this.#bySet.keys()].sort((a, b) => a - b)
    const key = sets.join()
    let found = this.#groupings.get(key)
    if (found === undefined) this.#groupings.set(key, found = groupClasses(this.symbols, sets))
    return found
  }

  #marksOf(set: Int32Array): number {
    const { marks } = this.nfa
    const found: number[] = []
    for (const member of set) {
      for (let link = marks.first(member); link !== NO_LINK; link = marks.next(link)) found.push(marks.value(link))
    }
    if (found.length === 0) return 0
    const unique = [...new Set(found)].sort((a, b) => a - b)
    return this.marks.add(unique, unique.length)
  }
}

const append = (lists: Map<number, number[]>, key: number, value: number): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

const groupClasses = ({ classes, classOf, ofSet }: SymbolClasses, sets: readonly number[]): Grouping => {
  const having: number[][] = Array.from({ length: classes }, () => [])
  for (const set of sets) for (const one of ofSet[set]!) having[one]!.push(set)
  const groups = new Map<string, { classes: number[], sets: readonly number[] }>()
  for (const [one, own] of having.entries()) {
    const key = own.join()
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { classes: [one], sets: own })
    else group.classes.push(one)
  }
  const list = [...groups.values()]
  const groupOf = new Int16Array(classes)
  const outOfBand = classOf[256]!
  let largest = 0
  let most = 0
  for (const [index, group] of list.entries()) {
    for (const one of group.classes) groupOf[one] = index
    const size = group.classes.filter((one) => one !== outOfBand).length
    if (size > most) {
      most = size
      largest = index
    }
  }
  return { groups: list, groupOf, largest }
}

/** Throws `TooManyStates`. */
export const determinise = (nfa: Nfa, limits: BuildLimits = BUILD_LIMITS): Built => {
  const builder = new Builder(nfa)
  for (let state = 0; state < builder.sets.size; state++) {
    builder.expand(state)
    if (builder.sets.size > limits.states || builder.members > limits.members) throw new TooManyStates(limits.states)
  }
  const size = builder.sets.size
  builder.rows.push(builder.rowClasses.length)
  const { symbols, defaults, rows, rowClasses, rowTargets, accepts, marks } = builder
  return {
    classOf: symbols.classOf, classes: symbols.classes, start: builder.sets.size > 1 ? 1 : 0, size,
    defaults: defaults.data.subarray(0, size), rows: rows.data.subarray(0, size + 1),
    rowClasses: Uint16Array.from(rowClasses.data.subarray(0, rowClasses.length)),
    rowTargets: rowTargets.data.subarray(0, rowTargets.length), accepts: accepts.data.subarray(0, size), marks,
  }
}
