/** A policy taken apart for those that write it elsewhere: places with their rights, mounts, ports, hosts. */
import { checkPolicy, familiesOf, Hosts, normalPath, wholeAllow } from '@lsmkit/sandbox/policy-parts'
import type { Families, HostFolder, Place, Policy, WholeAllow } from '@lsmkit/sandbox/policy-parts'
import { EmitError } from './emit-error.ts'
import { isBeneath, parentOf } from './question.ts'

export interface Rights {
  readonly read: boolean
  readonly write: boolean
  readonly execute: boolean
}
export const NO_RIGHTS: Rights = { read: false, write: false, execute: false }

/** A rule of the policy. */
export interface PathRule {
  readonly list: 'read' | 'write' | 'exec'
  readonly path: string
  /** `allow: read[0]`. */
  readonly place: string
}

export interface PlainMount {
  readonly target: string
  readonly place: Place
}

/** A place where rights differ from those of the directory above, in the order of paths: parents come first. */
export interface Node {
  readonly path: string
  /** The same place on the host. */
  readonly host: string
  readonly rights: Rights
  /** The mount that begins here; null for none. */
  readonly mount: Place | null
}

export interface Plain {
  readonly policy: Policy
  readonly allow: WholeAllow
  readonly rules: readonly PathRule[]
  readonly mounts: readonly PlainMount[]
  readonly nodes: readonly Node[]
  readonly hosts: Hosts
  readonly families: Families
  /** TCP ports of the loopback. */
  readonly connect: readonly number[]
  readonly listen: readonly number[]
}

const numbers = (list: readonly (number | 'unix')[]): number[] =>
  list.filter((peer): peer is number => peer !== 'unix').sort((a, b) => a - b)

const pathLists = ['read', 'write', 'exec'] as const

const rulesOf = (policy: Policy): PathRule[] => pathLists.flatMap((list) =>
  (policy.allow?.[list] ?? []).map((path, at) => ({ list, path: normalPath(path), place: `allow: ${list}[${at}]` })))

/** Deepest last. */
const mountsOf = ({ mounts = {} }: Policy): PlainMount[] => Object.entries(mounts)
  .map(([target, place]) => ({ target: normalPath(target), place }))
  .sort((a, b) => (a.target < b.target ? -1 : 1))

/** The mount that shows a path; undefined for the box's own tree. */
export const mountOf = (mounts: readonly PlainMount[], path: string): PlainMount | undefined =>
  mounts.findLast(({ target }) => isBeneath(path, target))

const isFolder = (place: Place): place is HostFolder => place.kind === 'host-folder'

/** The host's name of a path of the box. A path that no folder of the host shows has the same name there. */
export const hostPathOf = (mounts: readonly PlainMount[], path: string): string => {
  const mount = mountOf(mounts, path)
  if (mount === undefined || !isFolder(mount.place)) return path
  return normalPath(`${mount.place.path}/${path.slice(mount.target === '/' ? 0 : mount.target.length)}`)
}

const isWritable = (place: Place | undefined): boolean =>
  place === undefined || !isFolder(place) || place.writable === true || place.copyOnWrite === true

type Parts = Pick<Plain, 'rules' | 'mounts'>

type Lists = ReadonlySet<PathRule['list']>

const rightsOf = (lists: Lists, mounts: readonly PlainMount[], path: string): Rights => ({
  read: lists.has('read') || lists.has('exec'),
  write: lists.has('write') && isWritable(mountOf(mounts, path)?.place),
  execute: lists.has('exec'),
})

/** The rights of programs at a path of the box. */
export const rightsAt = ({ rules, mounts }: Parts, path: string): Rights =>
  rightsOf(new Set(rules.filter((rule) => isBeneath(path, rule.path)).map(({ list }) => list)), mounts, path)

/** Whether a rule of that list covers the path. */
export const hasRule = ({ rules }: Pick<Plain, 'rules'>, list: PathRule['list'], path: string): boolean =>
  rules.some((rule) => rule.list === list && isBeneath(path, rule.path))

export const isSame = (a: Rights, b: Rights): boolean =>
  a.read === b.read && a.write === b.write && a.execute === b.execute

export const isNothing = ({ read, write, execute }: Rights): boolean => !read && !write && !execute

const NO_LISTS: Lists = new Set()

/** The lists that name a path or a directory above it. */
const listsAt = (named: ReadonlyMap<string, Lists>, path: string): Lists => {
  let found = named.get(path) ?? NO_LISTS
  for (let at = path; at !== '/';) {
    at = parentOf(at)
    const own = named.get(at)
    if (own !== undefined) found = found.size === 0 ? own : new Set([...found, ...own])
  }
  return found
}

/** The node of the nearest directory above a path. */
const nodeAbove = (nodes: ReadonlyMap<string, Node>, path: string): Node | undefined => {
  for (let at = path; at !== '/';) {
    const node = nodes.get(at = parentOf(at))
    if (node !== undefined) return node
  }
  return undefined
}

/**
 * The places at which rights change, by path. A policy may have ten thousand rules: each place looks at the directories
 * above it alone.
 */
export const nodesOf = ({ rules, mounts }: Parts): Node[] => {
  const named = new Map<string, Set<PathRule['list']>>()
  for (const { path, list } of rules) {
    const lists = named.get(path)
    if (lists === undefined) named.set(path, new Set([list]))
    else lists.add(list)
  }
  const places = new Map(mounts.toReversed().map(({ target, place }) => [target, place]))
  const nodes = new Map<string, Node>()
  for (const path of [...new Set([...named.keys(), ...places.keys()])].sort()) {
    const rights = rightsOf(listsAt(named, path), mounts, path)
    const mount = places.get(path) ?? null
    if (mount === null && isSame(rights, nodeAbove(nodes, path)?.rights ?? NO_RIGHTS)) continue
    nodes.set(path, { path, host: hostPathOf(mounts, path), rights, mount })
  }
  return [...nodes.values()]
}

/** Throws the errors of `checkPolicy`, and EmitError for a policy whose modules alone decide. */
export const plainOf = (given: unknown, place = 'policy'): Plain => {
  const policy = checkPolicy(given, place)
  if (policy.allow === undefined && (policy.modules ?? []).length > 0) {
    throw new EmitError('no-allow', 'the policy has no `allow`: its modules alone decide', {
      place, hint: 'only the lists of `allow` can be written for other walls',
    })
  }
  const allow = wholeAllow(policy.allow ?? {})
  const parts = { rules: rulesOf(policy), mounts: mountsOf(policy) }
  return {
    policy, allow, ...parts, nodes: nodesOf(parts), hosts: new Hosts(allow.hosts), families: familiesOf(allow),
    connect: numbers(allow.connect), listen: numbers(allow.listen),
  }
}
