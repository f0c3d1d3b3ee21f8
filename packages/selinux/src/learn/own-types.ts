/**
 * Types of its own for what a program makes in shared places, as `sepolicy generate` gives them: temporary files, logs,
 * files of /run, of /var/lib … A file made there has the shared type unless a transition gives it another one.
 */
import type { TeRules } from '../query/te-rules.ts'
import type { Denial } from './avc-line.ts'
import type { PlainRule } from './plain-rule.ts'

interface Place {
  /** `tmp` makes `web_tmp_t`. */
  readonly suffix: string
  /** Names of the shared type, in refpolicy and in Fedora's. */
  readonly parents: readonly string[]
  readonly folder: string
  readonly attribute: string | null
  /** Is what lies there labelled by restorecon? */
  readonly isLabelled: boolean
}

const PLACES: readonly Place[] = [
  { suffix: 'tmp', parents: ['tmp_t'], folder: '/tmp', attribute: 'tmpfile', isLabelled: false },
  { suffix: 'tmpfs', parents: ['tmpfs_t'], folder: '/dev/shm', attribute: 'tmpfsfile', isLabelled: false },
  { suffix: 'log', parents: ['var_log_t'], folder: '/var/log', attribute: 'logfile', isLabelled: true },
  { suffix: 'runtime', parents: ['var_run_t', 'runtime_t'], folder: '/run', attribute: 'pidfile', isLabelled: true },
  { suffix: 'lock', parents: ['var_lock_t'], folder: '/run/lock', attribute: 'lockfile', isLabelled: true },
  { suffix: 'var_lib', parents: ['var_lib_t'], folder: '/var/lib', attribute: null, isLabelled: true },
  { suffix: 'spool', parents: ['var_spool_t'], folder: '/var/spool', attribute: 'spoolfile', isLabelled: true },
]

/** By class: the kind of a `filecon`. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['file', 'file'], ['dir', 'dir'], ['lnk_file', 'symlink'], ['sock_file', 'socket'], ['fifo_file', 'pipe'],
])

/** A type that the domain's files get in one place. */
export interface OwnType {
  /** `tmp` of `web_tmp_t`. */
  readonly suffix: string
  readonly name: string
  /** The type that they have without it. */
  readonly parent: string
  /** Classes of what is made. */
  readonly classes: readonly string[]
  /** Attributes to join, where the policy has them. */
  readonly attributes: readonly string[]
  /** Paths with the kinds of `filecon`; none in places that restorecon leaves alone. */
  readonly paths: readonly { readonly path: string; readonly kind: string }[]
}

const SHARED_ATTRIBUTES = ['file_type', 'non_security_file_type', 'non_auth_file_type']

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const OF_ENTRIES = ['add_name', 'remove_name']

/** What the domain has made in one place: names by class. */
const madeIn = (denials: readonly Denial[], { parents }: Place): Map<string, Set<string>> => {
  const made = new Map<string, Set<string>>()
  for (const { target, tclass, permissions, object } of denials) {
    if (!parents.includes(target) || !KINDS.has(tclass) || !permissions.includes('create') || object === null) continue
    const names = made.get(tclass) ?? new Set<string>()
    made.set(tclass, names)
    names.add(baseOf(object))
  }
  return made
}

/** Logs are written by others: another path cannot stand in a line of labels. */
const IS_PLAIN = /^\/[!#-~]+$/

const pathsOf = (made: ReadonlyMap<string, ReadonlySet<string>>, denials: readonly Denial[], place: Place) => {
  if (!place.isLabelled) return []
  const whole = new Map(denials.flatMap(({ object, target }) =>
    object?.startsWith('/') === true && place.parents.includes(target) ? [[baseOf(object), object] as const] : []))
  const found = [...made].flatMap(([tclass, names]) => [...names].map((name) =>
    ({ path: whole.get(name) ?? `${place.folder}/${name}`, kind: KINDS.get(tclass)! })))
  const folders = found.filter(({ kind }) => kind === 'dir').map(({ path }) => `${path}/`)
  return found.filter(({ path }) => IS_PLAIN.test(path) && !folders.some((folder) => path.startsWith(folder)))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

export interface OwnTypes {
  readonly types: readonly OwnType[]
  /** The denials, about those types. */
  readonly denials: readonly Denial[]
}

/** `name` is that of the domain without `_t`. */
export const ownTypesOf = (name: string, denials: readonly Denial[]): OwnTypes => {
  let now = denials
  const types = PLACES.flatMap((place): OwnType[] => {
    const made = madeIn(denials, place)
    if (made.size === 0) return []
    const own = `${name}_${place.suffix}_t`
    const parent = denials.find(({ target, permissions }) =>
      place.parents.includes(target) && permissions.includes('create'))!.target
    now = now.flatMap((denial) => retargeted(denial, parent, own, made))
    return [{
      suffix: place.suffix, name: own, parent, classes: [...made.keys()],
      attributes: place.attribute === null ? SHARED_ATTRIBUTES : [...SHARED_ATTRIBUTES, place.attribute],
      paths: pathsOf(made, denials, place),
    }]
  })
  return { types, denials: now }
}

/**
 * What the domain has made is of its own type. A record about an entry names the entry and not its folder: the folder
 * may be the shared one, or one that the domain has made.
 */
const retargeted = (
  denial: Denial, parent: string, own: string, made: ReadonlyMap<string, ReadonlySet<string>>,
): Denial[] => {
  const { target, tclass, permissions, object } = denial
  if (target !== parent) return [denial]
  if (tclass === 'dir' && permissions.some((name) => OF_ENTRIES.includes(name))) {
    return made.has('dir') ? [denial, { ...denial, target: own }] : [denial]
  }
  return made.get(tclass)?.has(baseOf(object ?? '')) === true ? [{ ...denial, target: own }] : [denial]
}

/** File systems that a policy lets the shared type be on: the own type has to be let as well. */
export const associations = (types: readonly OwnType[], policy: TeRules | undefined): PlainRule[] => {
  if (policy === undefined || !policy.view.hasClass('filesystem')) return []
  return types.flatMap(({ name, parent }) => {
    if (!policy.view.hasType(parent)) return []
    const rules = policy.search({
      kinds: ['allow'], source: parent, classes: ['filesystem'], permissions: ['associate'],
    })
    const systems = new Set([...rules].filter(({ conditional }) => conditional === null).map(({ target }) => target))
    return [...systems].map((target) =>
      ({ source: name, target, tclass: 'filesystem', permissions: ['associate'] }))
  })
}
