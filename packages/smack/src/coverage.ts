/**
 * `@lsmkit/smack/coverage`: which rules were looked at. A rule decides when no built-in step has, whether it grants or
 * refuses; one that is never asked for is not needed by what was run.
 */
import type { Label } from './label.ts'
import { modesText } from './modes.ts'
import { Policy } from './policy.ts'
import type { PolicyOptions } from './policy.ts'
import { RuleTable } from './rule-table.ts'
import type { Rules, RuleVisitor } from './rules.ts'

/** A table of rules that notes which were looked up; listing them is no look-up. */
class NotedRules extends RuleTable {
  readonly asked = new Set<string>()
  #isListing = false

  override get(subject: Label, object: Label): number {
    const modes = super.get(subject, object)
    if (modes >= 0 && !this.#isListing) this.asked.add(`${subject} ${object}`)
    return modes
  }

  override each(visit: RuleVisitor): void {
    this.#isListing = true
    super.each(visit)
    this.#isListing = false
  }

  override eachOf(subject: Label, visit: RuleVisitor): void {
    this.#isListing = true
    super.eachOf(subject, visit)
    this.#isListing = false
  }
}

export interface CoveredSmackRule {
  /** `A B rwx`. */
  readonly text: string
  readonly used: boolean
}

/** Gathers over any number of runs. */
export class SmackCoverage {
  readonly #policies: { policy: Policy; noted: NotedRules }[] = []

  /** A policy for `smack({ policy, remembers: false })`: what an inode remembers is not asked again. */
  policy(options: Omit<PolicyOptions, 'rules'> = {}): Policy {
    let noted: NotedRules | null = null
    // The first table is the system's; the others are those that tasks set for themselves.
    const rules = (limit: number): Rules => (noted === null ? noted = new NotedRules(limit) : new RuleTable(limit))
    const policy = new Policy({ ...options, rules })
    this.#policies.push({ policy, noted: noted! })
    return policy
  }

  /** Rules of all runs by their text, used when one of the runs used them. Rules without modes are left out. */
  rules(): { readonly rules: readonly CoveredSmackRule[]; readonly used: number } {
    const found = new Map<string, boolean>()
    for (const { policy: { labels }, noted } of this.#policies) {
      noted.each((subject, object, modes) => {
        if (modes <= 0) return
        const text = `${labels.text(subject)} ${labels.text(object)} ${modesText(modes)}`
        found.set(text, (found.get(text) ?? false) || noted.asked.has(`${subject} ${object}`))
      })
    }
    const rules = Array.from(found, ([text, used]) => ({ text, used }))
    return { rules, used: rules.filter(({ used }) => used).length }
  }

  /** For `ScenarioCoverage` of `@lsmkit/testkit/scenario`; none where there are no rules. */
  parts(): { readonly name: string; readonly total: number; readonly used: number; readonly never: string[] }[] {
    const { rules, used } = this.rules()
    const never = rules.filter((rule) => !rule.used).map(({ text }) => text)
    return rules.length === 0 ? [] : [{ name: 'rules of Smack', total: rules.length, used, never }]
  }
}
