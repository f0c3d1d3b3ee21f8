/** Labels as text, for those who look from some namespace (`aa_label_snxprint`). */
import { HIDDEN_NAME, isVisible, namespaceName } from './namespace.ts'
import type { Label, LoadedProfile, Namespace } from './objects.ts'

export interface LabelTextOptions {
  /** The mode in parentheses, ` (enforce)`. */
  readonly mode?: boolean
  /** Namespaces inside are seen too. */
  readonly inside?: boolean
  /** A profile that is not visible is called unconfined, not `---`. */
  readonly hiddenUnconfined?: boolean
}

export const labelText = (from: Namespace, label: Label, options: LabelTextOptions = {}): string => {
  const { mode = false, inside = false, hiddenUnconfined = false } = options
  const seen = label.profiles.filter(({ namespace }) => isVisible(from, namespace, inside))
  if (seen.length === 0) return hiddenUnconfined ? 'unconfined' : HIDDEN_NAME
  let last: Namespace | null = null
  const parts = seen.map((profile) => {
    const text = profileText(from, profile, last)
    if (profile.namespace !== from) last = profile.namespace
    return text
  })
  const showsMode = mode && seen.some((profile) => !isOfNamespace(profile))
  return parts.join('//&') + (showsMode ? ` (${modeText(seen)})` : '')
}

/** The namespace is said where it differs from the one that was said before. */
const profileText = (from: Namespace, { namespace, hname }: LoadedProfile, last: Namespace | null): string =>
  namespace === from || namespace === last ? hname : `:${namespaceName(from, namespace, true)}:${hname}`

const isOfNamespace = (profile: LoadedProfile): boolean => profile === profile.namespace.unconfined

/** As `label_modename`: one mode, or `mixed`; the unconfined profiles of namespaces do not count. */
const modeText = (seen: readonly LoadedProfile[]): string => {
  const modes = new Set(seen.filter((profile) => !isOfNamespace(profile)).map(({ mode }) => mode))
  if (modes.size > 1) return 'mixed'
  return [...modes][0] ?? 'unconfined'
}
