/** `lsm policy diff`: what a policy does otherwise than another of its kind, in words. */
import { policyChanges as apparmorChanges } from '@lsmkit/apparmor/query'
import { capabilityChanges, parseCapabilitySets } from '@lsmkit/capability/engine'
import type { PolicyChange } from '@lsmkit/core'
import { rulesetChanges } from '@lsmkit/landlock/changes'
import type { RulesetOptions } from '@lsmkit/landlock'
import type { Finding } from '@lsmkit/report'
import { policyChanges as selinuxChanges } from '@lsmkit/selinux/query'
import { policyChanges as smackChanges } from '@lsmkit/smack/engine'
import { CommandError } from '../../command-error.ts'
import { parsedFile, readHostJson } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { EXIT, printLongJson } from '../../output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import { withCommandErrors } from '../selinux/errors.ts'
import { policyNamed as apparmorPolicyOf } from '../apparmor/inputs.ts'
import { policyOf as selinuxPolicyOf } from '../selinux/inputs.ts'
import { policyOf as smackPolicyOf, readSources } from '../smack/rule-sources.ts'
import { policyKindOf } from './kind.ts'
import type { PolicyKind } from './kind.ts'
import { markdownLines, textLines } from './render.ts'

export interface PolicyDiffFlags extends ReportFlags {
  readonly format: 'text' | 'markdown' | 'json'
  /** Leaves out the rules behind each change. */
  readonly brief?: boolean
}

type Compare = (io: Io, before: string, after: string) => Iterable<PolicyChange>

type Compared = Exclude<PolicyKind, 'sandbox'>

const comparisons: Readonly<Record<Compared, Compare>> = {
  selinux: (io, before, after) => selinuxChanges(selinuxPolicyOf(io, before), selinuxPolicyOf(io, after)),
  smack: (io, before, after) =>
    smackChanges(smackPolicyOf(readSources(io, [before])), smackPolicyOf(readSources(io, [after]))),
  apparmor: (io, before, after) =>
    apparmorChanges(apparmorPolicyOf(io, before, {}), apparmorPolicyOf(io, after, {}))
      .map(({ profile, effect, text, example }) =>
        ({ effect, subject: profile, words: example === null ? text : `${text}, as ${example}`, because: [] })),
  capability: (io, before, after) =>
    capabilityChanges(parsedFile(io, before, parseCapabilitySets), parsedFile(io, after, parseCapabilitySets)),
  landlock: (io, before, after) => rulesetChanges(rulesetOf(io, before), rulesetOf(io, after)),
}

/** JSON as `lsm learn` writes it. */
const rulesetOf = (io: Io, name: string): RulesetOptions => readHostJson(io, name) as RulesetOptions

const kindNames: Readonly<Record<PolicyKind, string>> =
  { selinux: 'a policy of SELinux', smack: 'rules of Smack', apparmor: 'profiles of AppArmor',
    capability: 'sets of capabilities', landlock: 'a ruleset of Landlock', sandbox: 'a policy of a box' }

const kindOf = (io: Io, before: string, after: string): Compared => {
  const [was, is] = [policyKindOf(io, before), policyKindOf(io, after)]
  if (was === is && was !== 'sandbox') return was
  if (was === is) {
    throw new CommandError('badInput', `\`${before}\` is ${kindNames[was]}, which is not compared rule by rule`,
      'ask it about a recorded run: lsm policy simulate --policy NEW --audit RUN')
  }
  throw new CommandError('badInput', `\`${before}\` is ${kindNames[was]} and \`${after}\` is ${kindNames[is]}`)
}

const rules = {
  'policy/more': 'The policy permits more than before.',
  'policy/less': 'The policy permits less than before.',
  'policy/other': 'The policy is another one, and neither permits more nor less.',
}

/** Ends with 1 when there is a difference. */
export const policyDiffCommand = (io: Io, before: string, after: string, flags: PolicyDiffFlags): number => {
  const format = flags.json ? 'json' : flags.format
  return reported(io, 'policy diff', { ...flags, json: format === 'json' }, () => withCommandErrors(() => {
    const kind = kindOf(io, before, after)
    const changes = [...comparisons[kind](io, before, after)]
    return {
      code: changes.length === 0 ? EXIT.ok : EXIT.denied,
      checks: [{ name: `${before} and ${after}`, file: after, findings: changes.map(findingOf) }],
      rules,
      json: (out) => printLongJson(out, { same: changes.length === 0, kind, changes }),
      pretty(out) {
        const shown = flags.brief ? changes.map((change) => ({ ...change, because: [] })) : changes
        const lines = format === 'markdown' ? markdownLines(shown, before, after) : textLines(out, shown)
        for (const line of lines) out.print(line)
      },
    }
  }))
}

/** Differences are what a reviewer decides about: none of them is wrong by itself. */
const findingOf = ({ effect, subject, words, because }: PolicyChange): Finding => ({
  rule: `policy/${effect}`, level: effect === 'more' ? 'warning' : 'note', message: `${subject}: ${words}`,
  properties: { because },
})
