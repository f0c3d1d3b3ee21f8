/**
 * Which cells differ between the rules of two policies. A cell is one source type, one target type, a layer (class, and
 * name of the object or kind of extended permission) and a condition; rules on attributes fall apart into cells.
 *
 * A policy has many millions of them and most are equal as written, so this goes by source: rules that both policies
 * have for it, on the same set of targets, are crossed out first, and only layers where one is left are worked out.
 */
import { QueryError } from '../errors.ts'
import type { PolicyPair } from './policy-pair.ts'

/** How many may differ: 800 MB of them, and several times what Debian's policy has of one kind. */
const MOST = 1 << 25

/** The condition of what holds always. */
export const UNCONDITIONAL = 0

/** The values of a cell: numbers, 0 being nothing. */
export interface Algebra {
  /** Of two rules on one cell. */
  join(a: number, b: number): number
  /** The part of a conditional value that the unconditional one does not have. */
  without(conditional: number, unconditional: number): number
  isSame(layer: number, before: number, after: number): boolean
}

const joined = (a: number, b: number, algebra: Algebra): number => a === 0 ? b : b === 0 ? a : algebra.join(a, b)

/** Ends of rules: targets, layer and condition, each combination once. */
export class Bodies {
  readonly target: number[] = []
  readonly layer: number[] = []
  readonly condition: number[] = []
  readonly #known = new Map<string, number>()

