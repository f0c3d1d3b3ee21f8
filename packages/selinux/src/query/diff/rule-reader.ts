/** Reads the rules of both policies into cells of one numbering. */
import { AVTAB_ENABLED } from '../../policydb/constants.ts'
import type { Avtab } from '../../policydb/avtab.ts'
import type { Conditional } from '../../policydb/policydb.ts'
import { conditionOf } from '../te-rule.ts'
import type { RuleCondition } from '../te-rule.ts'
import type { PolicyView } from '../view.ts'
import { Bodies, CellComparison, Rules, UNCONDITIONAL } from './cells.ts'
import type { Algebra } from './cells.ts'
import { Interned } from './interned.ts'
import type { PolicyPair, Side } from './policy-pair.ts'

/** The key of a layer of cells, besides their types and their condition. */
export interface Layer {
  readonly tclass: string
  /** Of a type_transition the name of the object, of extended permissions ioctl or nlmsg. */
  readonly detail: string | null
}

export class RuleReader {
  readonly layers = new Interned<Layer>()
  readonly conditions = new Interned<RuleCondition>()
  readonly #pair: PolicyPair
  readonly #bodies = new Bodies()
  readonly #rules: Readonly<Record<Side, Rules>> = { before: new Rules(), after: new Rules() }

  constructor(pair: PolicyPair) {
    this.#pair = pair
  }

  add(
    side: Side, source: number, target: number, tclass: number, detail: string | null, condition: number, value: number,
  ): void {
    const name = this.#pair[side].names.classes[tclass] ?? `#${tclass}`
    const layer = this.layers.of(detail === null ? name : `${name} ${detail}`, () => ({ tclass: name, detail }))
    const body = this.#bodies.of(this.#pair.setOf(side, target), layer, condition)
    this.#rules[side].add(this.#pair.setOf(side, source), body, value)
  }

  /** Calls `visit` with every rule of one AVTAB_ bit: its table, its place there, and the condition. */
  each(side: Side, specified: number, visit: (table: Avtab, i: number, condition: number) => void): void {
    const view = this.#pair[side]
    const walk = (table: Avtab, condition: number): void => {
      for (let i = 0; i < table.length; i++) {
        if ((table.specified[i]! & ~AVTAB_ENABLED) === specified) visit(table, i, condition)
      }
    }
    walk(view.policy.avtab, UNCONDITIONAL)
    for (const conditional of view.policy.conditionals) {
      walk(conditional.whenTrue, this.#conditionOf(view, conditional, true))
      walk(conditional.whenFalse, this.#conditionOf(view, conditional, false))
    }
  }

  compare(algebra: Algebra): CellComparison {
    const comparison = new CellComparison(this.#pair, this.#bodies, algebra)
    const [layers, conditions] = [this.layers.ranks(), this.conditions.ranks()]
    comparison.run(this.#rules.before, this.#rules.after, (a, b) =>
      layers[a.layer]! - layers[b.layer]! || conditions[a.condition]! - conditions[b.condition]!)
    return comparison
  }

  /** Conditions are one when they are written alike; equal answers do not make them so. */
  #conditionOf(view: PolicyView, { expression }: Conditional, branch: boolean): number {
    const nodes = expression.map(({ kind, bool }) => `${kind}${view.names.booleans[bool] ?? ''}`).join(' ')
    return this.conditions.of(`${nodes} ${branch}`, () => conditionOf(view, expression, branch))
  }
}
