/** The effect of another kernel release on profiles: rules that it takes up, and rules that it loses. */
import type { PolicyChange, Profile } from '@lsmkit/core'
import type { CompileResult } from '../profile/compile.ts'
import type { ProfileWarning } from '../profile/errors.ts'

const keyOf = ({ message, place }: ProfileWarning): string => `${String(place)} ${message}`

const without = (one: readonly ProfileWarning[], other: readonly ProfileWarning[]): ProfileWarning[] => {
  const known = new Set(other.map(keyOf))
  return one.filter((each) => !known.has(keyOf(each)))
}

/**
 * The changes between two compilations of the same profiles, each with the features of its release
 * (`kernelFeatures`). A binary without its text means the same on every release that loads it.
 */
export const releaseChanges = (
  before: readonly CompileResult[], after: readonly CompileResult[], to: Profile,
): PolicyChange[] => {
  const [was, is] = [before.flatMap(({ warnings }) => warnings), after.flatMap(({ warnings }) => warnings)]
  const change = (effect: PolicyChange['effect'], words: string, { place }: ProfileWarning): PolicyChange =>
    ({ effect, subject: 'rules', words, because: place === null ? [] : [`${String(place)}: ${place.excerpt}`] })
  return [
    ...without(was, is).map((one) => change('less', `Linux ${to} takes up what was lost: ${one.message}`, one)),
    ...without(is, was).map((one) => change('more', `Linux ${to} loses a rule: ${one.message}`, one)),
  ]
}