  of(target: number, layer: number, condition: number): number {
    const key = `${target} ${layer} ${condition}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    this.target.push(target)
    this.layer.push(layer)
    const body = this.condition.push(condition) - 1
    this.#known.set(key, body)
    return body
  }
}

/** The rules of one policy by their set of sources: a body, its value, the next body … */
export class Rules {
  readonly #bySources: number[][] = []

  add(sources: number, body: number, value: number): void {
    (this.#bySources[sources] ??= []).push(body, value)
  }

  of(sources: number): readonly number[] {
    return this.#bySources[sources] ?? none
  }
}

const none: readonly number[] = []

export interface Cell {
  readonly source: number
  readonly target: number
  readonly layer: number
  readonly condition: number
  readonly before: number
  readonly after: number
}

const FIELDS = 6

/** Cells without an object each. */
export class Cells implements Iterable<Cell> {
  length = 0
  #data = new Uint32Array(64 * FIELDS)

  add({ source, target, layer, condition, before, after }: Cell): void {
    if (this.#data.length === this.length * FIELDS) {
      const wider = new Uint32Array(2 * this.#data.length)
      wider.set(this.#data)
      this.#data = wider
    }
    this.#data.set([source, target, layer, condition, before, after], this.length++ * FIELDS)
  }

  *[Symbol.iterator](): Generator<Cell> {
    for (let at = 0; at < this.length * FIELDS; at += FIELDS) {
      const [source, target, layer, condition, before, after] = this.#data.subarray(at, at + FIELDS)
      yield { source: source!, target: target!, layer: layer!, condition: condition!, before: before!, after: after! }
    }
  }
}

/** The targets of one source in one layer under one condition. */
class Row {
  readonly before: Uint32Array
  readonly after: Uint32Array
  /** Those that a rule has named. */
  readonly targets: number[] = []
  readonly #isNamed: Uint8Array

  constructor(types: number) {
    this.before = new Uint32Array(types)
    this.after = new Uint32Array(types)
    this.#isNamed = new Uint8Array(types)
  }

  lay(targets: Uint32Array, before: number, after: number, algebra: Algebra): void {
    for (const target of targets) {
      if (this.#isNamed[target] === 0) {
        this.#isNamed[target] = 1
        this.targets.push(target)
      }
      this.before[target] = joined(this.before[target]!, before, algebra)
      this.after[target] = joined(this.after[target]!, after, algebra)
    }
  }

  clear(): void {
    for (const target of this.targets) this.#isNamed[target] = this.before[target] = this.after[target] = 0
    this.targets.length = 0
  }
}

export class CellComparison {
  readonly added = new Cells()
  readonly removed = new Cells()
  readonly modified = new Cells()
  readonly #pair: PolicyPair
  readonly #bodies: Bodies
  readonly #algebra: Algebra
  /** By body: what the source in hand has. */
  readonly #before: Uint32Array
  readonly #after: Uint32Array
  readonly #always: Row
  readonly #sometimes: Row

  constructor(pair: PolicyPair, bodies: Bodies, algebra: Algebra) {
    this.#pair = pair
    this.#bodies = bodies
    this.#algebra = algebra
    this.#before = new Uint32Array(bodies.layer.length)
    this.#after = new Uint32Array(bodies.layer.length)
    this.#always = new Row(pair.types.length)
    this.#sometimes = new Row(pair.types.length)
  }

  /** Cells come in the order of source, target, and what `order` says of layers and conditions. */
  run(before: Rules, after: Rules, order: (a: Cell, b: Cell) => number): void {
    for (let source = 0; source < this.#pair.types.length; source++) {
      const seen = new Set<number>()
      this.#gather(source, before, this.#before, seen)
      this.#gather(source, after, this.#after, seen)
      const found = this.#compare(source, seen)
      for (const cell of found.sort((a, b) => a.target - b.target || order(a, b))) {
        (cell.before === 0 ? this.added : cell.after === 0 ? this.removed : this.modified).add(cell)
      }
      for (const body of seen) this.#before[body] = this.#after[body] = 0
      if (this.added.length + this.removed.length + this.modified.length > MOST) {
        throw new QueryError('too-many', `more than ${MOST} rules differ`, 'these are hardly versions of one policy')
      }
    }
  }

  #gather(source: number, rules: Rules, into: Uint32Array, seen: Set<number>): void {
    for (const set of this.#pair.setsWith[source]!) {
      const list = rules.of(set)
      for (let i = 0; i < list.length; i += 2) {
        const [body, value] = [list[i]!, list[i + 1]!]
        into[body] = joined(into[body]!, value, this.#algebra)
        seen.add(body)
      }
    }
  }

  #compare(source: number, seen: ReadonlySet<number>): Cell[] {
    const { layer } = this.#bodies
    const differing = new Map<number, number[]>()
    for (const body of seen) {
      if (!this.#algebra.isSame(layer[body]!, this.#before[body]!, this.#after[body]!)) differing.set(layer[body]!, [])
    }
    const found: Cell[] = []
    if (differing.size === 0) return found
    for (const body of seen) differing.get(layer[body]!)?.push(body)
    for (const [at, bodies] of differing) this.#compareLayer(source, at, bodies, found)
    return found
  }

  #compareLayer(source: number, layer: number, bodies: readonly number[], found: Cell[]): void {
    const byCondition = new Map<number, number[]>([[UNCONDITIONAL, []]])
    for (const body of bodies) {
      const condition = this.#bodies.condition[body]!
      const own = byCondition.get(condition)
      if (own === undefined) byCondition.set(condition, [body])
      else own.push(body)
    }
    const always = this.#always
    const sometimes = this.#sometimes
    this.#lay(always, byCondition.get(UNCONDITIONAL)!)
    for (const target of always.targets) {
      this.#tell(found, source, target, layer, UNCONDITIONAL, always.before[target]!, always.after[target]!)
    }
    byCondition.delete(UNCONDITIONAL)
    for (const [condition, own] of byCondition) {
      this.#lay(sometimes, own)
      for (const target of sometimes.targets) {
        const before = this.#algebra.without(sometimes.before[target]!, always.before[target]!)
        const after = this.#algebra.without(sometimes.after[target]!, always.after[target]!)
        this.#tell(found, source, target, layer, condition, before >>> 0, after >>> 0)
      }
      sometimes.clear()
    }
    always.clear()
  }

  #lay(row: Row, bodies: readonly number[]): void {
    for (const body of bodies) {
      row.lay(this.#pair.sets[this.#bodies.target[body]!]!, this.#before[body]!, this.#after[body]!, this.#algebra)
    }
  }

  #tell(
    found: Cell[], source: number, target: number, layer: number, condition: number, before: number, after: number,
  ): void {
    if (this.#algebra.isSame(layer, before, after)) return
    found.push({ source, target, layer, condition, before, after })
  }
}
