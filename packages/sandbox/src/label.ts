/** The label that a task runs under, by whichever module of the stack has labels. */
import { EOPNOTSUPP, errnoName } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { setTaskLabel } from '@lsmkit/kernel/boot'
import type { Kernel, TaskLabelOptions } from '@lsmkit/kernel'
import { SandboxError } from './sandbox-error.ts'

/** Throws SandboxError for a label that cannot be set. */
export const setLabel = (kernel: Kernel, task: Task, label: string, options: TaskLabelOptions): void => {
  const rc = setTaskLabel(kernel, task, label, options)
  if (rc === 0) return
  const why = rc === -EOPNOTSUPP ? 'no module of the box has labels' : errnoName(rc)
  throw new SandboxError('bad-policy', `\`${label}\` cannot be the label: ${why}`, { place: 'label' })
}
