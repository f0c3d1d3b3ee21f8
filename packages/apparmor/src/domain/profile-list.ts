/** The file `profiles`: all profiles that a namespace sees, depth first (`p_start`, `seq_show_profile`). */
import { labelText } from './label-text.ts'
import type { LoadedProfile, Namespace } from './objects.ts'

/** In the order of the file. */
export function* profilesBelow(namespace: Namespace): Generator<LoadedProfile> {
  for (const profile of namespace.profiles) yield* tree(profile)
  for (const inside of namespace.namespaces) yield* profilesBelow(inside)
}

function* tree(profile: LoadedProfile): Generator<LoadedProfile> {
  yield profile
  for (const child of profile.children) yield* tree(child)
}

/** `name (mode)`, a line each; the unconfined profiles of namespaces are not there. */
export const profileLines = (from: Namespace): string =>
  [...profilesBelow(from)].map(({ label }) => `${labelText(from, label, { mode: true, inside: true })}\n`).join('')
