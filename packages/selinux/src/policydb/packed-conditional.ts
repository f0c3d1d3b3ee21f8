/**
 * Conditionals of few rules, which a policy may have very many of: their rules lie behind one another in one store,
 * since tables of their own would take many times as much as the rules. A reader of the rules gets a table made of
 * them.
 */
import { Avtab } from './avtab.ts'
import type { Conditional, ConditionalNode } from './policydb.ts'

/** Words of a rule: source and target, class and kind, datum. */
const WORDS = 3
/** Up to so many rules, tables of their own are the larger part of what they take. */
const FEW = 16

/** Rules without extended permissions, one table behind the other. */
export class RuleStore {
  #words = new Uint32Array(WORDS * FEW)
  #end = 0

  /** Where the rules of `table` are kept. */
  add(table: Avtab): number {
    const at = this.#end
    this.#end += WORDS * table.length
    if (this.#end > this.#words.length) {
      const wider = new Uint32Array(2 * this.#end)
      wider.set(this.#words)
      this.#words = wider
    }
    for (let i = 0, to = at; i < table.length; i++) {
      this.#words[to++] = (table.source[i]! << 16) | table.target[i]!
      this.#words[to++] = (table.tclass[i]! << 16) | table.specified[i]!
      this.#words[to++] = table.datum[i]!
    }
    return at
  }

  /** The `count` rules at `at`. */
  table(at: number, count: number): Avtab {
    const table = new Avtab(count)
    for (let i = 0, from = at; i < count; i++) {
      const [sides, kind, datum] = [this.#words[from++]!, this.#words[from++]!, this.#words[from++]!]
      table.add(sides >>> 16, sides & 0xffff, kind >>> 16, kind & 0xffff, datum)
    }
    return table
  }
}

const isSmall = ({ length, xperms }: Avtab): boolean => length <= FEW && xperms.length === 0

class PackedConditional implements Conditional {
  state: boolean
  expression: ConditionalNode[]
  readonly #store: RuleStore
  readonly #at: number
  readonly #trueCount: number
  readonly #falseCount: number

  constructor(state: boolean, expression: ConditionalNode[], store: RuleStore, whenTrue: Avtab, whenFalse: Avtab) {
    this.state = state
    this.expression = expression
    this.#store = store
    this.#at = store.add(whenTrue)
    this.#trueCount = whenTrue.length
    this.#falseCount = whenFalse.length
    store.add(whenFalse)
  }

  get whenTrue(): Avtab {
    return this.#store.table(this.#at, this.#trueCount)
  }

  get whenFalse(): Avtab {
    return this.#store.table(this.#at + WORDS * this.#trueCount, this.#falseCount)
  }
}

/** A conditional with these rules, in `store` where they are few. */
export const conditionalOf = (
  state: boolean, expression: ConditionalNode[], whenTrue: Avtab, whenFalse: Avtab, store: RuleStore,
): Conditional =>
  isSmall(whenTrue) && isSmall(whenFalse)
    ? new PackedConditional(state, expression, store, whenTrue, whenFalse)
    : { state, expression, whenTrue, whenFalse }
