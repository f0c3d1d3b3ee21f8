/** `--smack-rules FILE` and `--label`: Smack on the stack that a program runs under. */
import { errnoName, LSM_ID_SMACK } from '@lsmkit/abi'
import { LsmkitError } from '@lsmkit/core'
import type { Lsm, Task } from '@lsmkit/core'
import { setTaskLabel } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { smack } from '@lsmkit/smack'
import { CommandError } from '../command-error.ts'
import { readHostText } from '../host-file.ts'
import type { Io } from '../io.ts'
import type { ModuleOptions } from './module-options.ts'

export interface SmackChoice {
  readonly smackRules?: readonly string[]
  readonly label?: string
}

/** Null unless rules are given. */
export const smackModule = (io: Io, { smackRules }: SmackChoice, given: ModuleOptions): Lsm | null => {
  if (smackRules === undefined) return null
  const load = smackRules.map((file) => readHostText(io, file)).join('\n')
  try {
    return smack({ ...given.smack, load })
  } catch (error) {
    if (!(error instanceof LsmkitError)) throw error
    const place = `${smackRules.join(', ')}${error.place === null ? '' : `, ${error.place}`}`
    throw new CommandError('badInput', `${place}: ${error.summary}`, error.hint ?? undefined)
  }
}

/** While the task is still privileged. */
export const setLabel = (kernel: Kernel, task: Task, { label }: SmackChoice): void => {
  if (label === undefined) return
  const rc = setTaskLabel(kernel, task, label, { lsm: LSM_ID_SMACK })
  if (rc !== 0) throw new CommandError('usage', `\`${label}\` cannot be the label: ${errnoName(rc)}`, '--lsm smack')
}
