/** /proc/PID/ns: a link for each namespace of a process (fs/proc/namespaces.c). */
import { EACCES, ENOENT, PF_EXITING, PTRACE_MODE_READ_FSCREDS } from '@lsmkit/abi'
import type { NsKind, NsRef } from '../../interfaces/fs.ts'
import type { PseudoDir, PseudoLink } from '../pseudo/nodes.ts'
import type { PidContext } from './instance.ts'
import { GONE, pidNode } from './owner.ts'

const nsLink = (context: PidContext, kind: NsKind): PseudoLink => {
  const { machine, pid } = context
  const find = (): NsRef | number => {
    if (pid.task === null) return GONE
    if (!machine.ptrace.may_access(pid.task, PTRACE_MODE_READ_FSCREDS)) return -EACCES
    // a task that has ended keeps its user namespace and its pid only
    const isLeft = (pid.task.flags & PF_EXITING) !== 0 && kind.isLeftAtExit
    return isLeft ? -ENOENT : kind.of(pid.task)
  }
  return {
    kind: 'link',
    mode: 0o777,
    target() {
      const ns = find()
      return typeof ns === 'number' ? ns : machine.nsfs.pathOf(ns)
    },
    text() {
      const ns = find()
      return typeof ns === 'number' ? ns : machine.nsfs.nameOf(ns)
    },
    ...pidNode(context),
  }
}

export const nsDir = (context: PidContext): Omit<PseudoDir, 'mode'> => ({
  kind: 'dir',
  ...pidNode(context),
  find(name) {
    const { kinds } = context.machine.nsfs
    return Object.hasOwn(kinds, name) ? nsLink(context, kinds[name]!) : null
  },
  names: () => Object.keys(context.machine.nsfs.kinds),
})
