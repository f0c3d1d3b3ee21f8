/** The inside of a box whose kernel is in this thread. */
import { Box } from './box.ts'
import type { Inside } from './inside-box.ts'
import { portOf } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'
import { SandboxError } from './sandbox-error.ts'

/** Boxes by what works in them: a box is closed when it is dropped, and not before what works in it is. */
const boxes = new WeakMap<Inside, Sandbox>()

/**
 * The inside of a box. A box that you drop is not closed while you hold its inside. Throws `inline-only` for a box
 * whose kernel is in a worker.
 */
export const insideOf = (sandbox: Sandbox): Inside => {
  const port = portOf(sandbox)
  if (port instanceof Box) {
    // a new object: the box's own must not hold the box
    const inside = { ...port.inside }
    boxes.set(inside, sandbox)
    return inside
  }
  throw new SandboxError('inline-only', 'the kernel of the box is in another thread', { hint: '`inline: true`' })
}
