/** Which type transitions decided something. One by name comes before those without. */
import { hasBit } from '../bits.ts'
import { teRuleText } from '../query/te-rule.ts'
import type { TeRule } from '../query/te-rule.ts'
import { TeRules } from '../query/te-rules.ts'
import type { PolicyView } from '../query/view.ts'
import type { TransitionUse } from './use.ts'

export interface CoveredTransition {
  readonly rule: TeRule
  /** In the syntax of policy source. */
  readonly text: string
  /** Its decisions: a source, a target, a class and a name each. */
  readonly uses: readonly TransitionUse[]
}

export interface TransitionCoverage {
  readonly rules: readonly CoveredTransition[]
  /** Rules that decided at least one type. */
  readonly used: number
}

export const coveredTransitions = (view: PolicyView, uses: readonly TransitionUse[]): TransitionCoverage => {
  const byClass = new Map<string, TransitionUse[]>()
  for (const use of uses) {
    if (!view.hasType(use.source) || !view.hasType(use.target)) continue
    const known = byClass.get(use.tclass)
    if (known === undefined) byClass.set(use.tclass, [use])
    else known.push(use)
  }
  const usesOf = ({ source, target, tclass, result, filename }: TeRule): TransitionUse[] => {
    const asked = byClass.get(tclass)
    if (asked === undefined) return []
    const [sources, targets] = [view.members(view.type(source)), view.members(view.type(target))]
    return asked.filter((use) => use.result === result && (filename === null || use.name === filename) &&
      hasBit(sources, view.type(use.source)) && hasBit(targets, view.type(use.target)))
  }
  const rules = [...new TeRules(view).search({ kinds: ['type_transition'] })]
  const named = rules.filter(({ filename }) => filename !== null).map((rule) => ({ rule, uses: usesOf(rule) }))
  const byName = new Set(named.flatMap((one) => one.uses))
  const plain = rules.filter(({ filename }) => filename === null)
    .map((rule) => ({ rule, uses: usesOf(rule).filter((use) => !byName.has(use)) }))
  const covered = [...plain, ...named].map(({ rule, uses: own }) =>
    ({ rule, text: teRuleText(rule), uses: own }))
  return { rules: covered, used: covered.filter((rule) => rule.uses.length > 0).length }
}
