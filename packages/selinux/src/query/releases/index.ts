/** The effect of another kernel release on a policy, in words: what is asked that was not, and what is answered. */
import type { PolicyChange, Profile } from '@lsmkit/core'
import type { Policydb } from '../../policydb/policydb.ts'
import { releaseOf } from '../../release.ts'
import { listed } from '../changes/words.ts'
import { handleUnknown } from '../components/rules.ts'
import { PolicyView } from '../view.ts'
import { declaredBy, isAsked, isKnown, lacking, newPermissions } from './asked.ts'
import type { Asked, Declared } from './asked.ts'
import { holdersOf } from './holders.ts'

/** What a policy capability does on a kernel that knows it. */
const capabilityWords: ReadonlyMap<string, string> = new Map([
  ['netlink_xperm', 'netlink messages are asked about by number: `nlmsg` takes the place of `nlmsg_read` and its like'],
  ['netif_wildcard', 'names in netifcon statements may be patterns'],
  ['genfs_seclabel_wildcard', 'paths in genfscon statements may be patterns'],
  ['functionfs_seclabel', 'files of functionfs have labels of their own'],
  ['memfd_class', 'memory files have the class `memfd_file` in place of `file`'],
  ['bpf_token_perms', 'a BPF token counts: its grantor is asked `map_create` and `prog_load`, and its user is not'],
])

const change = (
  effect: PolicyChange['effect'], subject: string, words: string, because: readonly string[] = [],
): PolicyChange => ({ effect, subject, words, because })

function* loadingChanges({ version, rejectUnknown }: Policydb, policy: Declared, from: Profile, to: Profile) {
  const [was, is] = [from, to].map((profile) => {
    if (version > releaseOf(profile).policyVersion) return `version ${version} is newer than it reads`
    const missing = rejectUnknown ? lacking(policy, profile) : []
    if (missing.length === 0) return null
    const names = missing.map(({ tclass, perm }) => `${tclass} { ${perm} }`)
    return `the policy rejects what it does not know, and lacks ${listed(names)}`
  }) as [string | null, string | null]
  if (was !== null && is === null) yield change('other', 'loading', `Linux ${to} loads it; ${from} does not: ${was}`)
  if (was === null && is !== null) yield change('other', 'loading', `Linux ${to} does not load it: ${is}`)
}

function* capabilityChanges({ capabilities }: Declared, from: Profile, to: Profile) {
  const [before, after] = [from, to].map((profile) => new Set(releaseOf(profile).policyCapabilities))
  for (const name of capabilities) {
    const words = capabilityWords.get(name)
    if (words === undefined || before!.has(name) === after!.has(name)) continue
    yield change('other', 'policy capabilities',
      after!.has(name) ? `\`${name}\` takes effect: ${words}` : `\`${name}\` has no effect on Linux ${to}`)
  }
}

/** Permissions of one name stand together, with their classes. */
const byName = (asked: readonly Asked[]): [perm: string, of: Asked[]][] => {
  const groups = new Map<string, Asked[]>()
  for (const each of asked) groups.set(each.perm, [...groups.get(each.perm) ?? [], each])
  return [...groups]
}

const classesText = (asked: readonly Asked[]): string => listed(asked.map(({ tclass }) => tclass))

/** Permissions that the policy lacks in the same classes stand together. */
const lackedByClasses = (policy: Declared, groups: readonly [perm: string, of: Asked[]][]): Map<string, string[]> => {
  const lacked = new Map<string, string[]>()
  for (const [perm, group] of groups) {
    const missing = group.filter((each) => !isKnown(policy, each))
    if (missing.length === 0) continue
    const of = classesText(missing)
    lacked.set(of, [...lacked.get(of) ?? [], perm])
  }
  return lacked
}

/** A class that is new as a whole, or went, is one change. */
const wholeClasses = (asked: readonly Asked[], other: Profile): readonly string[] => {
  const known = new Set(releaseOf(other).classes.map(({ name }) => name))
  return [...new Set(asked.map(({ tclass }) => tclass))].filter((tclass) => !known.has(tclass))
}

const unknownWords = { allow: 'allowed to every domain', deny: 'refused to every domain', reject: 'refused' } as const

/** Permissions that the second release asks about and the first does not. */
function* askedChanges(policy: Declared, from: Profile, to: Profile) {
  const asked = newPermissions(from, to).filter((each) => isAsked(policy, each))
  const unknown = handleUnknown(policy.view.policy)
  const classes = wholeClasses(asked, from)
  for (const tclass of classes) {
    if (policy.view.hasClass(tclass)) yield change('other', 'questions', `\`${tclass}\` is a class of its own now`)
    else {
      yield change(unknown === 'allow' ? 'other' : 'less', 'unknown to the policy',
        `class \`${tclass}\` is ${unknownWords[unknown]} (handle_unknown ${unknown})`)
    }
  }
  const rest = byName(asked.filter(({ tclass }) => !classes.includes(tclass)))
  for (const [of, perms] of lackedByClasses(policy, rest)) {
    yield change(unknown === 'allow' ? 'other' : 'less', 'unknown to the policy',
      `${perms.map((perm) => `\`${perm}\``).join(', ')} of ${of}: ${unknownWords[unknown]} (handle_unknown ${unknown})`)
  }
  for (const [perm, group] of rest) {
    const known = group.filter((each) => isKnown(policy, each))
    if (known.length === 0) continue
    const { domains, allowed, refused } = holdersOf(policy.view, known)
    yield change(refused.length > 0 ? 'less' : 'other', 'questions',
      `\`${perm}\` of ${classesText(known)} is asked now: ${allowed} of ${domains} domains are allowed it` +
        (refused.length === 0 ? '' : `, refused are ${listed(refused)}`))
  }
}

/** Permissions that only the first release asks about. */
function* endedChanges(policy: Declared, from: Profile, to: Profile) {
  const ended = newPermissions(to, from).filter((each) => isAsked(policy, each) && isKnown(policy, each))
  const classes = wholeClasses(ended, to)
  for (const tclass of classes) {
    const socket = tclass.endsWith('socket') ? '; a new object of it gets the label of a file, not of a socket' : ''
    yield change('other', 'questions', `class \`${tclass}\` is not asked about any more${socket}`)
  }
  for (const [perm, group] of byName(ended.filter(({ tclass }) => !classes.includes(tclass)))) {
    yield change('more', 'questions', `\`${perm}\` of ${classesText(group)} is not asked about any more`)
  }
}

/**
 * The changes for a policy when the kernel goes from one release to another, or back: whether it loads, its policy
 * capabilities, and the permissions that are newly asked about or no longer, with the answers that its rules give.
 * Counts of domains are those of its rules, with booleans as the policy has them and without constraints.
 */
export const releaseChanges = (policy: Policydb, from: Profile, to: Profile): PolicyChange[] => {
  const declared = declaredBy(new PolicyView(policy))
  return [
    ...loadingChanges(policy, declared, from, to), ...capabilityChanges(declared, from, to),
    ...askedChanges(declared, from, to), ...endedChanges(declared, from, to),
  ]
}
