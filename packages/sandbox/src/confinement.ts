/**
 * `allow` put into force, in this order: all is mounted read-only but what may be written, the bound of capabilities is
 * emptied, Landlock restricts, and a filter keeps families of sockets away. Programs are children of the task that has
 * gone through it.
 */
import {
  AT_FDCWD, AT_RECURSIVE, CLONE_NEWIPC, CLONE_NEWNS, MOUNT_ATTR_RDONLY, MS_BIND, MS_REC, SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_SET_MODE_FILTER,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { LandlockError, ruleset } from '@lsmkit/landlock'
import { familiesOf, landlockRules } from './allow.ts'
import type { WholeAllow } from './allow.ts'
import { SandboxError } from './sandbox-error.ts'
import { socketFilter } from './socket-filter.ts'
import { dropBound, forked, must } from './subject.ts'

/** A child of process 1 whose own children are confined; null: by the modules alone. */
export const keeperOf = (kernel: Kernel, allow: WholeAllow | null): Task => {
  const task = forked(kernel, kernel.init)
  must(kernel.sys.setgroups(task, 0, []), 'setgroups')
  if (allow === null) return task
  mountReadOnly(kernel, task, allow.write)
  dropBound(kernel, task)
  restrict(kernel, task, allow)
  const filter = socketFilter(familiesOf(allow))
  const rc = kernel.sys.seccomp(task, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, { len: filter.length, filter })
  must(rc, 'seccomp')
  return task
}

const readOnly = { attr_set: MOUNT_ATTR_RDONLY, attr_clr: 0, propagation: 0, userns_fd: 0 }
const writable = { attr_set: 0, attr_clr: MOUNT_ATTR_RDONLY, propagation: 0, userns_fd: 0 }

/** In namespaces of mounts and of IPC of its own; the host's hand goes on in the first ones. */
const mountReadOnly = ({ sys }: Kernel, task: Task, writes: readonly string[]): void => {
  must(sys.unshare(task, CLONE_NEWNS | CLONE_NEWIPC), 'namespaces of mounts and IPC')
  // from the outermost in, so that none covers another
  const sorted = writes.toSorted((a, b) => a.length - b.length)
  for (const path of sorted) if (path !== '/') must(sys.mount(task, path, path, null, MS_BIND | MS_REC, null), path)
  must(sys.mount_setattr(task, AT_FDCWD, '/', AT_RECURSIVE, readOnly), 'a read-only tree')
  for (const path of sorted) must(sys.mount_setattr(task, AT_FDCWD, path, AT_RECURSIVE, writable), path)
}

const restrict = (kernel: Kernel, task: Task, allow: WholeAllow): void => {
  try {
    ruleset(landlockRules(allow)).restrict(kernel, task)
  } catch (error) {
    if (!(error instanceof LandlockError)) throw error
    throw new SandboxError('bad-tree', error.summary, { place: 'allow', hint: error.hint })
  }
}
