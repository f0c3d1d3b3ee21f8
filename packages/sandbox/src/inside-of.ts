/** The inside of a box whose kernel is in this thread. */
import { Box } from './box.ts'
import type { Inside } from './inside-box.ts'
import { portOf } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'
import { SandboxError } from './sandbox-error.ts'

/** Throws `inline-only` for a box whose kernel is in a worker. */
export const insideOf = (sandbox: Sandbox): Inside => {
  const port = portOf(sandbox)
  if (port instanceof Box) return port.inside
  throw new SandboxError('inline-only', 'the kernel of the box is in another thread', { hint: '`inline: true`' })
}
