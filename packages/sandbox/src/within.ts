/**
 * A managed maximum: a policy that another one has to stay within. Names are compared as texts, because a link may lead
 * anywhere: what is not plainly within is refused.
 */
import { ownValue } from '@lsmkit/abi'
import { guestLimits, limitNames, limitNumbers } from '@lsmkit/wasi/limits'
import type { Limits, LimitNumbers } from '@lsmkit/wasi/limits'
import { wholeAllow } from './allow.ts'
import type { Allow, WholeAllow } from './allow.ts'
import { coversRule, isMistake, parseRule, ruleText } from './hosts/host-rule.ts'
import type { HostRule, Rule } from './hosts/host-rule.ts'
import { givenOver, givenWithin } from './given-over.ts'
import { isBeneath } from './names/walk-name.ts'
import { normalPath } from './normal-path.ts'
import type { HostFolder, Place } from './places.ts'
import { checkPolicy, kernelOf } from './policy.ts'
import type { Policy, User } from './policy.ts'
import { SandboxError } from './sandbox-error.ts'
import type { ErrorPlace } from './sandbox-error.ts'

const at = (path: string, reason: string): ErrorPlace => ({ path, reason })

/** Permissions of a policy; null where its modules alone decide. */
const allowOf = ({ allow, modules = [] }: Policy): WholeAllow | null =>
  allow === undefined && modules.length > 0 ? null : wholeAllow(allow ?? {})

/** Names of the same list, and for reading of what may be executed. */
const beyondPaths = (more: WholeAllow, max: WholeAllow, hasLinks: boolean): ErrorPlace[] =>
  (['read', 'write', 'exec'] as const).flatMap((list) => {
    const tops = list === 'read' ? [...max.read, ...max.exec] : max[list]
    // a name below another one may lead over a link
    const isWithin = (path: string, top: string): boolean =>
      (hasLinks ? normalPath(path) === top : isBeneath(normalPath(path), normalPath(top)))
    return more[list].filter((path) => path.split('/').includes('..') || !tops.some((top) => isWithin(path, top)))
      .map((path) => at(`allow: ${list}`, `\`${path}\` does not lie beneath ${listed(tops)}`))
  })

const listed = (names: readonly unknown[]): string =>
  (names.length === 0 ? 'anything, because the maximum has an empty list'
    : names.map((name) => `\`${String(name)}\``).join(', '))

const beyondPeers = (more: WholeAllow, max: WholeAllow): ErrorPlace[] =>
  (['connect', 'listen'] as const).flatMap((list) => more[list].filter((peer) => !max[list].includes(peer))
    .map((peer) => at(`allow: ${list}`, `\`${peer}\` is not among ${listed(max[list])}`)))

const beyondHosts = (more: readonly HostRule[], max: readonly HostRule[]): ErrorPlace[] => {
  const tops = max.map(parseRule).filter((rule): rule is Rule => !isMistake(rule))
  return more.flatMap((given) => {
    const rule = parseRule(given)
    if (isMistake(rule) || tops.some((top) => coversRule(top, rule))) return []
    return [at('allow: hosts', `\`${ruleText(rule)}\` is not covered by ${listed(tops.map(ruleText))}`)]
  })
}

const beyondAllow = (more: Allow, max: WholeAllow, hasLinks: boolean): ErrorPlace[] => {
  const whole = wholeAllow(more)
  return [...beyondPaths(whole, max, hasLinks), ...beyondPeers(whole, max), ...beyondHosts(whole.hosts, max.hosts)]
}

/** Of the switch, off lets a program do more. */
const isMore = (name: keyof LimitNumbers, a: LimitNumbers, b: LimitNumbers): boolean =>
  (name === 'loops' ? b.loops && !a.loops : a[name] > b[name])

