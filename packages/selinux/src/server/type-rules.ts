/** Type rules: what type a new object, a member or a relabelled object gets; conditional ones behind the others. */
import { AVTAB_ENABLED, AVTAB_TYPE } from '../policydb/constants.ts'
import type { AVTAB_CHANGE, AVTAB_MEMBER, AVTAB_TRANSITION } from '../policydb/constants.ts'
import type { Avtab } from '../policydb/avtab.ts'
import { PolicyError } from '../policydb/errors.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { TripleTable } from './triple-table.ts'

export type TypeRuleKind = typeof AVTAB_TRANSITION | typeof AVTAB_MEMBER | typeof AVTAB_CHANGE

/** Words of a conditional rule; the first place is that of none. */
const LINK = 3

const countOf = ({ specified, length }: Avtab): number => {
  let count = 0
  for (let i = 0; i < length; i++) if ((specified[i]! & AVTAB_TYPE) !== 0) count++
  return count
}

export class TypeRules {
  readonly #table: TripleTable
  /** Conditional rules: type, twice the conditional plus the state that enables it, and the next of the same key. */
  readonly #chains: Int32Array
  #used = LINK
  /** First and last of the rules under a key. */
  readonly #first: TripleTable
  readonly #last: TripleTable

  constructor({ avtab, conditionals }: Policydb) {
    this.#table = new TripleTable(countOf(avtab))
    for (let i = 0; i < avtab.length; i++) {
      const kind = avtab.specified[i]! & ~AVTAB_ENABLED
      if ((kind & AVTAB_TYPE) === 0) continue
      const before = this.#table.set(avtab.source[i]!, avtab.target[i]!, avtab.tclass[i]!, kind >>> 4, avtab.datum[i]!)
      if (before !== 0) throw new PolicyError('duplicate', 'a type rule is there twice')
    }
    let count = 0
    for (const { whenTrue, whenFalse } of conditionals) count += countOf(whenTrue) + countOf(whenFalse)
    this.#chains = new Int32Array(LINK * (count + 1))
    this.#first = new TripleTable(count)
    this.#last = new TripleTable(count)
    for (const [i, { whenTrue, whenFalse }] of conditionals.entries()) {
      this.#take(whenTrue, i, 1)
      this.#take(whenFalse, i, 0)
    }
  }

  #take(rules: Avtab, conditional: number, enabledBy: number): void {
    for (let i = 0; i < rules.length; i++) {
      const kind = rules.specified[i]! & ~AVTAB_ENABLED
      if ((kind & AVTAB_TYPE) === 0) continue
      const [source, target, tclass] = [rules.source[i]!, rules.target[i]!, rules.tclass[i]!]
      const at = this.#used
      this.#used += LINK
      this.#chains[at] = rules.datum[i]!
      this.#chains[at + 1] = 2 * conditional + enabledBy
      const before = this.#last.set(source, target, tclass, kind >>> 4, at)
      if (before !== 0) this.#chains[before + 2] = at
      else this.#first.set(source, target, tclass, kind >>> 4, at)
    }
  }

  /** The type, 0 if no rule of these very types says one. */
  find(kind: TypeRuleKind, source: number, target: number, tclass: number, states: Uint8Array): number {
    const type = this.#table.get(source, target, tclass, kind >>> 4)
    if (type !== 0 || this.#used === LINK) return type
    const chains = this.#chains
    for (let at = this.#first.get(source, target, tclass, kind >>> 4); at !== 0; at = chains[at + 2]!) {
      if (states[chains[at + 1]! >>> 1] === (chains[at + 1]! & 1)) return chains[at]!
    }
    return 0
  }
}
