/** Takes a rule file into a policy, all of it or nothing. */
import { ENOMEM } from '@lsmkit/abi'
import { SmackError } from '../errors.ts'
import { fillRule, importLabel } from '../parse/rule.ts'
import type { Policy } from '../policy.ts'
import { lineFault } from './line-fault.ts'
import { LineReader } from './line-reader.ts'

/**
 * Gives the number of rules read. Throws SmackError for the first invalid line, before anything is changed; and if
 * there is no room for so many labels or rules, the one error that leaves the rules in front of it in force.
 */
export const loadRules = ({ labels, rules }: Policy, text: string): number => {
  refuseFaults(text)
  const line = new LineReader(text)
  let count = 0
  for (; line.next(); count++) {
    const rule = fillRule(labels, text, line, importLabel, 0)
    if (typeof rule === 'number') throw full('too-many-labels', line)
    const rc = rules.change(rule.subject, rule.object, rule.allow, rule.deny)
    if (rc === -ENOMEM) throw full('too-many-rules', line)
  }
  return count
}

const refuseFaults = (text: string): void => {
  const reader = new LineReader(text)
  while (reader.next()) {
    const fault = lineFault(text, reader)
    if (fault === null) continue
    const { code, message, line, hint } = fault
    throw new SmackError(code as SmackError['code'], message, { place: `line ${line}`, hint })
  }
}

const full = (code: 'too-many-labels' | 'too-many-rules', { line }: LineReader): SmackError => {
  const [what, option] = code === 'too-many-labels' ? ['labels', 'maxLabels'] : ['rules', 'maxRules']
  return new SmackError(code, `there is no room for more ${what}`,
    { place: `line ${line}`, hint: `raise \`${option}\` of the policy` })
}
