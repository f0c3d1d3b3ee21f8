/** The tree that a box begins with: its mounts, the directories that the policy names, and attributes of files. */
import { AT_FDCWD, EEXIST, ENOENT, F_OK } from '@lsmkit/abi'
import type { Kernel, BootMount } from '@lsmkit/kernel'
import type { WholeAllow } from './allow.ts'
import type { Place } from './places.ts'
import type { Policy } from './policy.ts'
import { SandboxError } from './sandbox-error.ts'
import { must } from './subject.ts'
import type { Ids } from './subject.ts'

/** Places as mounts of the kernel. What a host folder shows belongs to `ids`. */
export const bootMounts = async (
  mounts: Readonly<Record<string, Place>>, { uid, gid }: Ids,
): Promise<BootMount[]> => {
  const made: BootMount[] = []
  // an outer place before those that lie in it
  for (const [target, place] of Object.entries(mounts).toSorted(([a], [b]) => a.length - b.length)) {
    if (!target.startsWith('/') || target === '/') {
      const hint = target === '/' ? 'the root is in memory already' : `paths are those of the box: \`/${target}\``
      throw new SandboxError('bad-policy', `\`${target}\` is no place to mount on`, { place: 'mounts', hint })
    }
    if (place.kind === 'memory') made.push({ type: 'tmpfs', target, data: `mode=777,uid=${uid},gid=${gid}` })
    else made.push({ type: await hostType(place, made.length, uid, gid), target, source: place.path })
  }
  return made
}

const hostType = async (
  { path, writable = false, descriptors }: Extract<Place, { kind: 'host-folder' }>, index: number, uid: number,
  gid: number,
): Promise<BootMount['type']> => {
  try {
    // the one part that needs Node is loaded by those who have folders
    const { hostfs } = await import('@lsmkit/kernel/hostfs')
    const more = descriptors === undefined ? {} : { descriptors }
    return hostfs({ path, writable, uid, gid, type: index === 0 ? 'hostfs' : `hostfs${index}`, ...more })
  } catch (error) {
    throw new SandboxError('bad-tree', `\`${path}\` cannot be mounted: ${(error as Error).message}`, { cause: error })
  }
}

/** Makes a directory and those above it; tells whether it was made. */
export const makeDirectories = ({ sys, init }: Kernel, path: string, mode: number): boolean => {
  let at = ''
  let made = false
  for (const name of path.split('/').filter((part) => part !== '')) {
    at += `/${name}`
    const rc = sys.mkdirat(init, AT_FDCWD, at, mode)
    if (rc !== -EEXIST) must(rc, at)
    made = rc === 0
  }
  return made
}

/**
 * Directories for what the policy names and nobody has made, so that a rule means the same whenever something comes to
 * lie there; those that may be written belong to `ids`.
 */
export const growTree = (kernel: Kernel, allow: WholeAllow | null, ids: Ids): void => {
  for (const name of ['write', 'read', 'exec'] as const) {
    for (const path of allow?.[name] ?? []) makePlace(kernel, path, name === 'write' ? ids : null)
  }
}

/** A directory where nothing is, which belongs to `ids`; null: to root. */
const makePlace = (kernel: Kernel, path: string, ids: Ids | null): void => {
  const { sys, init } = kernel
  if (sys.faccessat(init, AT_FDCWD, path, F_OK) !== -ENOENT) return
  const made = makeDirectories(kernel, path, 0o755)
  if (made && ids !== null) must(sys.fchownat(init, AT_FDCWD, path, ids.uid, ids.gid, 0), path)
}

/** What is not there becomes a directory of `ids`. */
export const setAttributes = (kernel: Kernel, attributes: NonNullable<Policy['attributes']>, ids: Ids): void => {
  const { sys, init } = kernel
  const encoder = new TextEncoder()
  for (const [path, values] of Object.entries(attributes)) {
    makePlace(kernel, path, ids)
    for (const [name, value] of Object.entries(values)) {
      const bytes = encoder.encode(value)
      must(sys.setxattr(init, path, name, bytes, 0), `${name} of ${path}`)
    }
  }
}
