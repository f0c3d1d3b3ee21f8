/**
 * The places of a policy's names in files that come from a snapshot: each name stays with the file or directory that it
 * named when the snapshot was taken, wherever a guest has moved it, and whatever has its name by then.
 */
import { S_IFLNK, S_IFMT } from '@lsmkit/abi'
import { SandboxError } from '../sandbox-error.ts'
import type { Snapshot, SnapshotPlace } from '../snapshot.ts'
import { gone } from './named-places.ts'
import type { NamedPlaces } from './named-places.ts'
import { isBeneath } from './walk-name.ts'

const placeOf = ({ places }: Snapshot, name: string): SnapshotPlace | null | undefined =>
  places !== undefined && Object.hasOwn(places, name) ? places[name] : undefined

/** Throws SandboxError where a name would have lost its place, before any file is changed. */
export const checkRestorable = (snapshot: Snapshot, names: Iterable<string>): void => {
  const links = snapshot.entries.filter(({ mode }) => (mode & S_IFMT) === S_IFLNK)
  for (const name of names) {
    const place = placeOf(snapshot, name)
    if (place === null) throw gone(name, 'snapshot')
    const link = place === undefined ? links.find(({ path }) => isBeneath(name, path)) : undefined
    if (link === undefined) continue
    throw new SandboxError('link', `\`${link.path}\` is a link to \`${String(link.data)}\` in the snapshot`, {
      place: 'snapshot', hint: `\`${name}\` is a name of the policy: it leads over no link`,
    })
  }
}

/** After the files are there: names that the snapshot knows mean what they meant. Throws SandboxError. */
export const restorePlaces = (places: NamedPlaces, snapshot: Snapshot, names: Iterable<string>): void => {
  for (const name of names) {
    const place = placeOf(snapshot, name)
    if (place === null) throw gone(name, 'snapshot')
    if (place === undefined) continue
    places.move(name, place.path, { from: 'snapshot', resolve: false })
    if (place.ino !== null && places.numbersOf(name).ino !== place.ino) throw gone(name, 'snapshot')
  }
}
