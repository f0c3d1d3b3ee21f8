/** Scenarios and replays as checks: a scenario is a test, what came out otherwise is a finding at its step. */
import type { Check, Finding } from '@lsmkit/report'
import { stepText } from '@lsmkit/testkit/scenario'
import type { Difference, Replay, ScenarioResult, StepChange } from '@lsmkit/testkit/scenario'
import { placeOf } from '../../reporting.ts'

/** By the kind of what differs: `label /etc/shadow` is a `label`. */
export const scenarioRules = {
  'scenario/errno': 'A system call succeeded or failed otherwise than the scenario expects.',
  'scenario/rc': 'A system call returned another number than the scenario expects.',
  'scenario/data': 'Other bytes were read than the scenario expects.',
  'scenario/stat': 'A file has other attributes than the scenario expects.',
  'scenario/by': 'Another LSM refused than the scenario expects.',
  'scenario/hook': 'The refusal came from another hook than the scenario expects.',
  'scenario/label': 'Something has another label than the scenario expects.',
  'scenario/audit': 'The call left other audit records than the scenario expects.',
  'scenario/panic': 'A system call threw: a bug of the kernel or of an LSM.',
} as const

/** `place` is that of the scenario. */
export const scenarioCheck = (result: ScenarioResult, place: string, seconds: number): Check => ({
  name: result.title,
  ...placeOf(place),
  seconds,
  findings: result.differences.map((difference) => findingOf(result, difference)),
})

const findingOf = ({ steps }: ScenarioResult, { step, place, field, expected, got }: Difference): Finding => ({
  rule: `scenario/${/^\w+/.exec(field)![0]}`,
  level: 'error',
  message: `${stepText(steps[step]!)}: ${field} should be ${expected}, is ${got}`,
  ...placeOf(place),
  properties: { step: step + 1, field, expected, got },
})

export const replayRules = {
  'replay/denied': 'An access that was granted would be denied.',
  'replay/granted': 'An access that was denied would be granted.',
  'replay/other': 'A step would come out otherwise.',
} as const

export const replayCheck = ({ title, changes }: Replay, place: string): Check =>
  ({ name: title, ...placeOf(place), findings: changes.map(stepFinding) })

const stepFinding = ({ step, fields, before, after }: StepChange): Finding => ({
  rule: before.rc >= 0 === after.rc >= 0 ? 'replay/other' : after.rc < 0 ? 'replay/denied' : 'replay/granted',
  level: 'error',
  message: `${stepText(before)} would be ${stepText(after)}`,
  ...placeOf(before.place),
  properties: { step: step + 1, fields, before, after },
})
