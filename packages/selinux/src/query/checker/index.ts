/** sechecker: checks of a configuration, run on a policy, with its report. */
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { Policydb } from '../../policydb/policydb.ts'
import { TeRules } from '../te-rules.ts'
import type { PolicyView } from '../view.ts'
import { checkKinds } from './checks.ts'
import type { PreparedCheck } from './checks.ts'
import { CheckError, parseChecks } from './ini.ts'
import type { Section } from './ini.ts'

/** One check, after it ran. */
export interface CheckResult {
  readonly name: string
  readonly type: string
  readonly description: string | null
  /** Why it was not run; null where it was. */
  readonly disabled: string | null
  readonly failures: readonly string[]
  /** Lines of the report. */
  readonly lines: readonly string[]
}

/** Options that every check may have. */
const COMMON = ['check_type', 'desc', 'disable']

const prepare = (rules: TeRules, section: Section): PreparedCheck => {
  const place = `${section.place} [${section.name}]`
  const type = section.options.get('check_type')
  if (type === undefined) throw new CheckError('missing-option', 'the option `check_type` is missing', place)
  const kind = checkKinds.get(type)
  if (kind === undefined) {
    throw new CheckError('unknown-check', `\`${type}\` is not a kind of check`, place,
      didYouMean(type, checkKinds.keys()) ?? `kinds: ${[...checkKinds.keys()].join(', ')}`)
  }
  const known = [...COMMON, ...kind.options]
  for (const option of section.options.keys()) {
    if (known.includes(option)) continue
    throw new CheckError('unknown-option', `\`${option}\` is not an option of ${type}`, place,
      didYouMean(option, known) ?? `options: ${known.join(', ')}`)
  }
  return kind.prepare(rules, section)
}

/**
 * Runs the checks of a configuration of sechecker. Throws CheckError for a configuration that is not valid, before any
 * check runs.
 */
export const runChecks = (policy: Policydb | PolicyView, text: string, file = 'checks'): CheckResult[] => {
  const rules = new TeRules(policy)
  const sections = parseChecks(text, file)
  if (sections.length === 0) throw new CheckError('missing-option', 'there is no check', file, '[name of a check]')
  const prepared = sections.map((section) => ({ section, run: prepare(rules, section) }))
  return prepared.map(({ section: { name, options }, run }) => {
    const disabled = options.get('disable') || null
    const found = disabled === null ? run() : { lines: [], failures: [] }
    return { name, type: options.get('check_type')!, description: options.get('desc') || null, disabled, ...found }
  })
}

const RULER = ['---------------------------------------------------------', '']

const verdict = ({ disabled, failures }: CheckResult): string =>
  disabled !== null ? `DISABLED (${disabled})` : failures.length > 0 ? `FAILED (${failures.length} failures)` : 'PASSED'

const checkLines = (result: CheckResult): string[] => {
  const { name, description, disabled, lines, failures } = result
  const about = description === null ? [] : [...`Description: ${description}`.split('\n'), '']
  const head = [...RULER, `Check name: ${name}`, '', ...about]
  if (disabled !== null) return [...head, ...`Check DISABLED.  Reason: ${disabled}`.split('\n'), '']
  return [...head, ...lines, '', `Check ${failures.length > 0 ? 'FAILED' : 'PASSED'}`, '']
}

/** The report as sechecker prints it, without the names of files and the times at its ends. */
export const checkReport = (results: readonly CheckResult[]): string[] => {
  const count = results.reduce((sum, { failures }) => sum + failures.length, 0)
  return [
    ...results.flatMap(checkLines), ...RULER, 'Result Summary:', '',
    ...results.map((result) => `${result.name.padEnd(39)} ${verdict(result)}`), '', `${count} failure(s) found.`,
  ]
}
