/** SELinux on the stack that a program runs under: its policy, the labels of the tree, and the program's context. */
import { AT_FDCWD, errnoName, O_WRONLY } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { selinux } from '@lsmkit/selinux'
import type { SelinuxLsm } from '@lsmkit/selinux'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { CommandError } from '../command-error.ts'
import { withCommandErrors } from '../commands/selinux/errors.ts'
import { fileContextsOf, policyOf } from '../commands/selinux/inputs.ts'
import type { Io } from '../io.ts'

export interface SelinuxChoice {
  /** A policy, binary or CIL. */
  readonly selinux?: string
  /** A file_contexts; files beside it count. */
  readonly fileContexts?: string
  /** Local changes (`semanage`). */
  readonly local?: readonly string[]
  readonly permissive?: boolean
  /** The context the program is executed in, instead of the one that the policy gives it. */
  readonly context?: string
}

/** Null unless a policy is named. It is permissive while the tree is made: `enforce` comes when that is labelled. */
export const selinuxModule = (io: Io, choice: SelinuxChoice): SelinuxLsm | null => {
  if (choice.selinux !== undefined) {
    const { selinux: policy, fileContexts, local } = choice
    return withCommandErrors(() => selinux({
      policy: writePolicy(policyOf(io, policy, local)),
      enforcing: false,
      ...(fileContexts === undefined ? {} : { fileContexts: fileContextsOf(io, fileContexts, false, local) }),
    }))
  }
  const odd = (['fileContexts', 'local', 'permissive', 'context'] as const).find((name) => choice[name] !== undefined)
  if (odd === undefined) return null
  const option = odd.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)
  throw new CommandError('usage', `\`--${option}\` needs a policy`, '--selinux POLICY')
}

/** Labels the files of the tree, as restorecon -F does; lists files that cannot be labelled. */
export const labelTree = (io: Io, kernel: Kernel, lsm: SelinuxLsm, { fileContexts }: SelinuxChoice): void => {
  if (fileContexts === undefined) return
  const { failed } = lsm.relabel(kernel, { force: true })
  for (const { path, to, rc } of failed) {
    io.note(`lsm: \`${path}\` cannot be labelled${to === null ? '' : ` ${to}`}: ${errnoName(rc)}`)
  }
}

const write = ({ sys }: Kernel, task: Task, path: string, text: string): number => {
  const fd = sys.openat(task, AT_FDCWD, path, O_WRONLY, 0)
  if (fd < 0) return fd
  const rc = sys.write(task, fd, new TextEncoder().encode(text))
  sys.close(task, fd)
  return Math.min(rc, 0)
}

/** From now on refusals are refusals, unless the choice is to record them only; the program gets its context. */
export const enforce = (kernel: Kernel, task: Task, { permissive, context }: SelinuxChoice): void => {
  if (context !== undefined) {
    const rc = write(kernel, task, '/proc/self/attr/exec', context)
    if (rc !== 0) throw new CommandError('usage', `\`${context}\` cannot be the context: ${errnoName(rc)}`)
  }
  if (permissive === true) return
  const rc = write(kernel, kernel.init, '/sys/fs/selinux/enforce', '1')
  if (rc !== 0) throw new CommandError('badInput', `SELinux cannot be made to enforce: ${errnoName(rc)}`)
}
