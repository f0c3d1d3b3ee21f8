/** Takes a rule file into a policy, all of it or nothing. */
import { ENOMEM } from '@lsmkit/abi'
import { SmackError } from '../errors.ts'
import { importLabel, fillRule } from '../parse/rule.ts'
import type { Policy } from '../policy.ts'
import { readRules } from './read-rules.ts'

/**
 * Gives the number of rules read. Throws SmackError for the first line that is none, before anything is changed; and
 * when
 * there is no room for so many labels or rules, which is the one error that leaves the rules before it in force.
 */
export const loadRules = (policy: Policy, text: string): number => {
  const { rules, errors } = readRules(text)
  const [first] = errors
  if (first !== undefined) {
    throw new SmackError(first.code as SmackError['code'], first.message, `line ${first.line}`, first.hint)
  }
  for (const { line, subject, object, allow, deny } of rules) {
    const fields = { subject: subject.text, object: object.text, allow: allow.text, deny: deny?.text ?? null }
    const rule = fillRule(policy.labels, fields, importLabel, 0)
    if (typeof rule === 'number') throw full('too-many-labels', line)
    const rc = policy.rules.change(rule.subject, rule.object, rule.allow, rule.deny)
    if (rc === -ENOMEM) throw full('too-many-rules', line)
  }
  return rules.length
}

const full = (code: 'too-many-labels' | 'too-many-rules', line: number): SmackError => {
  const [what, option] = code === 'too-many-labels' ? ['labels', 'maxLabels'] : ['rules', 'maxRules']
  return new SmackError(code, `there is no room for more ${what}`, `line ${line}`, `raise \`${option}\` of the policy`)
}
