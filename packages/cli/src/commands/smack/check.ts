/** `lsm smack check FILE…`: lines that are not rules, and rules that will not do what they seem to. */
import type { Finding } from '@lsmkit/report'
import { checkRules, diagnosticText } from '@lsmkit/smack/engine'
import type { Diagnostic } from '@lsmkit/smack/engine'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson } from '../../output.ts'
import type { Output } from '../../output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import { readSources } from './rule-sources.ts'

const rules = {
  'smack/too-few-fields': 'A rule has three fields or four.',
  'smack/too-many-fields': 'A rule has three fields or four.',
  'smack/label-option': 'No label starts with `-`.',
  'smack/label-start': 'A label starts with printable ASCII other than quotes, slash and backslash.',
  'smack/label-too-long': 'A label has at most 255 bytes.',
  'smack/line-too-long': 'One write takes whole lines of at most a page.',
  'smack/label-cut': 'The kernel takes less for the label than was written.',
  'smack/mode-unknown': 'Letters behind one that is not a mode are ignored.',
  'smack/rule-replaced': 'Modes of two lines do not add up: the later line replaces the former.',
  'smack/rule-idle': 'A built-in step decides before the rule is read.',
} satisfies Readonly<Record<`smack/${Diagnostic['code']}`, string>>

/** Ends with 3 when the kernel would not take a file whole, with 1 when there are only warnings. */
export const checkCommand = (io: Io, names: readonly string[], flags: ReportFlags): number =>
  reported(io, 'smack check', flags, () => {
    const files = readSources(io, names).map(({ name, text }) => ({ file: name, ...checkRules(text) }))
    const all = files.flatMap(({ diagnostics }) => diagnostics)
    const count = (of: Diagnostic['severity']): number => all.filter(({ severity }) => severity === of).length
    const [errors, warnings] = [count('error'), count('warning')]
    return {
      code: errors > 0 ? EXIT.badInput : warnings > 0 ? EXIT.denied : EXIT.ok,
      checks: files.map(({ file, diagnostics }) => ({ name: file, file, findings: diagnostics.map(findingOf) })),
      rules,
      json: (out) => printJson(out, { files, errors, warnings }),
      pretty(out) {
        for (const { file, diagnostics } of files) for (const each of diagnostics) out.print(lineOf(out, file, each))
        const total = files.reduce((sum, file) => sum + file.rules, 0)
        out.print([counted(total, 'rule'), counted(errors, 'error'), counted(warnings, 'warning')].join(', '))
      },
    }
  })

const findingOf = ({ severity, code, line, column, message, hint }: Diagnostic): Finding => ({
  rule: `smack/${code}`, level: severity, line, column, message, fix: hint,
  ...(code === 'rule-idle' ? { replacement: { line, column: 1, endLine: line + 1, endColumn: 1, text: '' } } : {}),
})

const lineOf = ({ colors }: Output, file: string, found: Diagnostic): string =>
  diagnosticText(file, found, (severity) => (severity === 'error' ? colors.red : colors.yellow)(severity))
