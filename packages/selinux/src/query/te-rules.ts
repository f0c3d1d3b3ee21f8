/** sesearch: which type enforcement rules a policy has. */
import { list } from '../bits.ts'
import type { Avtab } from '../policydb/avtab.ts'
import { evaluateConditional } from '../policydb/conditional-guard.ts'
import {
  AVTAB_CHANGE, AVTAB_ENABLED, AVTAB_MEMBER, AVTAB_TRANSITION, AVTAB_XPERMS_IOCTLDRIVER,
} from '../policydb/constants.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { conditionalText } from './conditional-text.ts'
import { Matcher } from './te-query.ts'
import type { TeRuleQuery } from './te-query.ts'
import { conditionOf, kindOf, teRuleText, xpermName } from './te-rule.ts'
import type { TeRule } from './te-rule.ts'
import { PolicyView } from './view.ts'

/** Asks one policy many questions. */
export class TeRules {
  readonly view: PolicyView

  constructor(policy: Policydb | PolicyView) {
    this.view = policy instanceof PolicyView ? policy : new PolicyView(policy)
  }

  /** By the text of each condition: which branch the given states put in force; the policy's own unless said. */
  branches(states: ReadonlyMap<string, boolean> = new Map()): ReadonlyMap<string, boolean> {
    const { names, policy } = this.view
    const values = policy.booleans.items.map(({ name, value, state }) => [value, states.get(name) ?? state] as const)
    const byValue = new Map(values)
    return new Map(policy.conditionals.map(({ expression }) =>
      [conditionalText(expression, names.booleans),
        evaluateConditional(expression, (value) => byValue.get(value) ?? false)]))
  }

  /** Throws QueryError for a name that the policy does not have. */
  *search(query: TeRuleQuery): Generator<TeRule> {
    const match = new Matcher(this.view, query)
    if (!match.onlyConditional) {
      yield* this.#fromTable(this.view.policy.avtab, match, null)
      yield* this.#fromNames(match)
    }
    for (const conditional of this.view.policy.conditionals) {
      if (!match.condition(conditional)) continue
      const { expression, whenTrue, whenFalse } = conditional
      yield* this.#fromTable(whenTrue, match, conditionOf(this.view, expression, true))
      yield* this.#fromTable(whenFalse, match, conditionOf(this.view, expression, false))
    }
  }

  /** All that match, as sorted texts. */
  texts(query: TeRuleQuery): string[] {
    return Array.from(this.search(query), teRuleText).sort()
  }

  *#fromTable(table: Avtab, match: Matcher, conditional: TeRule['conditional']): Generator<TeRule> {
    const { names } = this.view
    for (let i = 0; i < table.length; i++) {
      const kind = kindOf.get(table.specified[i]! & ~AVTAB_ENABLED)
      const [source, target, tclass] = [table.source[i]!, table.target[i]!, table.tclass[i]!]
      if (kind === undefined || !match.pair(kind, source, target, tclass)) continue
      const rule = { kind, source: names.types[source]!, target: names.types[target]!, tclass: names.classes[tclass]!,
        filename: null, conditional }
      const xperms = table.xpermsOf(i)
      if (xperms !== null) {
        const name = xpermName(xperms)
        const numbers = xperms.kind !== AVTAB_XPERMS_IOCTLDRIVER
          ? list(xperms.bits).map((bit) => xperms.driver * 256 + bit)
          : list(xperms.bits).flatMap((driver) => Array.from({ length: 256 }, (_, bit) => driver * 256 + bit))
        if (match.extended(name, numbers)) yield { ...rule, permissions: [name], xperms: numbers, result: null }
      } else if (table.specified[i]! & (AVTAB_TRANSITION | AVTAB_MEMBER | AVTAB_CHANGE)) {
        if (match.resultType(table.datum[i]!)) {
          yield { ...rule, permissions: [], xperms: [], result: names.types[table.datum[i]!]! }
        }
      } else {
        const mask = kind === 'dontaudit' ? ~table.datum[i]! : table.datum[i]!
        if (match.mask(tclass, mask)) {
          yield { ...rule, permissions: names.permissionsOf(tclass, mask).sort(), xperms: [], result: null }
        }
      }
    }
  }

  *#fromNames(match: Matcher): Generator<TeRule> {
    const { names, policy } = this.view
    for (const { name, target, tclass, results } of policy.filenameTransitions) {
      for (const { sources, type } of results) {
        if (!match.resultType(type)) continue
        for (const bit of sources) {
          if (!match.pair('type_transition', bit + 1, target, tclass)) continue
          yield { kind: 'type_transition', source: names.types[bit + 1]!, target: names.types[target]!,
            tclass: names.classes[tclass]!,
            permissions: [], xperms: [], result: names.types[type]!, filename: name, conditional: null }
        }
      }
    }
  }
}
