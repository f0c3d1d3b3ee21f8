/** One rule as it was written: labels by number, and what it changes (smk_fill_rule). */
import { EINVAL, ENOENT } from '@lsmkit/abi'
import { parseLabel } from '../label.ts'
import type { Label } from '../label.ts'
import type { LabelTable } from '../label-table.ts'
import { parseModes } from '../modes.ts'

export interface ParsedRule {
  readonly subject: Label
  readonly object: Label
  readonly allow: number
  readonly deny: number
}

/** How a label text becomes a number. */
export type ResolveLabel = (labels: LabelTable, text: string, len: number) => Label

/** For rules: labels are made when they are new. */
export const importLabel: ResolveLabel = (labels, text, len) => labels.import(text, len)

/** For questions: -ENOENT for a label nobody has used, which leaves it unmade. */
export const findLabel: ResolveLabel = (labels, text, len) => {
  const label = parseLabel(text, len)
  return label === null ? -EINVAL : labels.find(label) || -ENOENT
}

export interface RuleText {
  readonly subject: string
  readonly object: string
  readonly allow: string
  /** null: the rule shall have exactly `allow`. */
  readonly deny: string | null
}

/** The rule, or -errno; the subject is resolved before the object is looked at. `len` is the width of a label field. */
export const fillRule = (
  labels: LabelTable,
  text: RuleText,
  resolve: ResolveLabel,
  len: number,
): ParsedRule | number => {
  const subject = resolve(labels, text.subject, len)
  if (subject < 0) return subject
  const object = resolve(labels, text.object, len)
  if (object < 0) return object
  const allow = parseModes(text.allow)
  return { subject, object, allow, deny: text.deny === null ? ~allow : parseModes(text.deny) }
}
