/**
 * The format of load2, load-self2, access2 and change-rule: fields with white space between them
 * (smk_parse_long_rule).
 */
import { EINVAL } from '@lsmkit/abi'
import type { LabelTable } from '../label-table.ts'
import { isSpace, skipSpaces } from './bytes.ts'
import { fillRule } from './rule.ts'
import type { ParsedRule, ResolveLabel } from './rule.ts'

export interface LongRule {
  readonly rule: ParsedRule
  /** Where the next rule starts: white space behind this one is taken along. */
  readonly end: number
}

/** Fields of a rule that sets modes, and of one that changes them. */
export const SET_FIELDS = 3
export const CHANGE_FIELDS = 4

/** The rule that starts at `at`, or -errno: -EINVAL when fields are missing. A NUL ends the data. */
export const parseLongRule = (
  labels: LabelTable,
  data: string,
  at: number,
  fields: number,
  resolve: ResolveLabel,
): LongRule | number => {
  const texts: string[] = []
  let end = at
  for (let field = 0; field < fields; field++) {
    end = skipSpaces(data, end)
    const start = end
    while (isInField(data.charCodeAt(end))) end++
    if (end === start) return -EINVAL
    texts.push(data.slice(start, end))
  }
  end = skipSpaces(data, end)
  const [subject = '', object = '', allow = '', deny = null] = texts
  const rule = fillRule(labels, { subject, object, allow, deny }, resolve, 0)
  return typeof rule === 'number' ? rule : { rule, end }
}

/** Neither white space nor the end: a NUL, or NaN behind the last byte. */
const isInField = (byte: number): boolean => byte > 0 && !isSpace(byte)
