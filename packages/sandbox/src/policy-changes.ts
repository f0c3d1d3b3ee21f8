/**
 * The changes between two policies of a box, in words. They are by effect, so a name below another one adds nothing.
 */
import { ownValue } from '@lsmkit/abi'
import type { PolicyChange } from '@lsmkit/core'
import { limitNames, limitNumbers, limitTable } from '@lsmkit/wasi/limits'
import type { LimitName, Limits } from '@lsmkit/wasi/limits'
import { wholeAllow } from './allow.ts'
import type { Allow, WholeAllow } from './allow.ts'
import { coversRule, isMistake, parseRule, ruleText } from './hosts/host-rule.ts'
import type { HostRule, Rule } from './hosts/host-rule.ts'
import { isBeneath } from './names/walk-name.ts'
import { normalPath } from './normal-path.ts'
import type { Place } from './places.ts'
import { checkPolicy, kernelOf } from './policy.ts'
import type { Policy } from './policy.ts'

type Effect = PolicyChange['effect']

const change = (effect: Effect, subject: string, words: string, ...because: string[]): PolicyChange =>
  ({ effect, subject, words, because })

const verbs = { read: 'be read', write: 'be written', exec: 'be executed' } as const
type PathList = keyof typeof verbs

/** What may be executed may be read. */
const topsOf = (allow: WholeAllow, list: PathList): string[] =>
  [...new Set((list === 'read' ? [...allow.read, ...allow.exec] : allow[list]).map(normalPath))]

/** Names that one policy covers and the other does not; a name below such a name says nothing new. */
const gained = (from: readonly string[], to: readonly string[]): string[] => {
  const isCovered = (path: string, tops: readonly string[]): boolean => tops.some((top) => isBeneath(path, top))
  const fresh = to.filter((path) => !isCovered(path, from))
  return fresh.filter((path) => !fresh.some((top) => top !== path && isBeneath(path, top))).toSorted()
}

const pathChanges = (was: WholeAllow, is: WholeAllow, subject: string): PolicyChange[] =>
  (['read', 'write', 'exec'] as const).flatMap((list) => {
    const [old, now] = [topsOf(was, list), topsOf(is, list)]
    const rule = `allow: ${list}`
    return [
      ...gained(old, now).map((path) => change('more', subject, `\`${path}\` may now ${verbs[list]}`, rule)),
      ...gained(now, old).map((path) => change('less', subject, `\`${path}\` may no longer ${verbs[list]}`, rule)),
    ]
  })

const peerWords = { connect: 'be connected to', listen: 'be listened on' } as const

const peerChanges = (was: WholeAllow, is: WholeAllow, subject: string): PolicyChange[] =>
  (['connect', 'listen'] as const).flatMap((list) => {
    const of = (peer: number | 'unix'): string => (peer === 'unix' ? 'unix sockets' : `port ${peer}`)
    const only = (a: WholeAllow, b: WholeAllow) => a[list].filter((peer) => !b[list].includes(peer))
    const rule = `allow: ${list}`
    return [
      ...only(is, was).map((peer) => change('more', subject, `${of(peer)} may now ${peerWords[list]}`, rule)),
      ...only(was, is).map((peer) => change('less', subject, `${of(peer)} may no longer ${peerWords[list]}`, rule)),
    ]
  })

const rulesOf = (hosts: readonly HostRule[]): Rule[] =>
  hosts.map(parseRule).filter((rule): rule is Rule => !isMistake(rule))

/** A rule that none of the other policy covers. */
const uncovered = (rules: readonly Rule[], by: readonly Rule[]): Rule[] =>
  rules.filter((rule) => !by.some((top) => coversRule(top, rule)))

const hostChanges = (was: WholeAllow, is: WholeAllow, subject: string): PolicyChange[] => {
  const [old, now] = [rulesOf(was.hosts), rulesOf(is.hosts)]
  const rule = 'allow: hosts'
  return [
    ...uncovered(now, old).map((one) => change('more', subject, `\`${ruleText(one)}\` may now be reached`, rule)),
    ...uncovered(old, now)
      .map((one) => change('less', subject, `\`${ruleText(one)}\` may no longer be reached as before`, rule)),
  ]
}

