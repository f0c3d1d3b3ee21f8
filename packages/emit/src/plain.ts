/** A policy taken apart for those that write it elsewhere: places with their rights, mounts, ports, hosts. */
import { checkPolicy, familiesOf, Hosts, normalPath, wholeAllow } from '@lsmkit/sandbox/policy-parts'
import type { Families, HostFolder, Place, Policy, WholeAllow } from '@lsmkit/sandbox/policy-parts'
import { EmitError } from './emit-error.ts'
import { isBeneath } from './question.ts'

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
  mounts.filter(({ target }) => isBeneath(path, target)).at(-1)

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

/** The rights of programs at a path of the box. */
export const rightsAt = ({ rules, mounts }: Parts, path: string): Rights => {
  const lists = new Set(rules.filter((rule) => isBeneath(path, rule.path)).map(({ list }) => list))
  return {
    read: lists.has('read') || lists.has('exec'),
    write: lists.has('write') && isWritable(mountOf(mounts, path)?.place),
    execute: lists.has('exec'),
  }
}

/** Whether a rule of that list covers the path. */
export const hasRule = ({ rules }: Pick<Plain, 'rules'>, list: PathRule['list'], path: string): boolean =>
  rules.some((rule) => rule.list === list && isBeneath(path, rule.path))

export const isSame = (a: Rights, b: Rights): boolean =>
  a.read === b.read && a.write === b.write && a.execute === b.execute

export const isNothing = ({ read, write, execute }: Rights): boolean => !read && !write && !execute

const nodesOf = (parts: Parts): Node[] => {
  const { rules, mounts } = parts
  const paths = [...new Set([...rules.map(({ path }) => path), ...mounts.map(({ target }) => target)])].sort()
  const nodes: Node[] = []
  for (const path of paths) {
    const rights = rightsAt(parts, path)
    const mount = mounts.find(({ target }) => target === path)?.place ?? null
    const above = nodes.filter((node) => isBeneath(path, node.path)).at(-1)
    if (mount === null && isSame(rights, above?.rights ?? NO_RIGHTS)) continue
    nodes.push({ path, host: hostPathOf(mounts, path), rights, mount })
  }
  return nodes
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
