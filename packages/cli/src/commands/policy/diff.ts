/** `lsm policy diff`: how a policy differs from another one of its kind, in words. */
import { policyChanges as apparmorChanges } from '@lsmkit/apparmor/query'
import { capabilityChanges, parseCapabilitySets } from '@lsmkit/capability/engine'
import type { PolicyChange } from '@lsmkit/core'
import { rulesetChanges } from '@lsmkit/landlock/changes'
import type { Finding } from '@lsmkit/report'
import { policyChanges as selinuxChanges } from '@lsmkit/selinux/query'
import type { ErrorPlace } from '@lsmkit/sandbox/policy-parts'
import { policyChanges as smackChanges } from '@lsmkit/smack/engine'
import { CommandError } from '../../command-error.ts'
import { parsedFile } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { EXIT, printLongJson } from '../../output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import { withCommandErrors } from '../selinux/errors.ts'
import { policyNamed as apparmorPolicyOf } from '../apparmor/inputs.ts'
import { policiesOf as selinuxPoliciesOf } from '../selinux/inputs.ts'
import type { LocalFlags } from '../selinux/inputs.ts'
import { policyOf as smackPolicyOf, readSources } from '../smack/rule-sources.ts'
import { boxDiff } from './box-diff.ts'
import type { BoxDiff } from './box-diff.ts'
import { checkLocal, kindNames, policyKindOf } from './kind.ts'
import type { PolicyKind } from './kind.ts'
import { readRuleset } from './ruleset-file.ts'
import { beyondLines, beyondMarkdown, markdownLines, textLines } from './render.ts'

export interface PolicyDiffFlags extends ReportFlags, LocalFlags {
  readonly format: 'text' | 'markdown' | 'json'
  /** Leaves out the rules behind each change. */
  readonly brief?: boolean
  /** A managed maximum, for policies of boxes. */
  readonly within?: string
}

type Compare = (io: Io, before: string, after: string, flags: LocalFlags) => Iterable<PolicyChange>

type Compared = Exclude<PolicyKind, 'sandbox'>

const comparisons: Readonly<Record<Compared, Compare>> = {
  selinux: (io, before, after, flags) => selinuxChanges(...selinuxPoliciesOf(io, before, after, flags)),
  smack: (io, before, after) =>
    smackChanges(smackPolicyOf(readSources(io, [before])), smackPolicyOf(readSources(io, [after]))),
  apparmor: (io, before, after) =>
    apparmorChanges(apparmorPolicyOf(io, before, {}), apparmorPolicyOf(io, after, {}))
      .map(({ profile, effect, text, example }) =>
        ({ effect, subject: profile, words: example === null ? text : `${text}, as ${example}`, because: [] })),
  capability: (io, before, after) =>
    capabilityChanges(parsedFile(io, before, parseCapabilitySets), parsedFile(io, after, parseCapabilitySets)),
  landlock: (io, before, after) => rulesetChanges(readRuleset(io, before), readRuleset(io, after)),
}

const kindOf = (io: Io, before: string, after: string): PolicyKind => {
  const [was, is] = [policyKindOf(io, before), policyKindOf(io, after)]
  if (was === is) return was
  throw new CommandError('badInput', `\`${before}\` is ${kindNames[was]} and \`${after}\` is ${kindNames[is]}`)
}

const rules = {
  'policy/more': 'The policy permits more than before.',
  'policy/less': 'The policy permits less than before.',
  'policy/other': 'The policy is another one, and neither permits more nor less.',
  'policy/beyond': 'The policy permits more than the managed maximum.',
}

const differencesOf = (
  io: Io, kind: PolicyKind, before: string, after: string, { within, local, localAfter }: PolicyDiffFlags,
): BoxDiff => {
  checkLocal(before, kind, local ?? localAfter)
  if (kind === 'sandbox') return boxDiff(io, before, after, within)
  if (within !== undefined) {
    const message = `\`--within\` is for policies of boxes, and \`${before}\` is ${kindNames[kind]}`
    throw new CommandError('badInput', message)
  }
  return { changes: [...comparisons[kind](io, before, after, { local, localAfter })], beyond: [] }
}

/** Ends with 1 when there is a difference. */
export const policyDiffCommand = (io: Io, before: string, after: string, flags: PolicyDiffFlags): number => {
  const format = flags.json ? 'json' : flags.format
  return reported(io, 'policy diff', { ...flags, json: format === 'json' }, () => withCommandErrors(() => {
    const kind = kindOf(io, before, after)
    const { changes, beyond } = differencesOf(io, kind, before, after, flags)
    const isSame = changes.length === 0 && beyond.length === 0
    return {
      code: isSame ? EXIT.ok : EXIT.denied,
      checks: [{
        name: `${before} and ${after}`, file: after,
        findings: [...changes.map(findingOf), ...beyond.map(beyondFinding)],
      }],
      rules,
      json: (out) => printLongJson(out, {
        same: changes.length === 0, kind, changes, ...(flags.within === undefined ? {} : { beyond }),
      }),
      pretty(out) {
        const shown = flags.brief ? changes.map((change) => ({ ...change, because: [] })) : changes
        const lines = format === 'markdown' ? markdownLines(shown, before, after) : textLines(out, shown)
        for (const line of lines) out.print(line)
        const more = format === 'markdown' ? beyondMarkdown(beyond) : beyondLines(out, beyond)
        for (const line of more) out.print(line)
      },
    }
  }))
}

const beyondFinding = ({ path, reason }: ErrorPlace): Finding =>
  ({ rule: 'policy/beyond', level: 'error', message: `${path}: ${reason}`, properties: {} })

/** Differences are what a reviewer decides about: none of them is wrong by itself. */
const findingOf = ({ effect, subject, words, because }: PolicyChange): Finding => ({
  rule: `policy/${effect}`, level: effect === 'more' ? 'warning' : 'note', message: `${subject}: ${words}`,
  properties: { because },
})
