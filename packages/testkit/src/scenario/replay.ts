/** The same operations on another stack: what would come out otherwise. */
import { aString, checkOptions, listOf, recordOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { runScenario } from './run.ts'
import type { ScenarioResult, StepResult } from './run.ts'
import type { Scenario } from './scenario.ts'
import type { LsmFactories } from './world.ts'

/** What is other than in the scenario. */
export interface ReplayChange {
  readonly lsms?: readonly string[]
  readonly cmdline?: string
  /** Texts in place of those of the scenario, by path: another policy. A path it does not have is added. */
  readonly write?: Readonly<Record<string, string>>
}

const rules: OptionRules<ReplayChange> = { lsms: listOf(aString), cmdline: aString, write: recordOf(aString) }

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

/**
 * Runs the scenario as it is and with the change. What it expects plays no role; labels and texts that the other stack
 * has no LSM for are left out (`after.absent`).
 */
export const replayScenario = (scenario: Scenario, factories: LsmFactories, change: ReplayChange): Replay => {
  checkOptions(change, rules, 'replayScenario')
  const before = runScenario(scenario, factories)
  const after = runScenario(changed(scenario, change), factories, { lenient: true })
  const changes = before.steps.flatMap((step, i): StepChange[] => {
    const other = after.steps[i]!
    const fields = COMPARED.filter((field) => JSON.stringify(step[field]) !== JSON.stringify(other[field]))
    return fields.length === 0 ? [] : [{ step: i, fields, before: step, after: other }]
  })
  return { title: scenario.title, before, after, changes }
}

const changed = (scenario: Scenario, { lsms, cmdline, write = {} }: ReplayChange): Scenario => ({
  ...scenario,
  lsms: lsms ?? scenario.lsms,
  permissive: scenario.permissive.filter((name) => lsms?.includes(name) ?? true),
  cmdline: cmdline ?? (lsms === undefined ? scenario.cmdline : null),
  write: [
    ...scenario.write.filter(({ path }) => !Object.hasOwn(write, path)),
    ...Object.entries(write).map(([path, text]) => ({ path, text, place: scenario.place })),
  ],
})
