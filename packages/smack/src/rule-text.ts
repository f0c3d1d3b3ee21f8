/** Rules as the files list them: what can be written back (smk_rule_show). */
import type { Label } from './label.ts'
import type { LabelTable } from './label-table.ts'
import { modesText } from './modes.ts'
import type { Policy } from './policy.ts'
import type { Rules } from './rules.ts'

/** `A B rwx`, '' for a rule without modes or with a label that does not fit a field of `width` bytes. */
const ruleLine = (labels: LabelTable, subject: Label, object: Label, modes: number, width: number): string => {
  const from = labels.text(subject)
  const to = labels.text(object)
  return modes === 0 || from.length >= width || to.length >= width ? '' : `${from} ${to} ${modesText(modes)}\n`
}

/** All rules of the system: the newest subject first, and of each the newest rule. */
export const rulesText = ({ labels, rules }: Policy, width: number): string => {
  const lines: string[] = []
  for (const subject of labels.newestFirst()) {
    rules.eachOf(subject, (_subject, object, modes) => void lines.push(ruleLine(labels, subject, object, modes, width)))
  }
  return lines.join('')
}

/** The rules of one task, newest first. */
export const selfRulesText = (labels: LabelTable, rules: Rules | null, width: number): string => {
  const lines: string[] = []
  rules?.each((subject, object, modes) => void lines.push(ruleLine(labels, subject, object, modes, width)))
  return lines.join('')
}
