/** The inside of a box whose kernel is in this thread. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { Box } from './box.ts'
import type { TaskChoice } from './box.ts'
import type { Sandbox } from './sandbox.ts'
import { SandboxError } from './sandbox-error.ts'

export type { TaskChoice }

export interface Inside {
  /** As programs get it: what its calls are refused is told by `box.denials`, for tasks that `task` gave. */
  readonly kernel: Kernel
  /** A task as a program gets one: the policy, the user, no privilege. Whoever takes it ends it. */
  task(choice?: TaskChoice): Task
  end(task: Task, status?: number): void
}

/** Throws `inline-only` for a box whose kernel is in a worker. */
export const insideOf = (sandbox: Sandbox): Inside => {
  const { port } = sandbox as unknown as { readonly port: unknown }
  if (port instanceof Box) return port
  throw new SandboxError('inline-only', 'the kernel of the box is in another thread', { hint: '`inline: true`' })
}
