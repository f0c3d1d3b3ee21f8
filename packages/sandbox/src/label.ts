/** The label that a task runs under, by whichever module of the stack has labels. */
import { errnoName, LSM_ATTR_CURRENT, LSM_ATTR_EXEC, packLsmCtx } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { SandboxError } from './sandbox-error.ts'

/** `executes`: the label is for the program that the task executes, where a module tells the two apart. */
export const setLabel = (kernel: Kernel, task: Task, label: string, executes: boolean): void => {
  // modules take it as C has it
  const ctx = new TextEncoder().encode(`${label}\0`)
  let last = 0
  for (const attribute of executes ? [LSM_ATTR_EXEC, LSM_ATTR_CURRENT] : [LSM_ATTR_CURRENT]) {
    for (const id of kernel.machine.stack.ids) {
      const bytes = packLsmCtx({ id: BigInt(id), flags: 0n, ctx })
      const rc = kernel.sys.lsm_set_self_attr(task, attribute, bytes, bytes.length, 0)
      if (rc >= 0) return
      if (!NOT_MINE.has(errnoName(rc))) last = rc
    }
  }
  const why = last === 0 ? 'no module of the box has labels' : errnoName(last)
  throw new SandboxError('bad-policy', `\`${label}\` cannot be the label: ${why}`, { place: 'label' })
}
const NOT_MINE: ReadonlySet<string> = new Set(['EOPNOTSUPP', 'EINVAL'])
