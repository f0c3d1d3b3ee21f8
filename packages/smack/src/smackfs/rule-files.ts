/** The rules: load, load2, change-rule, revoke-subject, and those a task sets for itself: load-self, load-self2. */
import { EINVAL } from '@lsmkit/abi'
import type { PseudoFile } from '@lsmkit/core'
import { parseLabel, SMK_LABELLEN, SMK_LONGLABEL } from '../label.ts'
import { CHANGE_FIELDS, SET_FIELDS } from '../parse/long-rule.ts'
import { writeFixedRule, writeLongRules } from '../parse/rule-write.ts'
import type { Policy } from '../policy.ts'
import { rulesText, selfRulesText } from '../rule-text.ts'
import type { Rules } from '../rules.ts'
import { currentState } from '../state.ts'
import type { Smack } from '../state.ts'
import { ADMIN_FILE, admin, atStart, fromText, TASK_FILE } from './file.ts'

/** As `smk_write_revoke_subj`: the text may be cut, and a label nobody has used has no rules to take away. */
const revoke = ({ labels, rules }: Policy, text: string): number => {
  if (text.length === 0 || text.length > SMK_LONGLABEL) return -EINVAL
  const label = parseLabel(text, text.length)
  if (label === null) return -EINVAL
  const subject = labels.find(label)
  if (subject !== 0) rules.revoke(subject)
  return text.length
}

export const ruleFiles = (smack: Smack): PseudoFile[] => {
  const { policy } = smack
  const { labels, rules } = policy
  /** The running task's own rules; kept only when there are some. */
  const withSelfRules = (write: (own: Rules) => number): number => {
    const state = currentState(smack)
    const own = state.rules ?? policy.newSelfRules()
    const rc = write(own)
    if (own.size > 0) state.rules = own
    return rc
  }
  const selfText = (width: number): string => selfRulesText(labels, currentState(smack).rules, width)
  return [
    {
      name: 'load', mode: ADMIN_FILE,
      read: () => rulesText(policy, SMK_LABELLEN),
      write: admin(smack, atStart(fromText((text) => writeFixedRule(labels, rules, text)))),
    },
    {
      name: 'load2', mode: ADMIN_FILE,
      read: () => rulesText(policy, SMK_LONGLABEL),
      write: admin(smack, atStart(fromText((text) => writeLongRules(labels, rules, text, SET_FIELDS)))),
    },
    {
      name: 'change-rule', mode: ADMIN_FILE,
      read: () => '',
      write: admin(smack, atStart(fromText((text) => writeLongRules(labels, rules, text, CHANGE_FIELDS)))),
    },
    {
      name: 'revoke-subject', mode: ADMIN_FILE,
      read: () => '',
      write: atStart(admin(smack, fromText((text) => revoke(policy, text)))),
    },
    {
      name: 'load-self', mode: TASK_FILE,
      read: () => selfText(SMK_LABELLEN),
      write: atStart(fromText((text) => withSelfRules((own) => writeFixedRule(labels, own, text)))),
    },
    {
      name: 'load-self2', mode: TASK_FILE,
      read: () => selfText(SMK_LONGLABEL),
      write: atStart(fromText((text) => withSelfRules((own) => writeLongRules(labels, own, text, SET_FIELDS)))),
    },
  ]
}
