/** `lsm smack check FILE…`: lines that are no rule, and rules that will not do what they seem to. */
import { checkRules } from '@lsmkit/smack/engine'
import type { Diagnostic } from '@lsmkit/smack/engine'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { readSources } from './rule-sources.ts'

export interface CheckOptions {
  readonly json?: boolean
}

/** Ends with 3 when the kernel would not take a file whole, with 1 when there are only warnings. */
export const checkCommand = (io: Io, names: readonly string[], { json }: CheckOptions): number => {
  const files = readSources(io, names).map(({ name, text }) => ({ file: name, ...checkRules(text) }))
  const all = files.flatMap(({ diagnostics }) => diagnostics)
  const count = (severity: Diagnostic['severity']): number => all.filter((each) => each.severity === severity).length
  const [errors, warnings] = [count('error'), count('warning')]
  if (json) printJson(io, { files, errors, warnings })
  else {
    for (const { file, diagnostics } of files) for (const each of diagnostics) io.print(lineOf(io, file, each))
    const rules = files.reduce((sum, file) => sum + file.rules, 0)
    io.print([counted(rules, 'rule'), counted(errors, 'error'), counted(warnings, 'warning')].join(', '))
  }
  return errors > 0 ? EXIT.badInput : warnings > 0 ? EXIT.denied : EXIT.ok
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

/** `rules:3:5: warning: … (…)`, as compilers print, so that editors find the place. */
const lineOf = (io: Io, file: string, { severity, line, column, message, hint, code }: Diagnostic): string => {
  const paint = severity === 'error' ? io.colors.red : io.colors.yellow
  const more = hint === null ? '' : ` (${hint})`
  return `${file}:${line}:${column}: ${paint(severity)}: ${message}${more} [${code}]`
}
