/** Mistakes in policy sources as the command line and reports show them. */
import type { Check, Finding } from '@lsmkit/report'
import { SourceError } from '@lsmkit/selinux/source'
import type { SourceWarning } from '@lsmkit/selinux/source'
import { EXIT, noteLines, printJson } from '../../output.ts'
import type { Outcome } from '../../reporting.ts'

const spotOf = (place: { readonly file: string; readonly line: number; readonly column: number }): string =>
  `${place.file}:${place.line}:${place.column}`

const findingOf = ({ code, summary, place, hint, chain }: SourceError): Finding => ({
  rule: `source/${code}`, level: 'error', fix: hint,
  message: [summary, ...chain.map((one) => `\n${spotOf(one.place)}: ${one.message}`)].join(''),
  ...(place === null ? {} : { file: place.file, line: place.line, column: place.column }),
})

export const sourceCheck = (names: readonly string[], findings: readonly Finding[]): Check =>
  ({ name: names.join(' '), file: names[0]!, findings })

export const warningFinding = ({ code, message, place }: SourceWarning): Finding => ({
  rule: `source/${code}`, level: 'warning', message, fix: null,
  ...(place === null ? {} : { file: place.file, line: place.line, column: place.column }),
})

/** Ends with 3. */
export const sourceRefusal = (names: readonly string[], error: SourceError): Outcome => ({
  code: EXIT.badInput,
  checks: [sourceCheck(names, [findingOf(error)])],
  json(out) {
    const { code, message, place, hint, chain } = error
    printJson(out, { valid: false, errors: [{ code, message, place, hint, chain }] })
  },
  pretty(out) {
    noteLines(out, `${out.colors.red('error')} [${error.code}]: ${error.toString()}`)
  },
})

/** The outcome of the work, or of the mistake in a source that it found. */
export const orRefusal = (names: readonly string[], work: () => Outcome): Outcome => {
  try {
    return work()
  } catch (error) {
    if (error instanceof SourceError) return sourceRefusal(names, error)
    throw error
  }
}
