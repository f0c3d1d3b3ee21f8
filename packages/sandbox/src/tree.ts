/** The tree that a box begins with: its mounts, the directories that the policy names, and attributes of files. */
import type { Kernel, BootMount } from '@lsmkit/kernel'
import { FileError } from '@lsmkit/kernel/files'
import type { HostTree } from '@lsmkit/kernel/hostfs'
import type { WholeAllow } from './allow.ts'
import { Stages } from './cow/stages.ts'
import type { NestedPlace } from './cow/stages.ts'
import type { NamedPlaces } from './names/named-places.ts'
import type { HostFolder, Place } from './places.ts'
import type { Policy } from './policy.ts'
import { SandboxError } from './sandbox-error.ts'
import { must } from './subject.ts'
import type { Ids } from './subject.ts'

export interface BoxMounts {
  readonly mounts: readonly BootMount[]
  /** Folders that are copied on write, by where they are mounted: an outer one before those that lie in it. */
  readonly trees: ReadonlyMap<string, HostTree>
  /** Mounts that lie in such a folder, by the folder: they are moved onto its overlay. */
  readonly nested: ReadonlyMap<string, readonly NestedPlace[]>
}

/** Places as mounts of the kernel. The contents of a host folder belong to `ids`. */
export const bootMounts = async (
  mounts: Readonly<Record<string, Place>>, { uid, gid }: Ids,
): Promise<BoxMounts> => {
  const made: BootMount[] = []
  const trees = new Map<string, HostTree>()
  const stages = new Stages()
  // an outer place before those that lie in it
  const all = Object.entries(mounts).toSorted(([a], [b]) => a.length - b.length).map(([target, place]) => {
    checkTarget(target)
    return { target, place, stage: stages.add(target, place) }
  })
  try {
    for (const { target, place, stage } of all) {
      if (place.kind === 'memory') {
        made.push({ type: 'tmpfs', target: stage, data: `mode=777,uid=${uid},gid=${gid}` })
        continue
      }
      const tree = place.copyOnWrite === true ? await treeOf(place) : null
      if (tree !== null) trees.set(target, tree)
      const folder = tree === null ? place : { ...place, path: tree.path }
      made.push({ type: await hostType(folder, made.length, uid, gid), target: stage, source: target })
    }
  } catch (error) {
    for (const tree of trees.values()) tree.close()
    throw error
  }
  return { mounts: made, trees, nested: stages.nested }
}

const checkTarget = (target: string): void => {
  if (target.startsWith('/') && target !== '/') return
  const hint = target === '/' ? 'the root is in memory already' : `paths are those of the box: \`/${target}\``
  throw new SandboxError('bad-policy', `\`${target}\` is not a place to mount on`, { place: 'mounts', hint })
}

const treeOf = async ({ path, writable = false, native = false, labels }: HostFolder): Promise<HostTree> => {
  if (writable) {
    const message = `\`${path}\` cannot be both \`writable\` and \`copyOnWrite\``
    throw new SandboxError('bad-policy', message, { place: 'mounts' })
  }
  try {
    const { HostTree } = await import('@lsmkit/kernel/hostfs')
    const space = native ? labels ?? null : null
    return new HostTree(path, (errno, syscall, name) => new FileError(errno, syscall, name), space, native)
  } catch (error) {
    throw new SandboxError('bad-tree', `\`${path}\` cannot be mounted: ${(error as Error).message}`, { cause: error })
  }
}

const hostType = async (
  { path, writable = false, native = false, descriptors, labels }: HostFolder, index: number, uid: number,
  gid: number,
): Promise<BootMount['type']> => {
  try {
    // the one part that needs Node is loaded by those who have folders
    const { hostfs } = await import('@lsmkit/kernel/hostfs')
    const more = { ...(descriptors === undefined ? {} : { descriptors }), ...(labels === undefined ? {} : { labels }) }
    return hostfs({ path, writable, native, uid, gid, type: index === 0 ? 'hostfs' : `hostfs${index}`, ...more })
  } catch (error) {
    throw new SandboxError('bad-tree', `\`${path}\` cannot be mounted: ${(error as Error).message}`, { cause: error })
  }
}

const lists = ['write', 'read', 'exec'] as const

/** How names of the policy are looked up; those that a permit has brought lead over no link in any case. */
export interface Naming {
  readonly allow: WholeAllow | null
  readonly resolve: boolean
  readonly permitted: ReadonlySet<string>
}

/** Places for what the policy names and is there. Throws SandboxError for a link, and where a permit names nothing. */
export const findPlaces = (places: NamedPlaces, { allow, resolve, permitted }: Naming): void => {
  for (const list of lists) {
    for (const name of allow?.[list] ?? []) {
      const isPermitted = permitted.has(name)
      const isThere = places.addIfThere(name, { from: `allow: ${list}`, resolve: resolve && !isPermitted })
      if (isThere || !isPermitted) continue
      throw new SandboxError('not-there', `\`${name}\` is not there`, {
        place: 'permit', hint: 'what the run itself makes is permitted by the directory that it is made in',
      })
    }
  }
}

/**
 * Directories for the other names, so that a rule means the same whenever something comes to lie there; those that may
 * be written belong to `ids`.
 */
export const growTree = (places: NamedPlaces, { allow, resolve }: Naming, ids: Ids): void => {
  for (const list of lists) {
    for (const name of allow?.[list] ?? []) {
      places.add(name, { from: `allow: ${list}`, resolve }, list === 'write' ? ids : null)
    }
  }
}

/** A missing name becomes a directory of `ids`. */
export const setAttributes = (
  { sys }: Kernel, places: NamedPlaces, attributes: NonNullable<Policy['attributes']>, ids: Ids, resolve: boolean,
): void => {
  const encoder = new TextEncoder()
  for (const [path, values] of Object.entries(attributes)) {
    const real = places.lookUp(path, { from: 'attributes', resolve }, ids)
    for (const [name, value] of Object.entries(values)) {
      const bytes = encoder.encode(value)
      must(sys.lsetxattr(places.holder, real, name, bytes, 0), `${name} of ${path}`)
    }
  }
}
