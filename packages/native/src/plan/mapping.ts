/** From paths of the box to paths of the host: through the mounts of the policy, without what another mount hides. */
import { isBeneath, normalPath } from '@lsmkit/sandbox/policy-parts'
import type { Place, Policy } from '@lsmkit/sandbox/policy-parts'

/** A place of the host that a rule is for. */
export interface HostPlace {
  /** The folder that the policy names, with links followed; the rest is looked up below it. */
  readonly folder: string
  /** Below the folder, without a slash in front; empty for the folder itself. */
  readonly below: string
  /** May be changed: the folder is mounted writable. */
  readonly writable: boolean
  /** A private folder, which is made for the program: the path of the box that it stands for. */
  readonly private: string | null
}

interface Mount {
  readonly target: string
  readonly place: Place
}

const mountsOf = ({ mounts = {} }: Policy): readonly Mount[] =>
  Object.entries(mounts).map(([target, place]) => ({ target: normalPath(target), place }))

/** A memory mount that TMPDIR names: `/tmp`, or another path that ends so. */
export const isTemporary = (path: string): boolean => path.endsWith('/tmp')

/** Without a folder of the host among the mounts, paths of the policy are those of the host. */
export const namesHostPaths = (policy: Policy): boolean =>
  mountsOf(policy).every(({ place }) => place.kind !== 'host-folder')

const restOf = (path: string, top: string): string => path.slice(top === '/' ? 1 : top.length + 1)

const joined = (folder: string, below: string): string =>
  (below === '' ? folder : `${folder === '/' ? '' : folder}/${below}`)

/** The path on the host, for people. */
export const hostPathOf = ({ folder, below }: HostPlace): string => joined(folder, below)

const placeAt = (path: string, mount: Mount): HostPlace => {
  const { target, place } = mount
  const below = restOf(path, target)
  if (place.kind === 'memory') return { folder: '', below, writable: true, private: target }
  // changes of a copy go to a layer in memory, which a native program does not have
  const writable = place.writable === true && place.copyOnWrite !== true
  return { folder: normalPath(place.path), below, writable, private: null }
}

/** The mount that a path lies in; null for the box's own tree. */
const mountAt = (path: string, mounts: readonly Mount[]): Mount | null =>
  mounts.filter(({ target }) => isBeneath(path, target)).sort((a, b) => b.target.length - a.target.length)[0] ?? null

/** Devices that every box has, and that are the same on every host. */
const SHARED_DEVICES: ReadonlySet<string> =
  new Set(['null', 'zero', 'full', 'random', 'urandom'].map((name) => `/dev/${name}`))

export interface Mapped {
  readonly place: HostPlace
  /** Paths below `below` that another mount hides, relative to the folder. */
  readonly hidden: readonly string[]
}

/** All places of the host that a path of the policy stands for, those of mounts below it included. */
export const placesOf = (policy: Policy, path: string): readonly Mapped[] => {
  const mounts = mountsOf(policy)
  const clean = normalPath(path)
  const inner = mounts.filter(({ target }) => target !== clean && isBeneath(target, clean))
  const found: Mapped[] = []
  const add = (place: HostPlace, at: string): void => {
    const hides = place.private === null ? inner : []
    const hidden = hides.filter(({ target }) => target !== at && isBeneath(target, at))
      .map(({ target }) => joined(place.below, restOf(target, at)).replace(/^\//, ''))
    found.push({ place, hidden })
  }
  const outer = mountAt(clean, mounts)
  if (outer !== null) add(placeAt(clean, outer), clean)
  else if (namesHostPaths(policy) || SHARED_DEVICES.has(clean)) {
    add({ folder: '/', below: restOf(clean, '/'), writable: true, private: null }, clean)
  }
  for (const mount of inner) add(placeAt(mount.target, mount), mount.target)
  return found
}

/** Folders between a place and what is hidden below it: a rule for their other names replaces one for the place. */
const chainOf = (below: string, hidden: string): string[] => {
  const names = restOf(`/${hidden}`, below === '' ? '/' : `/${below}`).split('/')
  return names.map((_, i) => [...below === '' ? [] : [below], ...names.slice(0, i)].join('/'))
}

/** Folders whose names `finer` needs. */
export const foldersToList = (policy: Policy): readonly string[] => {
  const { read = [], write = [], exec = [] } = policy.allow ?? {}
  const roles = Object.values(policy.roles ?? {}).map(({ allow = {} }) => allow)
  const paths = [read, write, exec, ...roles.flatMap((one) => [one.read ?? [], one.write ?? [], one.exec ?? []])].flat()
  const folders = paths.flatMap((path) => placesOf(policy, path).flatMap(({ place, hidden }) =>
    hidden.flatMap((one) => chainOf(place.below, one).map((below) => joined(place.folder, below)))))
  return [...new Set(folders)]
}

type Folders = Readonly<Record<string, readonly string[]>>

const namesOf = (folders: Folders, folder: string): readonly string[] =>
  (Object.hasOwn(folders, folder) ? folders[folder]! : [])

/** Whether there is something to hide: the mount may stand over a name that the folder does not have. */
const isThere = ({ place }: Mapped, hidden: string, folders: Folders): boolean => {
  const chain = chainOf(place.below, hidden)
  return chain.every((below, i) => {
    const next = chain[i + 1] ?? hidden
    return namesOf(folders, joined(place.folder, below)).includes(next.slice(next.lastIndexOf('/') + 1))
  })
}

/** The places beside what is hidden, as they are now: Landlock has no rule that takes a right away. */
export const finer = (mapped: Mapped, folders: Folders): readonly HostPlace[] => {
  const { place } = mapped
  const hidden = mapped.hidden.filter((one) => isThere(mapped, one, folders))
  if (hidden.length === 0) return [place]
  const chains = new Set(hidden.flatMap((one) => chainOf(place.below, one)))
  const isHidden = new Set(hidden)
  return [...chains].flatMap((below) => namesOf(folders, joined(place.folder, below))
    .map((name) => (below === '' ? name : `${below}/${name}`))
    .filter((one) => !isHidden.has(one) && !chains.has(one)).map((one) => ({ ...place, below: one })))
}
