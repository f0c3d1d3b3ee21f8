/**
 * An automaton with choices, to which rules are added one by one. Rules that begin alike share their states: a state is
 * known by the one before it and the expression between them, so that 100,000 paths below `/usr` walk `/usr` once.
 */
import type { ByteSet } from './byte-set.ts'
import { Ints, PairMap } from './ints.ts'
import { OUT_OF_BAND_STEP, type Regex } from './regex.ts'

export const NFA_START = 0
/** The end of a list. */
export const NO_LINK = -1

/** Linked lists of numbers, one a state: `head` has the first link of a state's list. */
class Lists {
  readonly #heads = new Ints()
  readonly #next = new Ints()
  readonly #values = new Ints()

  addState(): void {
    this.#heads.push(NO_LINK)
  }

  add(state: number, value: number): void {
    this.#next.push(this.#heads.data[state]!)
    this.#heads.data[state] = this.#values.push(value)
  }

  first(state: number): number {
    return this.#heads.data[state]!
  }

  next(link: number): number {
    return this.#next.data[link]!
  }

  value(link: number): number {
    return this.#values.data[link]!
  }

  includes(state: number, value: number): boolean {
    for (let link = this.first(state); link !== NO_LINK; link = this.next(link)) {
      if (this.value(link) === value) return true
    }
    return false
  }
}

export class Nfa {
  /** The sets on edges; an edge names one by its index. */
  readonly sets: ByteSet[] = []
  /** An edge is two values: first the target, then the set. */
  readonly edges = new Lists()
  /** Where a state leads without input. */
  readonly free = new Lists()
  /** The rules that match in a state. */
  readonly marks = new Lists()
  size = 0
  readonly #known = new PairMap()
  readonly #keyIds = new Map<string, number>()
  readonly #setOfKey: number[] = []
  readonly #keys = new WeakMap<Regex, string>()
  readonly #most: number

  /** `most` states at the most; `add` gives false once there would be more. */
  constructor(most: number) {
    this.#most = most
    this.#make()
  }

  /** Adds a rule: `mark` matches what `regex` matches. False when the automaton is full. */
  add(regex: Regex, mark: number): boolean {
    this.#mark(this.#walk(NFA_START, regex), mark)
    return this.size <= this.#most
  }

  /**
   * Adds a rule in parts: `mark` matches behind `first`, and behind each further part, which an out-of-band step sets
   * apart. This is how conditions on extended attributes follow a path.
   */
  addChain(first: Regex, parts: readonly Regex[], mark: number): void {
    let end = this.#walk(NFA_START, first)
    this.#mark(end, mark)
    for (const part of parts) {
      end = this.#walk(this.#walk(end, OUT_OF_BAND_STEP), part)
      this.#mark(end, mark)
    }
  }

  #mark(state: number, mark: number): void {
    if (!this.marks.includes(state, mark)) this.marks.add(state, mark)
  }

  #make(): number {
    this.edges.addState()
    this.free.addState()
    this.marks.addState()
    return this.size++
  }

  #link(from: number, to: number): void {
    if (from !== to && !this.free.includes(from, to)) this.free.add(from, to)
  }

  /** The state behind `regex` from `from`. */
  #walk(from: number, regex: Regex): number {
    if (regex.kind === 'empty' || this.size > this.#most) return from
    if (regex.kind === 'cat') {
      let at = from
      for (const part of regex.parts) at = this.#walk(at, part)
      return at
    }
    const key = this.#keyId(regex)
    const found = this.#known.get(from, key)
    if (found !== -1) return found
    const end = this.#make()
    this.#known.set(from, key, end)
    this.#enter(from, regex, key, end)
    return end
  }

  #enter(from: number, regex: Regex, key: number, end: number): void {
    switch (regex.kind) {
      case 'set': {
        const set = this.#setOfKey[key] ??= this.sets.push(regex.set) - 1
        this.edges.add(from, end)
        this.edges.add(from, set)
        break
      }
      case 'alt':
        for (const option of regex.options) this.#link(this.#walk(from, option), end)
        break
      case 'star':
        this.#link(from, end)
        this.#link(this.#walk(end, regex.of), end)
        break
      case 'plus':
        this.#link(this.#walk(from, regex.of), end)
        this.#link(this.#walk(end, regex.of), end)
        break
    }
  }

  #keyId(regex: Regex): number {
    const key = this.#key(regex)
    const known = this.#keyIds.get(key)
    if (known !== undefined) return known
    this.#keyIds.set(key, this.#keyIds.size)
    return this.#keyIds.size - 1
  }

  #key(regex: Regex): string {
    if (regex.kind === 'set') return regex.set.key
    const known = this.#keys.get(regex)
    if (known !== undefined) return known
    const key = this.#compose(regex)
    this.#keys.set(regex, key)
    return key
  }

  #compose(regex: Regex): string {
    switch (regex.kind) {
      case 'empty': return '()'
      case 'set': return regex.set.key
      case 'cat': return `(${regex.parts.map((part) => this.#key(part)).join(' ')})`
      case 'alt': return `(${regex.options.map((option) => this.#key(option)).join('|')})`
      case 'star': return `(${this.#key(regex.of)})*`
      case 'plus': return `(${this.#key(regex.of)})+`
    }
  }
}
