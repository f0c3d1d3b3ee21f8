/** Rules as tests ask them: `expect(smackPolicy(text)).toAllow('Browser', 'Downloads', 'rw')`. */
import { parseModes } from '../modes.ts'
import { Policy } from '../policy.ts'
import { explainAccess } from './explain.ts'
import { loadRules } from './load-rules.ts'

export interface SmackPolicyCheck {
  /** Labels of subject and object, and modes: a verdict for each mode. */
  check(subject: string, object: string, modes: string): readonly {
    readonly asked: string
    readonly allowed: boolean
    readonly why: string | null
  }[]
}

/** Takes the text of a rule file, or a policy. Throws SmackError for text that is not a rule. */
export const smackPolicy = (rules: string | Policy): SmackPolicyCheck => {
  const policy = typeof rules === 'string' ? new Policy() : rules
  if (typeof rules === 'string') loadRules(policy, rules)
  return {
    check: (subject, object, modes) => {
      const wrong = /[^rwxatlb]/.exec(modes)
      if (wrong !== null) throw new RangeError(`\`${wrong[0]}\` is not a mode: modes are r w x a t l b`)
      return [...modes].map((mode) => {
        const { allowed, rule, reason } = explainAccess(policy, { subject, object, request: parseModes(mode) })
        return { asked: mode, allowed, why: rule === null ? reason : `${reason} (${rule})` }
      })
    },
  }
}
