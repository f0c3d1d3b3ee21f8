/** `lsm kernels diff --policy`: what another kernel release changes for a policy of any module. */
import { releaseChanges as apparmorChanges } from '@lsmkit/apparmor/query'
import { parseCapabilitySets } from '@lsmkit/capability/engine'
import type { PolicyChange } from '@lsmkit/core'
import { releaseChanges as landlockChanges } from '@lsmkit/landlock/changes'
import { landlockRules, wholeAllow } from '@lsmkit/sandbox/policy-parts'
import { releaseChanges as selinuxChanges } from '@lsmkit/selinux/query'
import { parsedFile } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { readPolicy } from '../../run/policy-file.ts'
import { binaryNamed, compileAll } from '../apparmor/inputs.ts'
import { kindNames, policyKindOf } from '../policy/kind.ts'
import type { PolicyKind } from '../policy/kind.ts'
import { readRuleset } from '../policy/ruleset-file.ts'
import { withCommandErrors } from '../selinux/errors.ts'
import { policyOf } from '../selinux/inputs.ts'
import { policyOf as smackPolicyOf, readSources } from '../smack/rule-sources.ts'
import type { Impact, Releases } from './impact.ts'
import { newlyAsked } from './stack-impact.ts'

type Asked = (io: Io, name: string, releases: Releases) => readonly PolicyChange[]

/** A kind of which no release changes an answer is read, so that a mistake in it is an error. */
const unchanged = (read: (io: Io, name: string) => unknown): Asked => (io, name) => {
  read(io, name)
  return []
}

const sandboxChanges: Asked = (io, name, { from, to }) => {
  const { allow = {}, roles = {} } = readPolicy(io, name).file
  const lists = [['the policy', allow] as const, ...Object.entries(roles).flatMap(([role, own]) =>
    own.allow === undefined ? [] : [[`role ${role}`, own.allow] as const])]
  return lists.flatMap(([subject, one]) =>
    landlockChanges({ ...landlockRules(wholeAllow(one)), bestEffort: true }, from, to)
      .map((change) => ({ ...change, subject: `${subject}: ${change.subject}` })))
}

const asked: Readonly<Record<PolicyKind, Asked>> = {
  selinux: (io, name, { from, to }) => selinuxChanges(policyOf(io, name), from, to),
  smack: unchanged((io, name) => smackPolicyOf(readSources(io, [name]))),
  apparmor(io, name, { from, to }) {
    if (binaryNamed(io, name) !== null) return []
    return apparmorChanges(compileAll(io, [name], { kernel: from }), compileAll(io, [name], { kernel: to }), to)
  },
  capability: unchanged((io, name) => parsedFile(io, name, parseCapabilitySets)),
  landlock: (io, name, { from, to }) => landlockChanges(readRuleset(io, name), from, to),
  sandbox: sandboxChanges,
}

/** Policies of a module that stands in a stack. */
const modules: readonly PolicyKind[] = ['selinux', 'smack', 'apparmor', 'landlock']

/** Throws CommandError for a file that is not a policy. */
export const policyImpact = async (io: Io, name: string, releases: Releases): Promise<Impact> => {
  const { kind, changes } = withCommandErrors(() => {
    const own = policyKindOf(io, name)
    return { kind: own, changes: asked[own](io, name, releases) }
  })
  const hooks = modules.includes(kind) ? await newlyAsked(kind, releases) : []
  return {
    part: 'policy', name, kind: kindNames[kind], unjudged: [],
    changes: hooks.length === 0 ? changes : [...changes, {
      effect: 'other', subject: 'hooks', because: [],
      words: `asked newly: ${hooks.map((hook) => `\`${hook}\``).join(', ')}`,
    }],
  }
}
