/**
 * A rule file: a line is `subject object modes`, as load2 takes it, or `subject object allow deny`, as change-rule
 * does.
 * Blank lines and lines that start with `#` are left out.
 */
import type { Diagnostic, Place, RuleErrorCode } from '../errors.ts'
import { labelEnd, SMK_LONGLABEL } from '../label.ts'
import { isSpace } from '../parse/bytes.ts'

/** One field and where it starts. */
export interface FieldText {
  readonly text: string
  readonly column: number
}

export interface RuleLine {
  readonly line: number
  readonly subject: FieldText
  readonly object: FieldText
  readonly allow: FieldText
  /** null: the modes shall be exactly `allow`. */
  readonly deny: FieldText | null
}

/** Bytes of a line that one write can take: a page less its end. */
const MAX_LINE = 4094

export interface ReadRules {
  readonly rules: readonly RuleLine[]
  readonly errors: readonly Diagnostic[]
}

/** Every line that is a rule, and what is wrong with the others. */
export const readRules = (text: string): ReadRules => {
  const rules: RuleLine[] = []
  const errors: Diagnostic[] = []
  let line = 0
  for (let start = 0; start < text.length; line++) {
    const found = text.indexOf('\n', start)
    const end = found < 0 ? text.length : found
    const fields = fieldsOf(text, start, end)
    const number = line + 1
    const width = end - start
    start = end + 1
    if (fields.length === 0 || fields[0]!.text.startsWith('#')) continue
    const error = faultOf(fields, number) ?? (width > MAX_LINE ? tooLong(number) : null)
    if (error !== null) {
      errors.push(error)
      continue
    }
    const [subject, object, allow, deny = null] = fields as [FieldText, FieldText, FieldText, FieldText?]
    rules.push({ line: number, subject, object, allow, deny })
  }
  return { rules, errors }
}

const fieldsOf = (text: string, start: number, end: number): FieldText[] => {
  const fields: FieldText[] = []
  for (let at = start; at < end; ) {
    while (at < end && isSpace(text.charCodeAt(at))) at++
    const from = at
    while (at < end && !isSpace(text.charCodeAt(at))) at++
    if (at > from) fields.push({ text: text.slice(from, at), column: from - start + 1 })
  }
  return fields
}

const error = (code: RuleErrorCode, place: Place, message: string, hint: string | null): Diagnostic =>
  ({ severity: 'error', code, ...place, message, hint })

const tooLong = (line: number): Diagnostic =>
  error(
    'line-too-long',
    { line, column: MAX_LINE + 1 },
    `the line has more than ${MAX_LINE} bytes`,
    'one write takes a page, and of that only whole lines',
  )

const faultOf = (fields: readonly FieldText[], line: number): Diagnostic | null => {
  const count = fields.length
  const last = fields[count - 1]!
  if (count < 3) {
    const place = { line, column: last.column + last.text.length }
    const hint = '`subject object modes`; `-` for no modes'
    return error('too-few-fields', place, `a rule has three fields, this line has ${count}`, hint)
  }
  if (count > 4) {
    const place = { line, column: fields[4]!.column }
    const hint = 'one rule a line; labels have no blanks'
    return error('too-many-fields', place, `a rule has three fields or four, this line has ${count}`, hint)
  }
  return labelFault(fields[0]!, line) ?? labelFault(fields[1]!, line)
}

const labelFault = ({ text, column }: FieldText, line: number): Diagnostic | null => {
  if (labelEnd(text, 0) > 0) return null
  const place = { line, column }
  if (text.startsWith('-')) {
    return error('label-option', place, `\`${text}\` cannot be a label`, 'what starts with `-` is an option')
  }
  if (labelEnd(text, 0, 1) < 0) {
    const hint = 'printable ASCII, but none of `"` `\'` `/` `\\`'
    return error('label-start', place, `no label starts like \`${text}\``, hint)
  }
  return error('label-too-long', place, `a label has at most ${SMK_LONGLABEL - 1} bytes`, null)
}
