/** Text as a label: `a//&:ns:b` (`aa_label_strn_parse`). */
import { EINVAL, ENOENT } from '@lsmkit/abi'
import { skipSpaces } from '../fqname.ts'
import { lookupFully } from './find-profile.ts'
import { findLabel, labelOf, sortUnique } from './label-set.ts'
import type { Label, LoadedProfile } from './objects.ts'

export interface ParseOptions {
  /** A set that is not a label yet becomes one; otherwise it is not found. */
  readonly create: boolean
  /** On top of the base even without a `&` in front. */
  readonly stack?: boolean
}

/**
 * The label of a text, looked up from the namespace of `base`; -EINVAL for blanks alone, -ENOENT for what is not
 * there. A namespace that is said holds for the parts behind it too.
 */
export const parseLabel = (base: Label, text: string, { create, stack = false }: ParseOptions): Label | number => {
  const trimmed = skipSpaces(text)
  if (trimmed === '') return -EINVAL
  const stacks = stack || trimmed.startsWith('&')
  const profiles: LoadedProfile[] = stacks ? [...base.profiles] : []
  let current = base.namespace
  for (const part of splitLabel(trimmed.startsWith('&') ? trimmed.slice(1) : trimmed)) {
    const from = skipSpaces(part).startsWith(':') ? base.namespace : current
    const profile = lookupFully(from, part)
    if (profile === null) return -ENOENT
    current = profile.namespace
    profiles.push(profile)
  }
  if (profiles.length === 1) return profiles[0]!.label
  const sorted = sortUnique(profiles)
  return (create ? labelOf(sorted) : findLabel(sorted)) ?? -ENOENT
}

/** As `aa_label_strn_split`: at each `//&` that stands behind something else than a slash. */
const splitLabel = (text: string): readonly string[] => {
  const parts: string[] = []
  let rest = text
  for (let at = rest.search(SPLIT); at >= 0; at = rest.search(SPLIT)) {
    parts.push(rest.slice(0, at + 1))
    rest = rest.slice(at + 1 + '//&'.length)
  }
  return [...parts, rest]
}

const SPLIT = /[^/]\/\/&/