const beyondLimits = (given: Limits, max: Limits): ErrorPlace[] => {
  const numbersOf = (limits: Limits): LimitNumbers => limitNumbers(givenOver<Limits>(guestLimits, limits))
  const [numbers, most] = [numbersOf(given), numbersOf(max)]
  return limitNames.filter((name) => given[name] !== undefined && isMore(name, numbers, most))
    .map((name) => {
      const top = max[name] ?? guestLimits[name]
      return at(`limits: ${name}`, `\`${String(given[name])}\` is more than \`${String(top)}\``)
    })
}

const beyondFolder = (target: string, folder: HostFolder, max: Place | undefined): ErrorPlace[] => {
  const place = `mounts: ${target}`
  if (max?.kind !== 'host-folder' || normalPath(max.path) !== normalPath(folder.path)) {
    return [at(place, `\`${folder.path}\` is not a folder of the maximum there`)]
  }
  const { writable = false, copyOnWrite = false } = folder
  const mayApply = max.copyOnWrite === true || max.writable === true
  return [
    ...(writable && max.writable !== true ? [at(place, `\`${folder.path}\` may not be writable`)] : []),
    ...(copyOnWrite && !mayApply ? [at(place, `changes of \`${folder.path}\` may not be applied`)] : []),
    // without its labels a file is one that anybody may read
    ...(folder.labels === max.labels ? []
      : [at(place, `labels of \`${folder.path}\` are ${max.labels === undefined ? 'not kept' : `\`${max.labels}\``}`)]),
    ...((folder.descriptors ?? DESCRIPTORS) > (max.descriptors ?? DESCRIPTORS)
      ? [at(place, `${folder.descriptors} descriptors are more than ${max.descriptors ?? DESCRIPTORS}`)] : []),
  ]
}
/** Of a folder that says nothing. */
const DESCRIPTORS = 512

const beyondMounts = (mounts: Policy['mounts'] = {}, max: Policy['mounts'] = {}): ErrorPlace[] => {
  const tops = new Map(Object.entries(max).map(([target, place]) => [normalPath(target), place]))
  const own = new Set(Object.keys(mounts).map(normalPath))
  return Object.entries(mounts).flatMap(([target, place]) => {
    if (place.kind === 'memory') return []
    // what lies there on the host is hidden by the maximum
    const shown = [...tops.keys()].filter((top) => !own.has(top) && isBeneath(top, normalPath(target)))
    return [
      ...beyondFolder(target, place, tops.get(normalPath(target))),
      ...shown.map((top) => at(`mounts: ${target}`, `the maximum has another mount at \`${top}\``)),
    ]
  })
}

const beyondModules = ({ modules = [] }: Policy, max: Policy): ErrorPlace[] => {
  const known = new Set(modules.map((one) => JSON.stringify(one)))
  return (max.modules ?? []).filter((one) => !known.has(JSON.stringify(one)))
    .map(({ module }) => at('modules', `\`${module}\` of the maximum is missing, or has other options`))
}

const beyondAttributes = (attributes: Policy['attributes'] = {}, max: Policy['attributes'] = {}): ErrorPlace[] =>
  Object.entries(attributes).flatMap(([path, values]) => Object.entries(values)
    .filter(([name, value]) => ownValue(ownValue(max, path), name) !== value)
    .map(([name]) => at(`attributes: ${path}`, `\`${name}\` is not as in the maximum`)))

const beyondEnv = (env: Policy['env'] = {}, max: Policy['env'] = {}): ErrorPlace[] =>
  Object.entries(max).filter(([name, value]) => (ownValue(env, name) ?? value) !== value)
    .map(([name, value]) => at(`env: ${name}`, `the maximum says \`${value}\``))

/** Of a run, or of the policy: what it does not say is the maximum's. */
const beyondSubject = (
  { user, label }: { readonly user?: User | undefined; readonly label?: string | undefined }, max: Policy,
): ErrorPlace[] => {
  const { user: own = 'guest', label: tag = null } = max
  return [
    ...(user === undefined || user === own ? [] : [at('user', `\`${user}\` is not \`${own}\``)]),
    ...(label === undefined || label === tag ? [] : [at('label', `\`${label}\` is not the maximum's`)]),
  ]
}

