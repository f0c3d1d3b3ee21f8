/** `lsm replay`: recorded operations or accesses against another stack or other rules, and what would change. */
import { loggedAccesses, queryAccess } from '@lsmkit/smack/engine'
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
import { accessFinding, replayCheck, replayRules } from './checks.ts'
import type { AccessChange } from './checks.ts'
import { factoriesOf } from './factories.ts'
import { scenariosOf } from './files.ts'

export interface ReplayOptions extends ReportFlags {
  readonly lsm?: string
  readonly cmdline?: string
  readonly write?: readonly string[]
  readonly smackRules?: readonly string[]
}

/** A log has records of Smack in it, or is asked of rules of Smack; anything else is a scenario. */
export const replayCommand = (io: Io, name: string, options: ReplayOptions): number =>
  reported(io, 'replay', options, () => {
    const text = readHostText(io, name)
    const isLog = options.smackRules !== undefined || /lsm=SMACK/.test(text)
    return isLog ? replayLog(io, name, text, options) : replayOperations(io, name, text, options)
  })

const replayLog = (io: Io, name: string, text: string, { smackRules }: ReplayOptions): Outcome => {
  if (smackRules === undefined) {
    const message = `\`${name}\` is an audit log: which rules shall it be asked of?`
    throw new CommandError('usage', message, '--smack-rules FILE')
  }
  const policy = policyOf(readSources(io, smackRules))
  const accesses = loggedAccesses(text)
  if (accesses.length === 0) {
    const hint = 'what `lsm run --audit` writes has them, when Smack is in the stack'
    throw new CommandError('badInput', `\`${name}\` has no records of Smack`, hint)
  }
  const changes = new Map<string, AccessChange>()
  for (const access of accesses) {
    const { action, subject, object, modes, request } = access
    const now = queryAccess(policy, { subject, object, request }) === 'deny' ? 'denied' : 'granted'
    if (now === action) continue
    const key = `${action} ${subject} ${object} ${modes}`
    const known = changes.get(key)
    if (known === undefined) changes.set(key, { ...access, now, times: 1 })
    else known.times++
  }
  const list = [...changes.values()]
  return {
    code: list.length === 0 ? EXIT.ok : EXIT.denied,
    checks: [{ name, file: name, findings: list.map(accessFinding) }],
    rules: replayRules,
    json: (out) => printJson(out, { file: name, records: accesses.length, changes: list }),
    pretty(out) {
      for (const { line, action, now, subject, object, modes, fn, times } of list) {
        const paint = now === 'denied' ? out.colors.red : out.colors.green
        const often = times === 1 ? '' : `, ${times} times`
        const answers = `was ${action}, ${paint(`would be ${now}`)}`
        out.print(`${name}:${line}: ${subject} ${object} ${modes}: ${answers} (${fn}${often})`)
      }
      out.print(`${accesses.length} records, ${list.length} accesses would change`)
    },
  }
}

const replayOperations = (io: Io, name: string, text: string, options: ReplayOptions): Outcome => {
  const change = changeOf(io, options)
  const factories = factoriesOf(io)
  const scenarios = scenariosOf(text, name)
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

const changeOf = (io: Io, { lsm, cmdline, write }: ReplayOptions): ReplayChange => {
  if (lsm === undefined && cmdline === undefined && write === undefined) {
    const hint = '--lsm capability, --cmdline lsm=…, or --write /sys/fs/smackfs/load2=FILE'
    throw new CommandError('usage', 'there is nothing to change', hint)
  }
  const texts = (write ?? []).map((each) => {
    const at = each.indexOf('=')
    if (at <= 0) {
      throw new CommandError('usage', `\`${each}\` is no PATH=FILE`, '--write /sys/fs/smackfs/load2=new-rules')
    }
    return [each.slice(0, at), readHostText(io, each.slice(at + 1))] as const
  })
  return {
    ...(lsm === undefined ? {} : { lsms: [...new Set(['capability', ...parseLsmList(lsm)])] }),
    ...(cmdline === undefined ? {} : { cmdline }),
    ...(write === undefined ? {} : { write: Object.fromEntries(texts) }),
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
