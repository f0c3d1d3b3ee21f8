/** `lsm policy simulate` and `lsm replay LOG`: accesses in a log that another policy would newly deny or allow. */
import { apparmorRecordsIn, replayedApparmor } from '@lsmkit/apparmor/query'
import { parseCapabilitySets } from '@lsmkit/capability/engine'
import { capabilityChecksIn, replayedChecks } from '@lsmkit/capability/learn'
import type { Profile } from '@lsmkit/core'
import { changesOf } from '@lsmkit/core/policy/audit-log'
import type { Replayed, ReplayedChange } from '@lsmkit/core/policy/audit-log'
import type { RulesetOptions } from '@lsmkit/landlock'
import { heldBy } from '@lsmkit/landlock/changes'
import { blockedIn, replayedBlocked } from '@lsmkit/landlock/learn'
import type { Finding } from '@lsmkit/report'
import { checkPolicy, Hosts } from '@lsmkit/sandbox/policy-parts'
import { replayedRecords } from '@lsmkit/selinux/learn'
import { TeRules } from '@lsmkit/selinux/query'
import { accessesIn } from '@lsmkit/smack/engine'
import { replayedAccesses } from '@lsmkit/smack/learn'
import { CommandError } from '../../command-error.ts'
import { parsedFile, readHostJson } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson } from '../../output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import type { Outcome } from '../../reporting.ts'
import { askedPolicy } from '../apparmor/inputs.ts'
import { avcRecordsOf } from '../learn/avc-records.ts'
import { hostRecordsIn, replayedHosts } from '../learn/host-records.ts'
import { LOOKED_FOR, readLog } from '../learn/log-input.ts'
import type { LogInput } from '../learn/log-input.ts'
import { withCommandErrors } from '../selinux/errors.ts'
import { policyOf, serverOf } from '../selinux/inputs.ts'
import { policyOf as smackPolicyOf, readSources } from '../smack/rule-sources.ts'
import { checkLocal, policyKindOf } from './kind.ts'
import type { PolicyKind } from './kind.ts'
import { readRuleset } from './ruleset-file.ts'

/** Changes of semanage for a policy of SELinux, and the release whose features and rights hold. */
interface Replaying {
  readonly local?: readonly string[] | undefined
  readonly kernel?: Profile | undefined
}

type Replayer = (io: Io, policy: string, input: LogInput, options: Replaying) => Iterable<Replayed>

/** A log's records of one module, asked of a policy of that module. */
const replayers: Readonly<Record<PolicyKind, Replayer>> = {
  selinux(io, policy, input, { local }) {
    const db = policyOf(io, policy, local)
    return replayedRecords(avcRecordsOf(input), serverOf(db), new TeRules(db))
  },
  smack: (io, policy, { log }) =>
    replayedAccesses(accessesIn(log), smackPolicyOf(readSources(io, [policy]))),
  apparmor: (io, policy, { log }, { kernel }) =>
    replayedApparmor(apparmorRecordsIn(log), askedPolicy(io, [policy], kernel === undefined ? {} : { kernel })),
  capability: (io, policy, { log }) =>
    replayedChecks(capabilityChecksIn(log), parsedFile(io, policy, parseCapabilitySets)),
  landlock: (io, policy, { log }, { kernel }) =>
    replayedBlocked(blockedIn(log), ofRelease(readRuleset(io, policy), kernel)),
  sandbox: (io, policy, { log }) =>
    replayedHosts(hostRecordsIn(log), new Hosts(checkPolicy(readHostJson(io, policy), policy).allow?.hosts ?? [])),
}

const ofRelease = (ruleset: RulesetOptions, kernel: Profile | undefined): RulesetOptions =>
  (kernel === undefined ? ruleset : heldBy(ruleset, kernel))

/** Names that are listed of those that a policy does not have. */
const NAMED = 10

/** The records that a policy could not be asked about, by the name that it does not have. */
class Unasked {
  count = 0
  /** By name, the records and the line of the first. */
  readonly names = new Map<string, { readonly line: number; times: number }>()

  add({ unknown, line }: Replayed): void {
    if (unknown === undefined) return
    this.count++
    const known = this.names.get(unknown)
    if (known !== undefined) known.times++
    else if (this.names.size < MOST_NAMES) this.names.set(unknown, { line, times: 1 })
  }

  json(): object {
    return { records: this.count, names: Array.from(this.names, ([name, { line, times }]) => ({ name, line, times })) }
  }

  /** For people; no line where all was asked. */
  lines(): string[] {
    if (this.count === 0) return []
    const { size } = this.names
    const more = size > NAMED ? [`  … and ${size - NAMED} more`] : []
    const shown = [...this.names].slice(0, NAMED).map(([name, { times }]) => `  ${name} (${counted(times, 'record')})`)
    return [`could not ask about ${counted(this.count, 'record')}: the policy does not have`, ...shown, ...more]
  }

