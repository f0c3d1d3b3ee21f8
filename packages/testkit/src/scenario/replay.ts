/** The same operations on another stack: what would come out otherwise. */
import { ownValue } from '@lsmkit/abi'
import { didYouMean, OptionError, profiles } from '@lsmkit/core'
import type { Profile } from '@lsmkit/core'
import { anObject, aString, checkOptions, either, listOf, oneOf, recordOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { runScenario } from './run.ts'
import type { ScenarioResult } from './run.ts'
import type { StepResult } from './step-result.ts'
import type { Scenario } from './scenario.ts'
import type { LsmFactories } from './world.ts'

/** A difference from the scenario. */
export interface ReplayChange {
  readonly lsms?: readonly string[]
  readonly cmdline?: string
  /** Another kernel release. */
  readonly kernel?: Profile
  /** Options of LSMs, in place of those in the scenario: another policy. */
  readonly options?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Texts in place of those of the scenario, by path: another policy. A path it does not have is added. */
  readonly write?: Readonly<Record<string, string | readonly string[]>>
}

const rules: OptionRules<ReplayChange> = {
  lsms: listOf(aString), cmdline: aString, kernel: oneOf(...profiles), options: recordOf(anObject),
  write: recordOf(either(aString, listOf(aString))),
}

export interface StepChange {
  readonly step: number
  /** Fields of the result that are not the same. */
  readonly fields: readonly (keyof StepResult)[]
  readonly before: StepResult
  readonly after: StepResult
}

export interface Replay {
  readonly title: string
  readonly before: ScenarioResult
  readonly after: ScenarioResult
  readonly changes: readonly StepChange[]
}

/** Not the number itself: descriptors and pids move when a call in front fails. */
const COMPARED: readonly (keyof StepResult)[] = ['result', 'by', 'hook', 'data', 'stat', 'label']

/** Options of an LSM that nobody can make would change nothing. */
const checkNames = (named: readonly string[], known: readonly string[]): void => {
  for (const name of named) {
    if (known.includes(name)) continue
    const hint = didYouMean(name, known)
    throw new OptionError('unknown-option', `there is no LSM \`${name}\``, { place: 'replayScenario: options', hint })
  }
}

/**
 * Runs the scenario as it is and with the change. Its expectations play no role; labels and texts that the other stack
 * has no LSM for are left out (`after.absent`).
 */
export const replayScenario = (scenario: Scenario, factories: LsmFactories, change: ReplayChange): Replay => {
  checkOptions(change, rules, 'replayScenario')
  if (change.options !== undefined) checkNames(Object.keys(change.options), Object.keys(factories))
  const before = runScenario(scenario, factories)
  const after = runScenario(changed(scenario, change), factories, { lenient: true })
  const changes = before.steps.flatMap((step, i): StepChange[] => {
    const other = after.steps[i]!
    const fields = COMPARED.filter((field) => JSON.stringify(step[field]) !== JSON.stringify(other[field]))
    return fields.length === 0 ? [] : [{ step: i, fields, before: step, after: other }]
  })
  return { title: scenario.title, before, after, changes }
}

const changed = (
  scenario: Scenario, { lsms, cmdline, kernel, write = {}, options = {} }: ReplayChange,
): Scenario => ({
  ...scenario,
  lsms: lsms ?? scenario.lsms,
  permissive: scenario.permissive.filter((name) => lsms?.includes(name) ?? true),
  options: merged(scenario.options, options),
  cmdline: cmdline ?? (lsms === undefined ? scenario.cmdline : null),
  kernel: kernel ?? scenario.kernel,
  write: [
    ...scenario.write.filter(({ path }) => !Object.hasOwn(write, path)),
    ...Object.entries(write).flatMap(([path, texts]) =>
      [texts].flat().map((text) => ({ path, text, place: scenario.place }))),
  ],
})

const merged = (own: Scenario['options'], other: Scenario['options']): Scenario['options'] => ({
  ...own,
  ...Object.fromEntries(Object.entries(other).map(([lsm, options]) => [lsm, { ...ownValue(own, lsm), ...options }])),
})
