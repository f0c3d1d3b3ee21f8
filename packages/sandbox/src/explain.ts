/** The effect of a policy: the settings of each part of the kernel, as data and as text. */
import { oneLine } from '@lsmkit/abi'
import type { Profile } from '@lsmkit/core'
import { guestLimits, limitNames } from '@lsmkit/wasi/limits'
import type { Limits } from '@lsmkit/wasi/limits'
import { allowNames, familiesOf } from './allow.ts'
import type { WholeAllow } from './allow.ts'
import { givenOver } from './given-over.ts'
import { ruleText } from './hosts/host-rule.ts'
import { Hosts } from './hosts/hosts.ts'
import type { Permit } from './denial.ts'
import type { Place } from './places.ts'
import type { Policy } from './policy.ts'
import { kernelOf, POLICY_VERSION } from './policy.ts'

export interface Explanation {
  readonly version: typeof POLICY_VERSION
  /** Modules of the stack, in their order. */
  readonly lsms: readonly string[]
  /** Null: the modules alone decide. */
  readonly allow: WholeAllow | null
  /** By name; null where a role has the policy's own `allow`. */
  readonly roles: Readonly<Record<string, WholeAllow | null>>
  /** Names of `allow` that lead to a place with another name by now: over a link (`resolve`), or since it was moved. */
  readonly places: Readonly<Record<string, string>>
  /** Paths that are not mounted read-only. */
  readonly writable: readonly string[]
  /** Families of sockets that may be made. */
  readonly sockets: readonly string[]
  /** Parts of the kernel. */
  readonly subsystems: NonNullable<Policy['subsystems']>
  /** The release whose hooks and rules hold. */
  readonly kernel: Profile
  readonly mounts: Readonly<Record<string, Place>>
  readonly limits: Limits
  /** Directories of `apply` calls that were ended in their middle, or go on. */
  readonly unfinished: readonly string[]
  /** Permits added since the policy was written. */
  readonly permits: readonly Permit[]
}

interface Known {
  readonly lsms: readonly string[]
  readonly roles: Explanation['roles']
  readonly permits: readonly Permit[]
  readonly unfinished: readonly string[]
  /** Where a name of the policy leads. */
  readonly realOf: (name: string) => string
}

export const explanation = (
  policy: Policy, allow: WholeAllow | null, { lsms, roles, permits, unfinished, realOf }: Known,
): Explanation => {
  const names = allow === null ? [] : [...allow.read, ...allow.write, ...allow.exec]
  const places = names.map((name): [string, string] => [name, realOf(name)]).filter(([name, real]) => name !== real)
  const families = allow === null ? null : familiesOf(allow)
  const sockets = families === null
    ? ['all']
    : [...(families.tcp ? ['TCP'] : []), ...(families.udp ? ['UDP'] : []), ...(families.unix ? ['unix'] : [])]
  return {
    version: POLICY_VERSION, lsms, allow, roles, places: Object.fromEntries(places),
    writable: allow?.write.map(realOf) ?? ['/'], sockets,
    subsystems: policy.subsystems ?? 'programs', kernel: kernelOf(policy), mounts: policy.mounts ?? {},
    limits: givenOver<Limits>(guestLimits, policy.limits), unfinished, permits,
  }
}

const list = (values: readonly unknown[]): string => (values.length === 0 ? 'nothing' : values.join(', '))

const bothNames = (name: string, places: Readonly<Record<string, string>>): string =>
  Object.hasOwn(places, name) ? `${name} (which is ${places[name]})` : name

const roleText = (allow: WholeAllow | null): string =>
  allow === null ? 'all of that' : allowNames.map((name) => `${name} ${list(allow[name].map(plainText))}`).join('; ')
const plainText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

const placeText = (place: Place): string => {
  if (place.kind === 'memory') return 'in memory'
  return place.copyOnWrite ? `${place.path}, copy-on-write` : `${place.path}${place.writable ? '' : ', read-only'}`
}
const limitText = (limit: unknown): string => (typeof limit === 'boolean' ? (limit ? 'on' : 'off') : String(limit))

/** A page for people. */
export const explanationText = (explained: Explanation): string => {
  const { lsms, allow, roles, places: moved, writable, sockets, subsystems, kernel, mounts, limits } = explained
  const places = Object.entries(mounts).map(([path, place]) => `  ${path}: ${placeText(place)}`)
  return [
    `modules: ${lsms.join(', ')}`,
    ...(allow === null ? ['allow: the modules alone decide'] : [
      `read: ${list(allow.read.map((name) => bothNames(name, moved)))}`,
      `write: ${list(allow.write.map((name) => bothNames(name, moved)))}`,
      `execute: ${list(allow.exec.map((name) => bothNames(name, moved)))}`,
      `connect: ${list(allow.connect)}`,
      `listen: ${list(allow.listen)}`,
      `hosts: ${list(new Hosts(allow.hosts).rules.map(ruleText))}`,
      `mounted read-only: ${writable.length === 0 ? 'all' : `all except ${list(writable)}`}`,
      `sockets: ${list(sockets)}`,
      'capabilities: none, and none by executing anything',
    ]),
    ...Object.entries(roles).map(([name, own]) => `role ${name}: ${roleText(own)}`),
    `kernel: Linux ${kernel}, ` +
      (subsystems === 'all' ? 'all its parts' : 'the parts that calls of WASI and POSIX reach'),
    `mounts: ${places.length === 0 ? 'none' : ''}`.trimEnd(),
    ...places,
    'limits:',
    ...limitNames.map((name) => `  ${name}: ${limitText(limits[name])}`),
    ...explained.unfinished.map((path) =>
      `unfinished: ${path} is left of an apply that was ended in its middle`),
    ...explained.permits.map(({ allow: more, run, why }) =>
      `permitted after run ${run}: ${JSON.stringify(more)} (${why})`),
  ].map((line) => oneLine(line, Infinity)).join('\n')
}
