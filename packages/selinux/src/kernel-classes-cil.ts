/** The kernel's classes as CIL, so that a policy need not write them out. */
import { DEFAULT_PROFILE } from '@lsmkit/core'
import type { Profile } from '@lsmkit/core'
import { releaseOf } from './release.ts'

/**
 * Declares every class of a kernel release with its permissions, and a class map of all of them:
 * `(allow a b (kernel_class (every)))` permits whatever that kernel can ask.
 */
export const kernelClassesCil = (profile: Profile = DEFAULT_PROFILE): string => {
  const known = releaseOf(profile).classes.filter(({ name }) => name !== '')
  const classes = known.map(({ name, perms }) => `(class ${name} (${perms.join(' ')}))`)
  const order = `(classorder (${known.map(({ name }) => name).join(' ')}))`
  const every = known.map(({ name }) => `(classmapping kernel_class every (${name} (all)))`)
  return [...classes, order, '(classmap kernel_class (every))', ...every, ''].join('\n')
}
