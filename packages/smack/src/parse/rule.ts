/** One rule as it was written: labels by number, and what it changes (smk_fill_rule). */
import { EINVAL, ENOENT } from '@lsmkit/abi'
import { labelEnd } from '../label.ts'
import type { Label } from '../label.ts'
import type { LabelTable } from '../label-table.ts'
import { parseModes } from '../modes.ts'

export interface ParsedRule {
  readonly subject: Label
  readonly object: Label
  readonly allow: number
  readonly deny: number
}

/** How the label that starts at `at` becomes a number; `len` is the width of its field. */
export type ResolveLabel = (labels: LabelTable, text: string, at: number, len: number) => Label

/** For rules: labels are made when they are new. */
export const importLabel: ResolveLabel = (labels, text, at, len) => labels.importAt(text, at, len)

/** For questions: -ENOENT for a label nobody has used, which leaves it unmade. */
export const findLabel: ResolveLabel = (labels, text, at, len) => {
  const end = labelEnd(text, at, len)
  return end < 0 ? -EINVAL : labels.find(text.slice(at, end)) || -ENOENT
}

/** Where the fields of a rule start. Without the fourth the rule shall have exactly the modes of the third. */
export interface RulePlaces {
  readonly subject: number
  readonly object: number
  readonly allow: number
  /** -1 when there is none. */
  readonly deny: number
}

/** The rule, or -errno; the subject is resolved before the object is looked at. `len` is the width of a label field. */
export const fillRule = (
  labels: LabelTable,
  text: string,
  places: RulePlaces,
  resolve: ResolveLabel,
  len: number,
): ParsedRule | number => {
  const subject = resolve(labels, text, places.subject, len)
  if (subject < 0) return subject
  const object = resolve(labels, text, places.object, len)
  if (object < 0) return object
  const allow = parseModes(text, places.allow)
  return { subject, object, allow, deny: places.deny < 0 ? ~allow : parseModes(text, places.deny) }
}
