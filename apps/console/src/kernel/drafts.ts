/** Drafts of rules for a refusal, as the packages learn them, with what else they permit and what they change. */
import { ownValue } from '@lsmkit/abi'
import { jsonLine } from '@lsmkit/core'
import type { PolicyChange } from '@lsmkit/core'
import type { Proposal } from '@lsmkit/core/policy/audit-log'
import type { HookCall } from './hook-call.ts'
import type { Draft } from './protocol.ts'
import { smackRules } from './smack-rules.ts'

interface Drafts {
  readonly drafts: readonly Draft[]
  readonly objections: readonly string[]
}

export const draftsFor = async (asked: HookCall): Promise<Drafts> =>
  (await ownValue(byModule, asked.record.lsm)?.(asked)) ?? { drafts: [], objections: [] }

const draftOf = (
  module: string,
  { text, beyond, instead, broad }: Proposal,
  changes: Iterable<PolicyChange>,
): Draft => ({
  module,
  text,
  beyond,
  instead,
  broad,
  changes: [...changes].map(({ effect, words }) => `${effect === 'less' ? '-' : '+'} ${words}`),
})

const byModule: Readonly<Record<string, (asked: HookCall) => Promise<Drafts>>> = {
  selinux: async ({ machine: { made }, said }) => {
    const [{ learn, readDenials }, { policyChanges }, { compileCil }] = await Promise.all([
      import('@lsmkit/selinux/learn'),
      import('@lsmkit/selinux/query'),
      import('@lsmkit/selinux/cil'),
    ])
    const parts = made.selinux!
    const { policy, sources } = parts
    const options = { policy: parts.rules(), server: parts.server(), sources, compile: { multipleDeclarations: true } }
    const learned = learn(readDenials(said.join('\n')), options)
    const drafts = learned.rules
      .filter(({ permissions }) => permissions.length > 0)
      .map((rule) => {
        const proposal = { ...rule, text: rule.cil }
        if (learned.conflicts.length > 0) return draftOf('selinux', proposal, [])
        const after = compileCil([...sources, { name: 'draft.cil', text: rule.cil }], { version: 33 })
        return draftOf('selinux', proposal, policyChanges(policy, after.policy))
      })
    const taken = learned.rules.flatMap(({ taken: why, source, target }) =>
      why.map((one) => `${source} ${target}: ${one}`),
    )
    return { drafts, objections: [...learned.conflicts.map(String), ...taken] }
  },
  smack: async ({ machine, said }) => {
    const [{ learnRules }, { loadRules, loggedAccesses, Policy, policyChanges }] = await Promise.all([
      import('@lsmkit/smack/learn'),
      import('@lsmkit/smack/engine'),
    ])
    const { policy, text } = await smackRules(machine)
    const { proposals, impossible } = learnRules(loggedAccesses(said.join('\n')), { policy })
    const drafts = proposals.map((proposal) => {
      const after = new Policy()
      loadRules(after, `${text}\n${proposal.text}`)
      return draftOf('smack', proposal, policyChanges(policy, after))
    })
    return {
      drafts,
      objections: impossible.map(
        ({ subject, object, modes, instead }) => `no rule allows ${subject} ${object} ${modes}: ${instead.join('; ')}`,
      ),
    }
  },
  apparmor: async ({ machine: { made }, said }) => {
    const [query, { checkProfileText }, parts] = await Promise.all([
      import('@lsmkit/apparmor/query'),
      import('./apparmor-policy.ts'),
      import('./apparmor-parts.ts'),
    ])
    const { addedRules, forbiddenRecords, policyChanges, proposeRules, readApparmorLog } = query
    const { text, compiled } = made.apparmor!.loaded
    const records = readApparmorLog(said.join('\n'))
    const forbidden = forbiddenRecords(records, compiled.profiles)
    const open = records.filter((one) => !forbidden.some(({ record }) => record === one))
    const drafts = proposeRules(open).flatMap(({ profile, rule, caution }) => {
      const owner = compiled.profiles.find((one) => one.profile.name === profile)
      if (owner === undefined) return []
      const after = addedRules(parts.FILE, text, [{ profile: owner, rules: [rule] }])
      const changes = checkProfileText(after.text) === null
        ? policyChanges(compiled.binary, parts.compiledText(after.text).compiled.binary)
        : []
      return [{
        module: 'apparmor',
        text: `# in profile ${profile}\n${rule}`,
        beyond: [],
        instead: [],
        broad: caution === null ? [] : [caution],
        changes: changes.map(({ text: words, example }) => `${words}${example === null ? '' : `, as ${example}`}`),
      }]
    })
    const objections = forbidden.map(({ rule }) =>
      `${rule.place}: \`${rule.text}\` denies it; a rule that allows it changes nothing while that one stands`)
    return { drafts, objections }
  },
  capability: async ({ record }) => {
    const { learnCapabilities, readCapabilityChecks } = await import('@lsmkit/capability/learn')
    const { proposals } = learnCapabilities(readCapabilityChecks(jsonLine(record)))
    return { drafts: proposals.map((proposal) => draftOf('capability', proposal, [])), objections: [] }
  },
  landlock: async ({ record }) => {
    const { learnRuleset, readBlocked } = await import('@lsmkit/landlock/learn')
    const { proposals, impossible } = learnRuleset(readBlocked(jsonLine(record)))
    return {
      drafts: proposals.map((proposal) => draftOf('landlock', proposal, [])),
      objections: impossible.map(({ message }) => message),
    }
  },
}