const beyondRoles = ({ roles = {} }: Policy, max: Policy): ErrorPlace[] =>
  Object.entries(roles).flatMap(([name, role]) => beyondSubject(role, max)
    .map(({ path, reason }) => at(`roles: ${name}: ${path}`, reason)))

const beyond = (policy: Policy, max: Policy): ErrorPlace[] => {
  const [more, most] = [allowOf(policy), allowOf(max)]
  const hasLinks = policy.resolve === true
  return [
    ...(more === null && most !== null ? [at('allow', 'without it the modules alone would decide')] : []),
    ...(more === null || most === null ? [] : beyondAllow(more, most, hasLinks)),
    ...(hasLinks && max.resolve !== true ? [at('resolve', 'names of the maximum lead over no links')] : []),
    ...(policy.subsystems === 'all' && max.subsystems !== 'all'
      ? [at('subsystems', 'the maximum does not have all parts of the kernel')] : []),
    ...(kernelOf(policy) === kernelOf(max) ? [] : [at('kernel', `the maximum is for Linux ${kernelOf(max)}`)]),
    ...beyondModules(policy, max), ...beyondMounts(policy.mounts, max.mounts),
    ...beyondLimits(policy.limits ?? {}, max.limits ?? {}),
    ...beyondSubject(policy, max), ...beyondRoles(policy, max),
    ...beyondAttributes(policy.attributes, max.attributes), ...beyondEnv(policy.env, max.env),
  ]
}

const refuseWider = (places: readonly ErrorPlace[], place: string): void => {
  if (places.length === 0) return
  const lines = places.map(({ path, reason }) => `${path}: ${reason}`)
  throw new SandboxError('wider', lines.length === 1 ? lines[0]! : ['more than the maximum allows', ...lines], {
    place, places, hint: 'the maximum is set by whoever manages this host',
  })
}

/**
 * The policy with what it leaves open filled from the maximum: limits, user, label, modules, kernel, attributes,
 * variables. Throws SandboxError `wider` with each thing that the maximum does not allow in `places`, and OptionError.
 */
export const policyWithin = (policy: Policy, max: Policy, place = 'within'): Policy => {
  checkPolicy(policy)
  checkPolicy(max, 'maximum')
  const { user = max.user, label = max.label, modules = max.modules, kernel = max.kernel } = policy
  const limits = givenOver<Limits>(max.limits ?? {}, policy.limits)
  const whole: Policy = {
    ...policy, limits, env: givenOver(max.env ?? {}, policy.env),
    attributes: givenWithin(max.attributes ?? {}, policy.attributes ?? {}),
    ...(user === undefined ? {} : { user }), ...(label === undefined ? {} : { label }),
    ...(modules === undefined ? {} : { modules }), ...(kernel === undefined ? {} : { kernel }),
    // a policy with neither allows nothing, also under modules of the maximum
    ...(policy.allow === undefined && (policy.modules ?? []).length === 0 ? { allow: {} } : {}),
  }
  refuseWider(beyond(whole, max), place)
  return whole
}

/** Throws SandboxError `wider` for a permit that the maximum does not have. */
export const checkPermitWithin = (more: Allow, max: Policy): void => {
  const most = allowOf(max)
  if (most !== null) refuseWider(beyondAllow(more, most, false), 'with')
}

/** Throws SandboxError `wider` for what a native box does without, or opens: a maximum holds as a whole. */
export const checkAcceptWithin = (accept: readonly string[]): void =>
  refuseWider(accept.map((id) => at('accept', `\`${id}\` would not be held`)), 'createSandbox')

export interface RunBounds {
  readonly user?: User | undefined
  readonly label?: string | undefined
  readonly limits?: Limits | undefined
}

/** Throws SandboxError `wider` for options of a run that the maximum does not have. */
export const checkRunWithin = (run: RunBounds, max: Policy): void =>
  refuseWider([...beyondSubject(run, max), ...beyondLimits(run.limits ?? {}, max.limits ?? {})], 'run')
