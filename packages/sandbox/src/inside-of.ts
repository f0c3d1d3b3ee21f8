/** The inside of a box whose kernel is in this thread. */
import { Box } from './box.ts'
import type { Inside } from './inside-box.ts'
import { usePackages } from './kernel-code.ts'
import { portOf } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'
import { SandboxError } from './sandbox-error.ts'

// who works in a box gives its kernel to functions of the packages
usePackages()

/** Boxes by what works in them: a box is closed when it is dropped, and not before what works in it is. */
const boxes = new WeakMap<Inside, Sandbox>()

/**
 * The inside of a box. A box that you drop is not closed while you hold its inside. Throws `inline-only` for a box
 * whose kernel is in a worker, and for one that was made before this module was loaded: its kernel is not that of the
 * packages that you import.
 */
export const insideOf = (sandbox: Sandbox): Inside => {
  const port = portOf(sandbox)
  if (port instanceof Box) {
    // a new object: the box's own must not hold the box
    const inside = { ...port.inside }
    boxes.set(inside, sandbox)
    return inside
  }
  if (port !== undefined && 'inside' in port) {
    throw new SandboxError('inline-only', 'the box was made before `@lsmkit/sandbox/inside` was loaded', {
      hint: 'import that, or the package that uses it, before you make the box',
    })
  }
  throw new SandboxError('inline-only', 'the kernel of the box is in another thread', { hint: '`inline: true`' })
}
