/** Which rule of a policy makes a type have a permission: what stands behind a difference. */
import { hasBit } from '../../bits.ts'
import { AVTAB_ENABLED } from '../../policydb/constants.ts'
import type { Avtab } from '../../policydb/avtab.ts'
import { valuesByType } from '../../policydb/type-values.ts'
import { avtabBits, conditionOf, teRuleText } from '../te-rule.ts'
import type { RuleCondition, TeRule, TeRuleKind } from '../te-rule.ts'
import type { PolicyView } from '../view.ts'

/** A rule as it is written: its ends may be attributes. */
export interface Cause {
  readonly number: number
  readonly source: number
  readonly target: number
  readonly mask: number
}

const textOf = ({ expression, branch }: RuleCondition): string => `${expression} ${branch}`

/** Rules of one class under one condition, by the value of their source. */
type BySource = (Cause[] | undefined)[]

/** Rules of one kind by class, condition and source. */
export class Causes {
  readonly view: PolicyView
  readonly kind: TeRuleKind
  readonly #values: readonly (readonly number[])[]
  /** By condition, by class value. */
  readonly #always: BySource[] = []
  readonly #sometimes = new Map<string, BySource[]>()
  #count = 0

  constructor(view: PolicyView, kind: 'allow' | 'auditallow' | 'dontaudit') {
    this.view = view
    this.kind = kind
    this.#values = valuesByType(view.policy)
    this.#read(view.policy.avtab, this.#always)
    for (const { expression, whenTrue, whenFalse } of view.policy.conditionals) {
      this.#read(whenTrue, this.#under(conditionOf(view, expression, true)))
      this.#read(whenFalse, this.#under(conditionOf(view, expression, false)))
    }
  }

  /** The rules that give a cell its permissions, each with those that it gives and no earlier one does. */
  *of({ source, target, tclass, conditional }: TeRule, permissions: readonly string[]): Generator<[Cause, string[]]> {
    const { view } = this
    const [from, to, value] = [view.type(source), view.type(target), view.tclass(tclass)]
    const bySource = (conditional === null ? this.#always : this.#sometimes.get(textOf(conditional)))?.[value]
    let left = view.mask(value, permissions)
    for (const each of this.#values[from]!) {
      for (const cause of bySource?.[each] ?? []) {
        const mask = cause.mask & left
        if (mask === 0 || !hasBit(view.members(cause.target), to)) continue
        yield [cause, view.names.permissionsOf(value, mask).sort()]
        left &= ~mask
        if (left === 0) return
      }
    }
  }

  /** The rule with what it gives. */
  text({ source, target }: Cause, { tclass, conditional }: TeRule, permissions: readonly string[]): string {
    const { types } = this.view.names
    return teRuleText({ kind: this.kind, source: types[source]!, target: types[target]!, tclass, permissions,
      conditional, xperms: [], result: null, filename: null })
  }

  #under(condition: RuleCondition): BySource[] {
    const text = textOf(condition)
    const known = this.#sometimes.get(text) ?? []
    this.#sometimes.set(text, known)
    return known
  }

  #read(table: Avtab, into: BySource[]): void {
    const wanted = avtabBits[this.kind]
    for (let i = 0; i < table.length; i++) {
      if ((table.specified[i]! & ~AVTAB_ENABLED) !== wanted) continue
      const mask = this.kind === 'dontaudit' ? ~table.datum[i]! : table.datum[i]!
      const cause = { number: this.#count++, source: table.source[i]!, target: table.target[i]!, mask };
      ((into[table.tclass[i]!] ??= [])[cause.source] ??= []).push(cause)
    }
  }
}
