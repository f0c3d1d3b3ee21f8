/** Runs a scenario: every step is one system call, and what came of it is kept beside what was expected. */
import { errnoName, ESRCH, PF_EXITING } from '@lsmkit/abi'
import { kernelText } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { checkOptions } from '@lsmkit/core/option-rules'
import { threadOf } from '@lsmkit/kernel'
import type { Kernel, Kstat } from '@lsmkit/kernel'
import { argumentsOf, passedFds } from './arguments.ts'
import type { CallArguments } from './arguments.ts'
import { realName } from './calls.ts'
import { compare } from './compare.ts'
import type { Difference } from './compare.ts'
import { ScenarioError } from './errors.ts'
import { labelOf } from './labels.ts'
import { STAT_FIELDS, statText } from './scenario.ts'
import type { Scenario, Step } from './scenario.ts'
import { outcome } from './step-result.ts'
import type { StepResult } from './step-result.ts'
import { worldOf, worldRules } from './world.ts'
import type { LsmFactories, ScenarioWorld, WorldOptions } from './world.ts'

export interface ScenarioResult {
  readonly title: string
  readonly lsms: readonly string[]
  readonly steps: readonly StepResult[]
  readonly differences: readonly Difference[]
  /** Left out of the set-up, as no LSM of this stack takes it: only with `lenient`. */
  readonly absent: readonly string[]
}

/** Throws ScenarioError if the scenario itself is wrong; failed expectations are in `differences`. */
export const runScenario = (
  scenario: Scenario, factories: LsmFactories, options: WorldOptions = {},
): ScenarioResult => {
  checkOptions(options, worldRules, 'runScenario')
  const world = worldOf(scenario, factories, options)
  const saved = new Map<string, number>()
  const steps: StepResult[] = []
  const differences: Difference[] = []
  for (const [index, step] of scenario.steps.entries()) {
    const result = makeStep(world, saved, step)
    steps.push(result)
    differences.push(...compare(index, step.expect, result))
    for (const panic of world.panics.splice(0)) {
      differences.push({ step: index, place: step.place, field: 'panic', expected: 'none', got: panic })
    }
  }
  return { title: scenario.title, lsms: world.stack.names, steps, differences, absent: world.absent }
}

const makeStep = ({ stack, kernel, tasks }: ScenarioWorld, saved: Map<string, number>, step: Step): StepResult => {
  const { as, call, place, expect } = step
  const task = tasks.get(as)
  if (task === undefined ? saved.get(as) === -1 : (task.flags & PF_EXITING) !== 0) {
    return { ...outcome(step, -ESRCH), result: 'nobody' }
  }
  if (task === undefined) {
    const hint = `known: ${[...tasks.keys()].join(', ')}`
    throw new ScenarioError('unknown-name', `nobody is \`${as}\``, { place, hint })
  }
  const given = argumentsOf(step, { saved, tasks })
  const before = stack.denial
  stack.audit.clear()
  const rc = kernel.syscall(task, realName(call), ...given.values)
  const { records } = stack.audit
  const waived = records.flatMap((record) =>
    record.kind === 'would-deny' ? [`${record.hook}: ${record.lsm} ${errnoName(record.rc)}`] : [])
  const audit = records.map((record) => kernelText(record).replace(/ ?msg=audit\([^)]*\):/, ''))
  const denial = stack.denial === before ? null : stack.denial
  keep(kernel, tasks, saved, step, task, rc, given)
  return {
    ...outcome(step, rc),
    by: denial?.lsm ?? null,
    hook: denial?.hook ?? null,
    waived,
    data: given.buffer === null || rc < 0 ? null : new TextDecoder().decode(given.buffer.subarray(0, rc)),
    stat: given.stat === null || rc < 0 ? null : statOf(given.stat),
    label: Object.fromEntries(Object.entries(expect.label).map(([of, asked]) =>
      [of, labelOf(kernel, tasks.get(of), of, asked)])),
    audit,
  }
}

/** Names results for later steps, -1 when there are none; a child is somebody, by the name its fork was saved as. */
const keep = (
  { machine }: Kernel, tasks: Map<string, Task>, saved: Map<string, number>, { call, save }: Step, task: Task,
  rc: number, { fds, message }: CallArguments,
): void => {
  const values = fds ?? (message === null ? [rc] : passedFds(message))
  for (const [i, name] of save.entries()) saved.set(name, rc < 0 ? -1 : (values[i] ?? -1))
  const isBirth = rc > 0 && (call === 'fork' || call === 'vfork')
  const child = isBirth ? (machine.tasks.find(rc) ?? [...threadOf(task).children].at(-1)) : undefined
  if (child !== undefined && save[0] !== undefined) tasks.set(save[0], child)
}

const statOf = (stat: Kstat): Record<string, number | string> =>
  Object.fromEntries(STAT_FIELDS.map((of) => [of, statText(of, stat[of])]))
