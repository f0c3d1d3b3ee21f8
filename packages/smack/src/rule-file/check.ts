/** Checks a rule file: what is not a rule, and what is one that will not do what it seems to. */
import type { Diagnostic, Place, RuleWarningCode } from '../errors.ts'
import { labelEnd } from '../label.ts'
import { MAY_TRANSMUTE, modeLetters, parseModes } from '../modes.ts'
import { lineFault } from './line-fault.ts'
import { LineReader } from './line-reader.ts'

/** One field and where it starts. */
interface FieldText {
  readonly text: string
  readonly column: number
}

interface RuleLine {
  readonly line: number
  readonly subject: FieldText
  readonly object: FieldText
  readonly allow: FieldText
  /** null: the modes shall be exactly `allow`. */
  readonly deny: FieldText | null
}

export interface CheckedRules {
  /** Lines that are rules. */
  readonly rules: number
  /** In the order of their places. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads lines as load2 and change-rule take them. Never throws: a bad line is a diagnostic. */
export const checkRules = (text: string): CheckedRules => {
  const diagnostics: Diagnostic[] = []
  const seen = new Map<string, number>()
  let rules = 0
  const reader = new LineReader(text)
  while (reader.next()) {
    const fault = lineFault(text, reader)
    if (fault === null) {
      rules++
      diagnostics.push(...warningsOf(ruleOf(reader), seen))
    } else {
      diagnostics.push(fault)
    }
  }
  return { rules, diagnostics }
}

const ruleOf = (reader: LineReader): RuleLine => {
  const field = (index: number): FieldText => ({ text: reader.field(index), column: reader.column(index) })
  const deny = reader.count > 3 ? field(3) : null
  return { line: reader.line, subject: field(0), object: field(1), allow: field(2), deny }
}

const warningsOf = (rule: RuleLine, seen: Map<string, number>): Diagnostic[] =>
  [...cutLabels(rule), ...unknownModes(rule), ...idle(rule), ...replaced(rule, seen)].sort(
    (a, b) => a.column - b.column,
  )

const warning = (code: RuleWarningCode, place: Place, message: string, hint: string): Diagnostic =>
  ({ severity: 'warning', code, ...place, message, hint })

/** What the kernel takes for the label. */
const labelText = ({ text }: FieldText): string => text.slice(0, labelEnd(text, 0))

const cutLabels = ({ line, subject, object }: RuleLine): Diagnostic[] =>
  [subject, object].flatMap((field) => {
    const label = labelText(field)
    if (label === field.text) return []
    const place = { line, column: field.column + label.length }
    const byte = field.text[label.length]!
    const message = `the label ends at \`${byte}\`: it is \`${label}\``
    return [warning('label-cut', place, message, `a label has no \`${byte}\``)]
  })

const letters = modeLetters.map(([letter]) => letter).join('')

const unknownModes = ({ line, allow, deny }: RuleLine): Diagnostic[] =>
  [allow, ...(deny === null ? [] : [deny])].flatMap(({ text, column }) => {
    const known = /^[-rwxatlb]*/i.exec(text)![0].length
    if (known === text.length) return []
    const place = { line, column: column + known }
    const message = `\`${text[known]}\` is not a mode, and what follows is ignored`
    return [warning('mode-unknown', place, message, `modes are ${letters}, and \`-\` for none`)]
  })

/** Rules that are never asked, as a built-in step has decided before. For `t` rules are read where that step is not. */
const idle = ({ line, subject, object, allow }: RuleLine): Diagnostic[] => {
  const from = labelText(subject)
  const to = labelText(object)
  const place = { line, column: subject.column }
  const at = (message: string): Diagnostic[] => [warning('rule-idle', place, message, 'the rule can go')]
  if (from === '*') return at('`*` may access nothing, whatever its rules')
  if (from === '@' || to === '@') return at('to and from `@` everything is allowed')
  if ((parseModes(allow.text) & MAY_TRANSMUTE) !== 0) return []
  if (to === '*') return at('everybody may access `*`')
  return from === to ? at('a label may access itself') : []
}

/** Setting a pair again forgets what it was; changing it does not. */
const replaced = ({ line, subject, object, deny }: RuleLine, seen: Map<string, number>): Diagnostic[] => {
  const pair = `${labelText(subject)} ${labelText(object)}`
  const before = seen.get(pair)
  seen.set(pair, line)
  if (before === undefined || deny !== null) return []
  const hint = 'modes of two lines do not add up: write one line, or four fields to change it'
  return [warning('rule-replaced', { line, column: subject.column }, `the rule replaces that of line ${before}`, hint)]
}
