/** Results as text: each step with a difference, what led there, and what was expected of it. */
import { oneLine, printable } from '@lsmkit/abi'
import { aBoolean, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { ScenarioResult } from './run.ts'
import type { StepResult } from './step-result.ts'

export interface ReportOptions {
  /** Every step, not only those with a difference. */
  readonly all?: boolean
}

const rules: OptionRules<ReportOptions> = { all: aBoolean }

/** `alice: openat(…) = EACCES <file_open: smack>`; `= 3 <permissive file_open: smack EACCES>` of who is not obeyed. */
export const stepText = ({ as, call, rc, result, by, hook, waived, data }: StepResult): string => {
  const refused = by === null ? '' : ` <${hook}: ${by}>`
  const ignored = waived.length === 0 ? '' : ` <permissive ${waived.join(', ')}>`
  const read = data === null || data === '' ? '' : ` ${JSON.stringify(data)}`
  return oneLine(`${as}: ${call} = ${rc >= 0 ? rc : result}${read}${refused}${ignored}`)
}

/** A line each, safe to print. */
const marked = (mark: string, text: string): string[] =>
  text.split('\n').map((line) => `        ${mark} ${printable(line)}`)

/** Lines for a terminal, without colours: `-` is what was expected, `+` what came. */
export const reportLines = (
  { title, steps, differences }: ScenarioResult, options: ReportOptions = {},
): string[] => {
  checkOptions(options, rules, 'reportLines')
  const { all = false } = options
  const failed = new Set(differences.map(({ step }) => step))
  const count = steps.length === 1 ? '1 step' : `${steps.length} steps`
  const lines: string[] = [oneLine(`${failed.size === 0 ? 'ok' : 'differs'}  ${title} (${count})`)]
  let told = -1
  for (const [i, step] of steps.entries()) {
    if (!all && !failed.has(i)) continue
    // The step in front is often what matters.
    if (!all && i > 0 && told < i - 1) lines.push(`     ${i}  ${stepText(steps[i - 1]!)}`)
    told = i
    lines.push(`${failed.has(i) ? '  ✗' : '   '}  ${i + 1}  ${stepText(step)}`)
    for (const { field, expected, got, place } of differences.filter((each) => each.step === i)) {
      lines.push(oneLine(`        ${place}: ${field}`), ...marked('-', expected), ...marked('+', got))
    }
  }
  return lines
}
