/** The kernel's classes as CIL, so that a policy need not write them out. */
import { kernelClasses } from './class-map.ts'

/**
 * Declares every class with its permissions, and a class map of all of them: `(allow a b (kernel_class (every)))`
 * permits whatever the kernel can ask.
 */
export const kernelClassesCil = (): string => {
  const classes = kernelClasses.map(({ name, perms }) => `(class ${name} (${perms.join(' ')}))`)
  const order = `(classorder (${kernelClasses.map(({ name }) => name).join(' ')}))`
  const every = kernelClasses.map(({ name }) => `(classmapping kernel_class every (${name} (all)))`)
  return [...classes, order, '(classmap kernel_class (every))', ...every, ''].join('\n')
}
