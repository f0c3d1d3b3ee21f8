/** `lsm replay`: recorded operations or accesses against another stack or other rules, and what would change. */
import { resolve } from 'node:path'
import type { Profile } from '@lsmkit/core'
import { accessesIn, exportRules, load2Writes } from '@lsmkit/smack/engine'
import { replayedAccesses } from '@lsmkit/smack/learn'
import { replayScenario, stepText } from '@lsmkit/testkit/scenario'
import type { Replay, ReplayChange, StepResult } from '@lsmkit/testkit/scenario'
import { CommandError } from '../../command-error.ts'
import { readHostText } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { parseLsmList } from '../../modules.ts'
import { EXIT, printJson } from '../../output.ts'
import type { Output } from '../../output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import type { Outcome } from '../../reporting.ts'
import { policyOf, readSources } from '../smack/rule-sources.ts'
import { isLog, logInput, openRecorded } from '../learn/log-input.ts'
import type { LogInput } from '../learn/log-input.ts'
import { policyKindOf } from '../policy/kind.ts'
import { outcomeOf, simulated } from '../policy/simulate.ts'
import { withCommandErrors } from '../selinux/errors.ts'
import { replayCheck, replayRules } from './checks.ts'
import { factoriesOf } from './factories.ts'
import { scenariosOf } from './files.ts'

export interface ReplayOptions extends ReportFlags {
  readonly lsm?: string
  readonly cmdline?: string
  readonly kernel?: Profile
  readonly write?: readonly string[]
  readonly smackRules?: readonly string[]
  /** Another policy: of a log's module, or for a scenario in place of its own. */
  readonly policy?: string
  /** Local changes of that policy, where it is SELinux's and the input a log. */
  readonly local?: readonly string[]
}

/** A log is asked of a policy; a scenario is run again under another stack, policy or other texts. */
export const replayCommand = (io: Io, name: string, options: ReplayOptions): number =>
  withCommandErrors(() => reported(io, 'replay', options, () => {
    const log = openRecorded(io, name)
    if (options.local !== undefined && options.policy === undefined) {
      throw new CommandError('usage', '`--local` changes a policy', '--policy FILE')
    }
    if (options.smackRules === undefined && !isLog(log)) return replayOperations(io, name, log.text(), options)
    const input = logInput(name, log)
    if (options.smackRules !== undefined) return replaySmack(io, input, options.smackRules)
    const { policy, local, kernel } = options
    if (policy !== undefined) return simulated(io, input, policy, { local, kernel })
    const message = `\`${name}\` is an audit log: which policy shall it be asked of?`
    throw new CommandError('usage', message, '--policy FILE, or --smack-rules FILE')
  }))

const replaySmack = (io: Io, input: LogInput, files: readonly string[]): Outcome => {
  const answers = replayedAccesses(accessesIn(input.log), policyOf(readSources(io, files)))
  const hint = 'what `lsm run --audit` writes has them, when Smack is in the stack'
  return outcomeOf(input, answers, () =>
    new CommandError('badInput', `\`${input.name}\` has no records of Smack`, hint))
}

const replayOperations = (io: Io, name: string, text: string, options: ReplayOptions): Outcome => {
  const scenarios = scenariosOf(text, name)
  const change = changeOf(io, options)
  const factories = factoriesOf(io)(name)
  const replays = scenarios.map((scenario) => replayScenario(scenario, factories, change))
  const changed = replays.reduce((sum, { changes }) => sum + changes.length, 0)
  return {
    code: changed === 0 ? EXIT.ok : EXIT.denied,
    checks: replays.map((replay, i) => replayCheck(replay, scenarios[i]!.place)),
    rules: replayRules,
    json: (out) => printJson(out, { file: name, replays: replays.map(replayJson) }),
    pretty(out) {
      for (const replay of replays) printReplay(out, replay)
      const steps = replays.reduce((sum, { before }) => sum + before.steps.length, 0)
      out.print(`${steps} steps, ${changed} would come out otherwise`)
    },
  }
}

const LOAD2 = '/sys/fs/smackfs/load2'

const changeOf = (io: Io, { lsm, cmdline, kernel, write, policy, local }: ReplayOptions): ReplayChange => {
  if ([lsm, cmdline, kernel, write, policy].every((one) => one === undefined)) {
    const hint = '--lsm capability, --cmdline lsm=…, --kernel 7.3, --policy FILE, or --write /sys/fs/smackfs/load2=FILE'
    throw new CommandError('usage', 'there is nothing to change', hint)
  }
  const kind = policy === undefined ? null : policyKindOf(io, policy)
  const texts = (write ?? []).map((each) => {
    const at = each.indexOf('=')
    if (at <= 0) {
      throw new CommandError('usage', `\`${each}\` is no PATH=FILE`, '--write /sys/fs/smackfs/load2=new-rules')
    }
    return [each.slice(0, at), readHostText(io, each.slice(at + 1))] as const
  })
  return {
    // named on the command line, not in the scenario: from the working directory
    ...(kind === 'selinux' ? { options: { selinux: {
      policy: resolve(io.cwd, policy!),
      ...(local === undefined ? {} : { local: local.map((one) => resolve(io.cwd, one)) }),
    } } } : {}),
    ...(kind === 'apparmor' ? { options: { apparmor: { profiles: [resolve(io.cwd, policy!)] } } } : {}),
    ...(lsm === undefined ? {} : { lsms: [...new Set(['capability', ...parseLsmList(lsm)])] }),
    ...(cmdline === undefined ? {} : { cmdline }), ...(kernel === undefined ? {} : { kernel }),
    write: {
      ...Object.fromEntries(texts),
      // one write takes a page; no rules are no write
      ...(kind === 'smack' ? { [LOAD2]: load2Writes(exportRules(policyOf(readSources(io, [policy!])))) } : {}),
    },
  }
}

const printReplay = (out: Output, { title, before, after, changes }: Replay): void => {
  out.print(out.colors.bold(title))
  out.print(`  ${before.lsms.join(',')} → ${after.lsms.join(',')}`)
  for (const what of after.absent) out.note(`${title}: ${what} is left out, as no LSM of the other stack takes it`)
  for (const { step, fields, before: was, after: is } of changes) {
    out.print(`  step ${step + 1}, ${was.place}`)
    out.print(out.colors.red(`    - ${stepText(was)}${seen(was, fields)}`))
    out.print(out.colors.green(`    + ${stepText(is)}${seen(is, fields)}`))
  }
}

/** What a step's line does not show, where that has changed: ` label {"/w/new":"A"}`. */
const seen = (step: StepResult, fields: readonly (keyof StepResult)[]): string =>
  (['label', 'stat'] as const)
    .filter((field) => fields.includes(field))
    .map((field) => ` ${field} ${JSON.stringify(step[field])}`)
    .join('')

const replayJson = ({ title, before, after, changes }: Replay): object =>
  ({ title, before: before.lsms, after: after.lsms, absent: after.absent, changes })