  findings(input: LogInput): Finding[] {
    return [...this.names].slice(0, NAMED).map(([name, { line, times }]) => ({
      rule: 'simulate/unasked', level: 'warning', message: `the policy does not have ${name}`, ...input.place(line),
      properties: { name, times },
    }))
  }
}

/** Names that are kept: a log may be made of nothing else. */
const MOST_NAMES = 100_000

export const simulateRules = {
  'simulate/denied': 'An access that was granted would be denied.',
  'simulate/allowed': 'An access that was denied would be allowed.',
  'simulate/unasked': 'The policy does not have a name in a record, and cannot be asked about it.',
}

/** The verdicts of a policy on a log. Throws CommandError when the log has no records of the policy's module. */
export const simulated = (io: Io, input: LogInput, policy: string, options: Replaying = {}): Outcome => {
  const kind = policyKindOf(io, policy)
  checkLocal(policy, kind, options.local)
  const what = kind === 'sandbox' ? 'hosts' : kind
  return outcomeOf(input, replayers[kind](io, policy, input, options), () =>
    new CommandError('badInput', `\`${input.name}\` has no records of ${what}`, LOOKED_FOR))
}

/** Ends with 1 when something would be answered otherwise. Throws what `none` makes where nothing was asked. */
export const outcomeOf = (input: LogInput, answers: Iterable<Replayed>, none: () => CommandError): Outcome => {
  let count = 0
  const unasked = new Unasked()
  function* watched(): Generator<Replayed> {
    for (const answer of answers) {
      count++
      unasked.add(answer)
      yield answer
    }
  }
  const changes = changesOf(watched())
  if (count === 0) throw none()
  return {
    code: changes.length === 0 ? EXIT.ok : EXIT.denied,
    checks: [{
      name: input.name, file: input.name,
      findings: [...changes.map((change) => findingOf(input, change)), ...unasked.findings(input)],
    }],
    rules: simulateRules,
    json: (out) => printJson(out, { file: input.name, records: count, unasked: unasked.json(), changes }),
    pretty(out) {
      for (const { line, was, now, access, why, times } of changes) {
        const paint = now === 'denied' ? out.colors.red : out.colors.green
        const { file, line: at } = input.place(line)
        const often = times === 1 ? '' : ` (${times} times)`
        out.print(`${file}:${at}: ${access}: was ${was}, ${paint(`would be ${now}`)}${often}`)
        if (now === 'denied' && why !== '') out.print(`  ${why}`)
      }
      const newly = (now: string): number => changes.filter((change) => change.now === now).length
      for (const line of unasked.lines()) out.print(line)
      const notAsked = unasked.count === 0 ? '' : `, ${unasked.count} not asked`
      out.print(`${count} records: ${newly('denied')} newly denied, ${newly('granted')} newly allowed${notAsked}`)
    },
  }
}

const findingOf = (input: LogInput, { line, was, now, access, why, times }: ReplayedChange): Finding => ({
  rule: now === 'denied' ? 'simulate/denied' : 'simulate/allowed',
  level: 'error',
  message: `${access}: was ${was}, would be ${now}`,
  fix: now === 'denied' && why !== '' ? why : null,
  ...input.place(line),
  properties: { was, now, access, times },
})

export interface SimulateFlags extends ReportFlags {
  readonly policy: string
  readonly audit?: string
  /** Decisions of a fleet since then, of this store. */
  readonly fleet?: string
  readonly store?: string
  readonly credentials?: string
  /** Changes of semanage, for a policy of SELinux. */
  readonly local?: readonly string[]
  readonly kernel?: Profile
}

/** The decisions of all hosts, asked of another policy. */
const simulatedFleet = async (io: Io, flags: SimulateFlags): Promise<number> => {
  const { policy, local, kernel, fleet: since, store, credentials, ...report } = flags
  if (store === undefined) throw new CommandError('usage', '`--fleet` needs the store', '--store /var/lib/fleet')
  const { fleetLog } = await import('../fleet/fleet-log.ts')
  const input = await fleetLog(io, {
    store, ...(since === undefined ? {} : { since }), ...(credentials === undefined ? {} : { credentials }),
  })
  return withCommandErrors(() =>
    reported(io, 'policy simulate', report, () => simulated(io, input, policy, { local, kernel })))
}

export const simulateCommand = (io: Io, flags: SimulateFlags): number | Promise<number> => {
  const { policy, audit, fleet, store, local, kernel, ...report } = flags
  if ((audit === undefined) === (fleet === undefined)) {
    throw new CommandError('usage', 'one log: `--audit LOG`, or `--fleet 24h --store PLACE`')
  }
  if (fleet !== undefined) return simulatedFleet(io, flags)
  if (store !== undefined) throw new CommandError('usage', '`--store` is of a fleet', '--fleet 24h')
  return withCommandErrors(() => reported(io, 'policy simulate', report, () =>
    simulated(io, readLog(io, audit!), policy, { local, kernel })))
}
