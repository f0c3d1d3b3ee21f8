/** Gives a task a label, by whichever LSM of the stack has labels of tasks. */
import { EINVAL, EOPNOTSUPP, LSM_ATTR_CURRENT, LSM_ATTR_EXEC, packLsmCtx } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { aBoolean, aFunction, checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Kernel } from './kernel.ts'

export interface TaskLabelOptions {
  /** The label is for the program that the task executes next, where an LSM tells the two apart. */
  readonly executes?: boolean
  /**
   * Takes the privilege of the task away. Labels that need privilege are set before it, all others after it: what it
   * does is then not asked of the new label.
   */
  readonly become?: () => void
  /** The LSM whose label it is (`LSM_ID_APPARMOR`); unless given, the first LSM of the stack that takes it. */
  readonly lsm?: number
}

const rules: OptionRules<TaskLabelOptions> = { executes: aBoolean, become: aFunction, lsm: wholeNumber(0) }

/** An LSM that has no such attribute, or does not know the label. */
const NOT_MINE: readonly number[] = [-EOPNOTSUPP, -EINVAL]

const ATTRIBUTES = { current: LSM_ATTR_CURRENT, exec: LSM_ATTR_EXEC } as const

interface Offered {
  readonly label: string
  readonly names: readonly ('current' | 'exec')[]
  /** Null: any. */
  readonly lsm: number | null
}

/** 0 where an LSM has taken the label; -EOPNOTSUPP where none has such a label; -errno of a refusal. */
const offer = ({ sys, machine }: Kernel, task: Task, { label, names, lsm }: Offered, privileged: boolean): number => {
  const { ids, taskLabels = [] } = machine.stack
  let last = -EOPNOTSUPP
  for (const name of names) {
    for (const [at, id] of ids.entries()) {
      if (lsm !== null && id !== lsm) continue
      const { commands, needsPrivilege = false } = taskLabels[at] ?? {}
      if (needsPrivilege !== privileged) continue
      const ctx = new TextEncoder().encode(`${commands === undefined ? '' : `${commands[name]} `}${label}\0`)
      const bytes = packLsmCtx({ id: BigInt(id), flags: 0n, ctx })
      const rc = sys.lsm_set_self_attr(task, ATTRIBUTES[name], bytes, bytes.length, 0)
      if (rc >= 0) return 0
      if (lsm !== null || !NOT_MINE.includes(rc)) last = rc
    }
  }
  return last
}

/**
 * lsm_set_self_attr(2) for each LSM until one takes the label. 0; -EOPNOTSUPP when no LSM has such a label; -errno of
 * its refusal. Throws OptionError.
 */
export const setTaskLabel = (kernel: Kernel, task: Task, label: string, options: TaskLabelOptions = {}): number => {
  checkOptions(options, rules, 'setTaskLabel')
  const { executes = false, become = () => {}, lsm = null } = options
  const offered: Offered = { label, names: executes ? ['exec', 'current'] : ['current'], lsm }
  const before = offer(kernel, task, offered, true)
  become()
  if (before !== -EOPNOTSUPP) return before
  return offer(kernel, task, offered, false)
}
