/** The learners, by module: each gives proposals, the text they make, and rules that forbid them. */
import { apparmorRecordsIn, proposeRules } from '@lsmkit/apparmor/query'
import type { ProposedRule } from '@lsmkit/apparmor/query'
import { capabilityChecksIn, learnCapabilities } from '@lsmkit/capability/learn'
import { proposalNotes } from '@lsmkit/core/policy/audit-log'
import type { Proposal } from '@lsmkit/core/policy/audit-log'
import { blockedIn, learnRuleset } from '@lsmkit/landlock/learn'
import { learn } from '@lsmkit/selinux/learn'
import type { Denial, LearnedRule } from '@lsmkit/selinux/learn'
import { TeRules } from '@lsmkit/selinux/query'
import { accessesIn, Policy } from '@lsmkit/smack/engine'
import { learnRules } from '@lsmkit/smack/learn'
import { cilSources, policyOf, serverOf } from '../selinux/inputs.ts'
import { labelsFor } from '../selinux/learn-labels.ts'
import { policyOf as smackPolicyOf, readSources } from '../smack/rule-sources.ts'
import { avcRecordsOf } from './avc-records.ts'
import { held } from './host-log.ts'
import type { Learner } from './learner.ts'
import type { LogInput } from './log-input.ts'
import { sandbox } from './sandbox-policy.ts'

const smack: Learner = {
  comment: '#',
  learn(io, { name, log }, { smackRules }) {
    const policy = smackRules === undefined ? new Policy() : smackPolicyOf(readSources(io, smackRules))
    const accesses = held(accessesIn(log), name)
    const { proposals, text, impossible, already } = learnRules(accesses, { policy })
    const objections = impossible.map(({ subject, object, modes, instead, line }) =>
      ({ message: `no rule allows ${subject} ${object} ${modes}: ${instead.join('; ')}`, line }))
    return { records: accesses.length, already, proposals, text, objections }
  },
}

const capability: Learner = {
  comment: '#',
  learn(_io, { name, log }) {
    const checks = held(capabilityChecksIn(log), name)
    return { records: checks.length, already: 0, objections: [], ...learnCapabilities(checks) }
  },
}

const apparmor: Learner = {
  comment: '#',
  learn(_io, { name, log }) {
    const records = held(apparmorRecordsIn(log), name)
    const rules = proposeRules(records)
    const proposals = rules.map(({ rule, count, line, commands, objects, caution }) => ({
      text: rule, seen: count, line, commands, objects, beyond: [], instead: [],
      broad: caution === null ? [] : [caution],
    }))
    const profiles = [...new Set(rules.map(({ profile }) => profile))]
    const text = profiles.map((profile) => profileText(profile, rules)).join('')
    return { records: records.length, already: 0, proposals, text, objections: [] }
  },
}

/** Rules of one profile, to be put into it: `lsm apparmor learn --into FILE` does. */
const profileText = (name: string, rules: readonly ProposedRule[]): string => {
  const own = rules.filter(({ profile }) => profile === name)
  const lines = own.flatMap(({ rule, count, caution, ...notes }) => [
    ...proposalNotes({
      ...notes, seen: count, beyond: [], instead: [], broad: caution === null ? [] : [caution],
    }).map((note) => `  # ${note}`),
    `  ${rule}`,
  ])
  return [`# for the profile ${name}`, ...lines, ''].join('\n')
}

const landlock: Learner = {
  comment: '//',
  learn(_io, { name, log }) {
    const blocked = held(blockedIn(log), name)
    const { proposals, options, text, impossible } = learnRuleset(blocked)
    return { records: blocked.length, already: 0, proposals, options, text, objections: impossible }
  },
}

function* deniedIn(input: LogInput): Generator<Denial> {
  for (const record of avcRecordsOf(input)) if (record.action === 'denied') yield record
}

/** The denials of SELinux. Throws CommandError for more than can be held. */
export const denialsOf = (input: LogInput): Denial[] => held(deniedIn(input), input.name)

const selinux: Learner = {
  comment: ';',
  learn(io, input, choice) {
    const { policy, source, generalise, local } = choice
    const denials = denialsOf(input)
    const db = policy === undefined ? null : policyOf(io, policy, local)
    const labels = labelsFor(io, choice)
    const { rules, cil, conflicts } = learn(denials, {
      generalise: generalise ?? false,
      ...(labels === undefined ? {} : { fileContexts: labels }),
      ...(db === null ? {} : { policy: new TeRules(db), server: serverOf(db) }),
      ...(source === undefined ? {} : { sources: cilSources(io, source) }),
      compile: { multipleDeclarations: true },
    })
    const proposals = rules.filter(({ permissions }) => permissions.length > 0).map(proposalOf)
    const objections = [
      ...conflicts.map((conflict) => ({ message: conflict.toString(), line: null })),
      ...rules.flatMap(({ taken, source: from, target, tclass, line }) =>
        taken.map((why) => ({ message: `${from} ${target} ${tclass} ${why}`, line }))),
    ]
    return { records: denials.length, already: rules.filter(isIdle).length, proposals, text: cil, objections }
  },
}

/** All that it asks for is allowed already. */
const isIdle = ({ permissions, unnamed, taken }: LearnedRule): boolean =>
  [permissions, unnamed, taken].every(({ length }) => length === 0)

const proposalOf = ({ cil, conditional, ...rule }: LearnedRule): Proposal => ({
  ...rule, text: cil, instead: [...rule.instead, ...conditional.map((text) => `a boolean: ${text}`)],
})

export const learners: Readonly<Record<string, Learner>> = { apparmor, capability, landlock, smack, selinux, sandbox }

/** Those that are asked for by name: another one has learned from the same records. */
export const ONLY_BY_NAME: ReadonlySet<string> = new Set(['sandbox'])
