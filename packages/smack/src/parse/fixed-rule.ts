/** The old format of load, load-self and access: two label fields of 24 bytes, then the modes (smk_parse_rule). */
import { SMK_LABELLEN } from '../label.ts'
import type { LabelTable } from '../label-table.ts'
import { fillRule } from './rule.ts'
import type { ParsedRule, ResolveLabel } from './rule.ts'

/** Fields of `rwxa` and of `rwxatl`. */
export const SMK_OLOADLEN = 2 * SMK_LABELLEN + 4
export const SMK_LOADLEN = 2 * SMK_LABELLEN + 6

const places = { subject: 0, object: SMK_LABELLEN, allow: 2 * SMK_LABELLEN, deny: -1 }

export const parseFixedRule = (labels: LabelTable, data: string, resolve: ResolveLabel): ParsedRule | number =>
  fillRule(labels, data, places, resolve, SMK_LABELLEN)
