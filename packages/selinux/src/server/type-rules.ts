/** Type rules: what type a new object, a member or a relabelled object gets; conditional ones behind the others. */
import { AVTAB_ENABLED, AVTAB_TYPE } from '../policydb/constants.ts'
import type { AVTAB_CHANGE, AVTAB_MEMBER, AVTAB_TRANSITION } from '../policydb/constants.ts'
import type { Avtab } from '../policydb/avtab.ts'
import { PolicyError } from '../policydb/errors.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { TripleTable } from './triple-table.ts'

export type TypeRuleKind = typeof AVTAB_TRANSITION | typeof AVTAB_MEMBER | typeof AVTAB_CHANGE

const countOf = ({ specified, length }: Avtab): number => {
  let count = 0
  for (let i = 0; i < length; i++) if ((specified[i]! & AVTAB_TYPE) !== 0) count++
  return count
}

export class TypeRules {
  private readonly table: TripleTable
  /** Conditional rules: a list under each key, its number + 1 in `chains`. */
  private readonly chains: { type: number; conditional: number; enabledBy: number }[][] = []
  private readonly conditional = new TripleTable()

  constructor({ avtab, conditionals }: Policydb) {
    this.table = new TripleTable(countOf(avtab))
    for (let i = 0; i < avtab.length; i++) {
      const kind = avtab.specified[i]! & ~AVTAB_ENABLED
      if ((kind & AVTAB_TYPE) === 0) continue
      const before = this.table.set(avtab.source[i]!, avtab.target[i]!, avtab.tclass[i]!, kind >>> 4, avtab.datum[i]!)
      if (before !== 0) throw new PolicyError('duplicate', 'a type rule is there twice')
    }
    for (const [i, { whenTrue, whenFalse }] of conditionals.entries()) {
      this.take(whenTrue, i, 1)
      this.take(whenFalse, i, 0)
    }
  }

  private take(rules: Avtab, conditional: number, enabledBy: number): void {
    for (let i = 0; i < rules.length; i++) {
      const kind = rules.specified[i]! & ~AVTAB_ENABLED
      if ((kind & AVTAB_TYPE) === 0) continue
      const [source, target, tclass] = [rules.source[i]!, rules.target[i]!, rules.tclass[i]!]
      let chain = this.conditional.get(source, target, tclass, kind >>> 4)
      if (chain === 0) {
        chain = this.chains.push([])
        this.conditional.set(source, target, tclass, kind >>> 4, chain)
      }
      this.chains[chain - 1]!.push({ type: rules.datum[i]!, conditional, enabledBy })
    }
  }

  /** The type, 0 if no rule of these very types says one. */
  find(kind: TypeRuleKind, source: number, target: number, tclass: number, states: Uint8Array): number {
    const type = this.table.get(source, target, tclass, kind >>> 4)
    if (type !== 0 || this.chains.length === 0) return type
    const chain = this.conditional.get(source, target, tclass, kind >>> 4)
    if (chain === 0) return 0
    return this.chains[chain - 1]!.find(({ conditional, enabledBy }) => states[conditional] === enabledBy)?.type ?? 0
  }
}
