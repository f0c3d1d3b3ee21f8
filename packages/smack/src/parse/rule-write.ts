/** One write of rules, in either format (smk_write_rules_list). */
import { EINVAL, PAGE_SIZE } from '@lsmkit/abi'
import type { LabelTable } from '../label-table.ts'
import type { Rules } from '../rules.ts'
import { parseFixedRule, SMK_LOADLEN, SMK_OLOADLEN } from './fixed-rule.ts'
import { LongRuleReader } from './long-rule.ts'
import { importLabel } from './rule.ts'

/** As `load` and `load-self` take it: one rule, of 52 to 54 bytes. The count, or -errno and no rule is changed. */
export const writeFixedRule = (labels: LabelTable, rules: Rules, data: string): number => {
  if (data.length < SMK_OLOADLEN || data.length > SMK_LOADLEN) return -EINVAL
  const rule = parseFixedRule(labels, data, importLabel)
  if (typeof rule === 'number') return rule
  return rules.change(rule.subject, rule.object, rule.allow, rule.deny) || data.length
}

/**
 * As `load2`, `load-self2` (three fields) and `change-rule` (four) take it: any number of rules. The count; on an error
 * -errno, and the rules in front of it are in force. Of a page or more only whole lines are taken, and what is left out
 * is to be written again.
 */
export const writeLongRules = (labels: LabelTable, rules: Rules, data: string, fields: number): number => {
  const whole = data.length < PAGE_SIZE ? data.length : data.lastIndexOf('\n', PAGE_SIZE - 2) + 1
  if (whole === 0 && data.length !== 0) return -EINVAL
  const reader = new LongRuleReader(data.slice(0, whole))
  while (reader.at < whole) {
    const rule = reader.next(labels, fields, importLabel)
    if (typeof rule === 'number') return rule
    const rc = rules.change(rule.subject, rule.object, rule.allow, rule.deny)
    if (rc !== 0) return rc
  }
  return whole
}
