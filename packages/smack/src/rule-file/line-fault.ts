/**
 * The fault that makes a line invalid. A line is `subject object modes`, as load2 takes it, or
 * `subject object allow deny`, as change-rule does.
 */
import type { Diagnostic, RuleErrorCode } from '../errors.ts'
import { labelEnd, SMK_LONGLABEL } from '../label.ts'
import type { LineReader } from './line-reader.ts'

/** Bytes of a line that one write can take: a page less its end. */
const MAX_LINE = 4094

/** null for a line that is a rule. */
export const lineFault = (text: string, line: LineReader): Diagnostic | null => {
  if (line.count < 3) {
    const message = `a rule has three fields, this line has ${line.count}`
    const hint = '`subject object modes`; `-` for no modes'
    return fault(line, 'too-few-fields', line.columnBehind(line.count - 1), message, hint)
  }
  if (line.count > 4) {
    const hint = 'one rule a line; labels have no blanks'
    return fault(line, 'too-many-fields', line.column(4), 'a rule has three fields or four, this line has more', hint)
  }
  return (
    (labelEnd(text, line.subject) < 0 ? labelFault(line, 0) : null) ??
    (labelEnd(text, line.object) < 0 ? labelFault(line, 1) : null) ??
    (line.end - line.start > MAX_LINE ? tooLong(line) : null)
  )
}

const fault = (
  { line }: LineReader,
  code: RuleErrorCode,
  column: number,
  message: string,
  hint: string | null,
): Diagnostic => ({ severity: 'error', code, line, column, message, hint })

const tooLong = (line: LineReader): Diagnostic => {
  const hint = 'one write takes a page, and of that only whole lines'
  return fault(line, 'line-too-long', MAX_LINE + 1, `the line has more than ${MAX_LINE} bytes`, hint)
}

const labelFault = (line: LineReader, index: number): Diagnostic => {
  const text = line.field(index)
  const column = line.column(index)
  if (text.startsWith('-')) {
    return fault(line, 'label-option', column, `\`${text}\` cannot be a label`, 'what starts with `-` is an option')
  }
  if (labelEnd(text, 0, 1) < 0) {
    const hint = 'printable ASCII, but none of `"` `\'` `/` `\\`'
    return fault(line, 'label-start', column, `no label starts like \`${text}\``, hint)
  }
  return fault(line, 'label-too-long', column, `a label has at most ${SMK_LONGLABEL - 1} bytes`, null)
}
