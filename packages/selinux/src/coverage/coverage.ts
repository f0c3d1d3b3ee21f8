/** Which rules of a policy were used: allow rules by their permissions, type transitions; and which never. */
import { hasBit } from '../bits.ts'
import { AVTAB_ALLOWED, AVTAB_ENABLED } from '../policydb/constants.ts'
import type { Avtab } from '../policydb/avtab.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { conditionOf, teRuleText } from '../query/te-rule.ts'
import type { RuleCondition } from '../query/te-rule.ts'
import { PolicyView } from '../query/view.ts'
import { coveredTransitions } from './transitions.ts'
import type { TransitionCoverage } from './transitions.ts'
import type { TransitionUse, Use } from './use.ts'

export interface CoveredRule {
  /** In the syntax of policy source. */
  readonly text: string
  /** Permissions of the rule that something used. */
  readonly used: readonly string[]
  readonly unused: readonly string[]
}

export interface RuleCoverage {
  readonly rules: readonly CoveredRule[]
  /** Rules of which at least one permission was used. */
  readonly used: number
}

/** Gathers uses from any number of runs of one policy. */
export class PolicyCoverage {
  readonly view: PolicyView
  readonly #uses = new Map<string, Use>()
  readonly #made = new Map<string, TransitionUse>()

  constructor(policy: Policydb) {
    this.view = new PolicyView(policy)
  }

  /** Hand it to `selinux({ granted })`. */
  readonly note = (use: Use): void => {
    this.#uses.set(`${use.source} ${use.target} ${use.tclass} ${use.permissions.join()}`, use)
  }

  /** Hand it to `selinux({ transitioned })`. */
  readonly noteTransition = (use: TransitionUse): void => {
    this.#made.set(JSON.stringify([use.source, use.target, use.tclass, use.name, use.result]), use)
  }

  /** Every type_transition, conditional ones and those by name too. */
  transitions(): TransitionCoverage {
    return coveredTransitions(this.view, [...this.#made.values()])
  }

  /**
   * For `ScenarioCoverage` of `@lsmkit/testkit/scenario`; `name` is the policy's. Rules of the source types or
   * attributes `without`, which set a test up, count neither as used nor as unused.
   */
  parts(
    name: string, without: readonly string[] = [],
  ): { readonly name: string; readonly total: number; readonly used: number; readonly never: string[] }[] {
    const counts = ({ text }: { readonly text: string }): boolean => !without.includes(text.split(' ')[1]!)
    const allows = this.rules().rules.filter(counts)
    const moves = this.transitions().rules.filter(counts)
    return [{
      name: `allow rules of ${name}`, total: allows.length,
      used: allows.filter(({ used }) => used.length > 0).length,
      never: allows.filter(({ used }) => used.length === 0).map(({ text }) => text),
    }, {
      name: `type transitions of ${name}`, total: moves.length,
      used: moves.filter(({ uses }) => uses.length > 0).length,
      never: moves.filter(({ uses }) => uses.length === 0).map(({ text }) => text),
    }].filter(({ total }) => total > 0)
  }

  /** All that was granted, in names that the policy has. */
  *granted(): Generator<{ source: number; target: number; tclass: number; mask: number; use: Use }> {
    const { view } = this
    for (const use of this.#uses.values()) {
      if (!view.hasType(use.source) || !view.hasType(use.target) || !view.hasClass(use.tclass)) continue
      const tclass = view.tclass(use.tclass)
      // What the kernel asks and the policy does not know is decided by handle_unknown, not by a rule.
      const known = use.permissions.filter((name) => view.names.permissions[tclass]!.includes(name))
      const [source, target] = [view.type(use.source), view.type(use.target)]
      yield { source, target, tclass, mask: view.mask(tclass, known), use }
    }
  }

  /** Every allow rule, conditional ones too, in the order of the policy. */
  rules(): RuleCoverage {
    const byClass = new Map<number, { source: number; target: number; mask: number }[]>()
    for (const { tclass, ...use } of this.granted()) {
      const known = byClass.get(tclass)
      if (known === undefined) byClass.set(tclass, [use])
      else known.push(use)
    }
    const rules: CoveredRule[] = []
    const read = (table: Avtab, conditional: RuleCondition | null): void => {
      for (let i = 0; i < table.length; i++) {
        if ((table.specified[i]! & ~AVTAB_ENABLED) !== AVTAB_ALLOWED) continue
        rules.push(this.#covered(table, i, conditional, byClass.get(table.tclass[i]!) ?? []))
      }
    }
    const { view } = this
    read(view.policy.avtab, null)
    for (const { expression, whenTrue, whenFalse } of view.policy.conditionals) {
      read(whenTrue, conditionOf(view, expression, true))
      read(whenFalse, conditionOf(view, expression, false))
    }
    return { rules, used: rules.filter(({ used }) => used.length > 0).length }
  }

  #covered(
    table: Avtab, i: number, conditional: RuleCondition | null,
    uses: readonly { source: number; target: number; mask: number }[],
  ): CoveredRule {
    const { names } = this.view
    const [source, target, tclass, mask] = [table.source[i]!, table.target[i]!, table.tclass[i]!, table.datum[i]!]
    const [sources, targets] = [this.view.members(source), this.view.members(target)]
    let used = 0
    for (const use of uses) {
      if ((use.mask & mask) !== 0 && hasBit(sources, use.source) && hasBit(targets, use.target)) used |= use.mask & mask
    }
    const permissions = names.permissionsOf(tclass, mask).sort()
    const text = teRuleText({ kind: 'allow', source: names.types[source]!, target: names.types[target]!,
      tclass: names.classes[tclass]!, permissions, xperms: [], result: null, filename: null, conditional })
    const sorted = (bits: number): string[] => names.permissionsOf(tclass, bits).sort()
    return { text, used: sorted(used), unused: sorted(mask & ~used) }
  }
}
