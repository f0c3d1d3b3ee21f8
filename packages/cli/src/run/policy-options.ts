/**
 * Options over a policy file: what the file says stands. An option says what the file leaves open, or less than the
 * file allows; one that would allow more, or say something else, is a wrong usage.
 */
import { dictionary } from '@lsmkit/abi'
import type { Profile } from '@lsmkit/core'
import { hostFolder } from '@lsmkit/sandbox'
import type { Place, Policy, User } from '@lsmkit/sandbox'
import { narrowedHost } from '@lsmkit/sandbox/hosts'
import type { HostRule } from '@lsmkit/sandbox/hosts'
import { limitNames, limitNumbers } from '@lsmkit/wasi/limits'
import type { LimitName, Limits } from '@lsmkit/wasi/limits'
import { CommandError } from '../command-error.ts'
import { mountParts } from './mounts.ts'

export interface PolicyChoice extends Limits {
  readonly mount?: readonly string[]
  readonly read?: readonly string[]
  readonly write?: readonly string[]
  readonly connect?: readonly string[]
  readonly allowHost?: readonly string[]
  readonly user?: string
  readonly label?: string
  readonly kernel?: Profile
}

type Allow = NonNullable<Policy['allow']>

const HINT = 'what a policy allows is widened in its file'
const refuse = (message: string): never => {
  throw new CommandError('usage', message, HINT)
}

/**
 * The policy under these options; `cwd` is where folders of the host are named from. `others`: how many modules come
 * from the command line. Throws a usage error for an option that the policy does not leave room for.
 */
export const narrowed = (policy: Policy, choice: PolicyChoice, cwd: string, others: number): Policy => {
  const allow = narrowedAllow(policy, choice, others)
  const mounts = withMounts(policy.mounts ?? {}, choice.mount ?? [], cwd)
  return {
    ...policy,
    limits: narrowedLimits(policy.limits ?? {}, choice),
    ...(allow === null ? {} : { allow }),
    ...(Object.keys(mounts).length === 0 ? {} : { mounts }),
    ...same('user', policy.user, userOf(choice.user)),
    ...same('label', policy.label, choice.label),
    ...same('kernel', policy.kernel, choice.kernel),
  }
}

const userOf = (text: string | undefined): User | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : text

const same = <T>(name: 'user' | 'label' | 'kernel', said: T | undefined, given: T | undefined): Record<string, T> => {
  if (given === undefined) return {}
  if (said !== undefined && said !== given) refuse(`the policy says \`${name}\`: ${String(said)}`)
  return { [name]: given }
}

const narrowedLimits = (said: Limits, choice: Limits): Limits => {
  const numbers = { said: limitNumbers(said), given: limitNumbers(choice) }
  const limits: Record<string, unknown> = { ...said }
  for (const name of limitNames) {
    if (choice[name] === undefined) continue
    if (said[name] !== undefined && isMore(name, numbers.given, numbers.said)) {
      refuse(`the policy says \`${name}\`: ${textOf(said[name])}`)
    }
    limits[name] = choice[name]
  }
  return limits
}

type Numbers = ReturnType<typeof limitNumbers>

/** Of the switch, off lets a program do more. */
const isMore = (name: LimitName, given: Numbers, said: Numbers): boolean =>
  name === 'loops' ? said.loops && !given.loops : given[name] > said[name]

const textOf = (limit: unknown): string => (typeof limit === 'boolean' ? (limit ? 'on' : 'none') : String(limit))

/** Null where the modules of the policy alone decide, and go on doing so. */
const narrowedAllow = (policy: Policy, choice: PolicyChoice, others: number): Allow | null => {
  const { read, write, connect, allowHost } = choice
  const isNamed = [read, write, connect, allowHost].some((list) => list !== undefined)
  const hasModules = (policy.modules ?? []).length > 0
  if (policy.allow === undefined && hasModules) {
    if (!isNamed) return null
    const hosts = allowHost === undefined ? {} : { hosts: allowHost }
    return { read: read ?? [], write: write ?? [], connect: portsOf(connect ?? []), ...hosts }
  }
  // a policy that says nothing allows nothing, also with a module of the command line
  if (policy.allow === undefined && !isNamed && others === 0) return null
  const allow = policy.allow ?? {}
  const ports = connect === undefined ? undefined : portsOf(connect)
  for (const port of ports ?? []) {
    if (!(allow.connect ?? []).includes(port)) refuse(`the policy does not let it connect to ${port}`)
  }
  return {
    ...allow,
    ...(read === undefined ? {} : { read: beneath('read', read, policy, allow.read) }),
    ...(write === undefined ? {} : { write: beneath('write', write, policy, allow.write) }),
    ...(ports === undefined ? {} : { connect: ports }),
    ...(allowHost === undefined ? {} : { hosts: hostsWithin(allowHost, allow.hosts ?? []) }),
  }
}

/** Rules of the policy that cover the given ones, as narrow as the given ones are. */
const hostsWithin = (texts: readonly string[], said: readonly HostRule[]): HostRule[] => texts.map((text) => {
  const found = narrowedHost(text, said)
  return found ?? refuse(`the policy does not let it connect to \`${text}\``)
})

/** Where the policy's names may lead over links, what a name below one of them leads to is not known. */
const beneath = (
  act: 'read' | 'write', paths: readonly string[], { resolve = false }: Policy, allowed: readonly string[] = [],
): string[] =>
  paths.map((path) => {
    if (path.split('/').includes('..')) refuse(`\`${path}\`: a path of the policy has no \`..\``)
    const isAllowed = allowed.some((above) =>
      (resolve ? plain(path) === plain(above) : `${plain(path)}/`.startsWith(`${plain(above)}/`)))
    if (!isAllowed) refuse(`the policy does not let it ${act} \`${path}\``)
    return path
  })

/** As the policy's paths come to be: one slash between names, none at the end. */
const plain = (path: string): string =>
  path.split('/').filter((part) => part !== '' && part !== '.').map((part) => `/${part}`).join('')

const portsOf = (texts: readonly string[]): number[] => texts.map((text) => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (!(port <= 65535)) throw new CommandError('usage', `\`${text}\` is not a port`, '--connect 443')
  return port
})

const withMounts = (
  mounts: Readonly<Record<string, Place>>, texts: readonly string[], cwd: string,
): Readonly<Record<string, Place>> => {
  const all = Object.assign(dictionary<Place>(), mounts)
  const known = new Map(Object.keys(mounts).map((path) => [plain(path), path]))
  for (const { host, target, options } of mountParts(texts, cwd)) {
    if (known.has(plain(target))) refuse(`something is mounted on \`${target}\` already`)
    known.set(plain(target), target)
    all[target] = hostFolder(host, options)
  }
  return all
}