const allowChanges = (was: Allow, is: Allow, subject: string): PolicyChange[] => {
  const [old, now] = [wholeAllow(was), wholeAllow(is)]
  return [...pathChanges(old, now, subject), ...peerChanges(old, now, subject), ...hostChanges(old, now, subject)]
}

/** Null where modules alone decide. */
const allowOf = ({ allow, modules = [] }: Policy): Allow | null =>
  (allow === undefined && modules.length > 0 ? null : allow ?? {})

const permissionChanges = (was: Policy, is: Policy): PolicyChange[] => {
  const [old, now] = [allowOf(was), allowOf(is)]
  if (old !== null && now !== null) return allowChanges(old, now, 'programs')
  if (old === now) return []
  return [now === null
    ? change('more', 'programs', 'the modules alone decide: nothing else is refused', 'no allow')
    : change('less', 'programs', 'what `allow` does not name is refused', 'allow')]
}

const roleChanges = (was: Policy, is: Policy): PolicyChange[] => {
  const [old, now] = [was.roles ?? {}, is.roles ?? {}]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].toSorted().flatMap((name): PolicyChange[] => {
    const [before, after] = [ownValue(old, name), ownValue(now, name)]
    const subject = `role ${name}`
    if (before === undefined) return [change('other', subject, 'there is such a role now')]
    if (after === undefined) return [change('less', subject, 'there is no such role any more: its runs are refused')]
    return [
      ...allowChanges(before.allow ?? was.allow ?? {}, after.allow ?? is.allow ?? {}, subject),
      ...subjectChanges(before, after, subject),
    ]
  })
}

const subjectChanges = (
  was: Pick<Policy, 'user' | 'label'>, is: Pick<Policy, 'user' | 'label'>, subject: string,
): PolicyChange[] => (['user', 'label'] as const).flatMap((key) => {
  const [old, now] = [was[key], is[key]].map((value) => value ?? (key === 'user' ? 'guest' : 'none'))
  return old === now ? [] : [change('other', subject, `the ${key} is \`${now!}\` instead of \`${old!}\``, key)]
})

const limitText = (limits: Limits, name: LimitName): string => String(limits[name] ?? limitTable[name].guest)

const limitChanges = ({ limits: was = {} }: Policy, { limits: is = {} }: Policy): PolicyChange[] => {
  const guests = Object.fromEntries(limitNames.map((name) =>
    [name, limitTable[name].kind === 'switch' ? true : limitTable[name].guest])) as Limits
  const [old, now] = [limitNumbers({ ...guests, ...was }), limitNumbers({ ...guests, ...is })]
  return limitNames.flatMap((name) => {
    if (old[name] === now[name]) return []
    // the switch lets programs do more where it is off
    const isMore = name === 'loops' ? !now.loops : now[name] > old[name]
    const words = `the limit \`${name}\` is ${limitText(is, name)} instead of ${limitText(was, name)}`
    return [change(isMore ? 'more' : 'less', 'limits', words, limitTable[name].help)]
  })
}

const placeText = (place: Place): string => {
  if (place.kind === 'memory') return 'files in memory'
  const use = place.copyOnWrite === true ? 'copied on write' : place.writable === true ? 'writable' : 'read-only'
  return `the folder \`${place.path}\` of the host, ${use}`
}

/** How much of the host a place gives: nothing, to read, to change after a review, to change. */
const reachOf = (place: Place | undefined): number => {
  if (place === undefined || place.kind === 'memory') return 0
  return place.writable === true ? 3 : place.copyOnWrite === true ? 2 : 1
}

const mountChanges = ({ mounts: was = {} }: Policy, { mounts: is = {} }: Policy): PolicyChange[] => {
  const byPath = (mounts: NonNullable<Policy['mounts']>): Map<string, Place> =>
    new Map(Object.entries(mounts).map(([target, place]) => [normalPath(target), place]))
  const [old, now] = [byPath(was), byPath(is)]
  return [...new Set([...old.keys(), ...now.keys()])].toSorted().flatMap((target): PolicyChange[] => {
    const [before, after] = [old.get(target), now.get(target)]
    const [oldText, text] = [before, after].map((place) => (place === undefined ? 'nothing' : placeText(place)))
    if (oldText === text) return sameMount(target, before!, after!)
    const [reach, next] = [reachOf(before), reachOf(after)]
    const effect = next > reach ? 'more' : next < reach ? 'less' : 'other'
    return [change(effect, 'mounts', `\`${target}\` is ${text!} instead of ${oldText!}`)]
  })
}

