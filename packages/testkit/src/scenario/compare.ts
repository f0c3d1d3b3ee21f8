/** Compares the expectations of a step with its outcome. */
import { ownValue } from '@lsmkit/abi'
import { statText } from './scenario.ts'
import type { Expectation, Label } from './scenario.ts'
import type { StepResult } from './step-result.ts'

export interface Difference {
  /** Index of the step. */
  readonly step: number
  readonly place: string
  /** `errno`, `rc`, `data`, `stat.mode`, `by`, `hook`, `label /etc/shadow`, `audit`, `panic`. */
  readonly field: string
  readonly expected: string
  readonly got: string
}

export const compare = (step: number, expect: Expectation, got: StepResult): Difference[] => {
  const { place } = got
  const differences: Difference[] = []
  const check = (field: string, expected: unknown, value: unknown): void => {
    if (String(expected) === String(value)) return
    differences.push({ step, place, field, expected: String(expected), got: String(value) })
  }
  const succeeded = expect.rc !== null && got.rc >= 0
  if (succeeded) check('rc', expect.rc, got.rc)
  else check('errno', expect.errno ?? 'ok', got.result)
  if (expect.data !== null) check('data', expect.data, got.data ?? 'nothing')
  for (const [field, value] of Object.entries(expect.stat ?? {})) {
    check(`stat.${field}`, statText(field, value), got.stat?.[field] ?? 'nothing')
  }
  if (expect.by !== null) check('by', expect.by, got.by ?? '')
  if (expect.hook !== null) check('hook', expect.hook, got.hook ?? '')
  for (const [of, label] of Object.entries(expect.label)) {
    const answer = ownValue(got.label, of) ?? ''
    check(`label ${of}`, labelText(label, answer), labelText(answer, answer))
  }
  if (expect.audit !== null) differences.push(...auditDifferences(step, expect.audit, got))
  return differences
}

/** `smack Web`: by the LSMs that have answered. */
const labelText = (label: Label, answer: Label): string => {
  if (typeof label === 'string') return label
  const shown = Object.entries(label).filter(([lsm]) => typeof answer === 'string' || Object.hasOwn(answer, lsm))
  return shown.map(([lsm, text]) => `${lsm} ${text}`).join(', ')
}

/** Each fragment must be found in a record behind the one before; no fragment means no record. */
const auditDifferences = (step: number, fragments: readonly string[], { place, audit }: StepResult): Difference[] => {
  const got = audit.length === 0 ? 'no record' : audit.join(' | ')
  if (fragments.length === 0) {
    return audit.length === 0 ? [] : [{ step, place, field: 'audit', expected: 'no record', got }]
  }
  let at = 0
  return fragments.flatMap((fragment) => {
    const found = audit.findIndex((record, i) => i >= at && record.includes(fragment))
    if (found < 0) return [{ step, place, field: 'audit', expected: fragment, got }]
    at = found + 1
    return []
  })
}