/** Options that do not show in its text. */
const sameMount = (target: string, was: Place, is: Place): PolicyChange[] =>
  (JSON.stringify(Object.entries(was).toSorted()) === JSON.stringify(Object.entries(is).toSorted()) ? []
    : [change('other', 'mounts', `\`${target}\` is mounted with other options`)])

const moduleChanges = ({ modules: was = [] }: Policy, { modules: is = [] }: Policy): PolicyChange[] => {
  const textsOf = (list: readonly object[]): Set<string> => new Set(list.map((one) => JSON.stringify(one)))
  const [old, now] = [textsOf(was), textsOf(is)]
  const names = (list: readonly { readonly module: string }[]): string[] => list.map(({ module }) => module)
  const changed = [...new Set([...names(was), ...names(is)])].toSorted().flatMap((name): PolicyChange[] => {
    const [before, after] = [was.filter(({ module }) => module === name), is.filter(({ module }) => module === name)]
    if (before.length === 0) return [change('less', 'modules', `\`${name}\` is asked too`)]
    if (after.length === 0) return [change('more', 'modules', `\`${name}\` is not asked any more`)]
    const isSame = before.every((one) => now.has(JSON.stringify(one))) &&
      after.every((one) => old.has(JSON.stringify(one)))
    return isSame ? [] : [change('other', 'modules', `\`${name}\` has other options`)]
  })
  const isMoved = changed.length === 0 && names(was).join() !== names(is).join()
  return isMoved ? [change('other', 'modules', 'the modules are asked in another order')] : changed
}

const tableChanges = (
  was: Readonly<Record<string, string>>, is: Readonly<Record<string, string>>, subject: string,
): PolicyChange[] => [...new Set([...Object.keys(was), ...Object.keys(is)])].toSorted().flatMap((name) => {
  const [before, after] = [ownValue(was, name), ownValue(is, name)]
  if (before === after) return []
  const shown = (value: string | undefined): string => (value === undefined ? 'nothing' : `\`${value}\``)
  return [change('other', subject, `\`${name}\` is ${shown(after)} instead of ${shown(before)}`)]
})

const attributeChanges = ({ attributes: was = {} }: Policy, { attributes: is = {} }: Policy): PolicyChange[] =>
  [...new Set([...Object.keys(was), ...Object.keys(is)])].toSorted().flatMap((path) =>
    tableChanges(ownValue(was, path) ?? {}, ownValue(is, path) ?? {}, `attributes of ${path}`))

const switchChanges = (was: Policy, is: Policy): PolicyChange[] => {
  const [links, old] = [is.resolve === true, was.resolve === true]
  const [all, before] = [is.subsystems === 'all', was.subsystems === 'all']
  const [now, earlier] = [kernelOf(is), kernelOf(was)]
  return [
    ...(links === old ? [] : [change(links ? 'more' : 'less', 'names',
      links ? 'names of the policy may lead over links' : 'names of the policy lead over no links', 'resolve')]),
    ...(all === before ? [] : [change(all ? 'more' : 'less', 'kernel',
      all ? 'programs reach all parts of the kernel' : 'programs reach those parts alone that WASI and POSIX need',
      'subsystems')]),
    ...(now === earlier ? []
      : [change('other', 'kernel', `the rules are those of Linux ${now}, not ${earlier}`, 'kernel')]),
  ]
}

/**
 * The changes from one policy to another. `more` is what programs may do that they could not do before. Paths are
 * compared as texts. Throws OptionError and SandboxError for a value that is not a policy.
 */
export const policyChanges = (before: Policy, after: Policy): readonly PolicyChange[] => {
  const [was, is] = [checkPolicy(before, 'before'), checkPolicy(after, 'after')]
  return [
    ...permissionChanges(was, is), ...subjectChanges(was, is, 'programs'), ...roleChanges(was, is),
    ...mountChanges(was, is), ...limitChanges(was, is), ...moduleChanges(was, is), ...switchChanges(was, is),
    ...attributeChanges(was, is), ...tableChanges(was.env ?? {}, is.env ?? {}, 'variables'),
  ]
}
