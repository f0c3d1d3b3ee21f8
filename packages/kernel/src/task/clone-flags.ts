/** Flags of a clone: the valid combinations, and the ptrace event of each. */
import {
  CAP_SYS_ADMIN, CLONE_DETACHED, CLONE_FS, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_PARENT, CLONE_PIDFD,
  CLONE_SIGHAND, CLONE_THREAD, CLONE_UNTRACED, CLONE_VFORK, CLONE_VM, EINVAL, EPERM, PTRACE_EVENT_CLONE,
  PTRACE_EVENT_FORK, PTRACE_EVENT_VFORK, SIGCHLD,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { CloneArgs } from '../interfaces/tasks.ts'
import type { Machine } from '../machine.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

export const has = (flags: number, flag: number): boolean => (flags & flag) !== 0

/** Combinations that make no sense, in the kernel's order (`copy_process`). */
export const checkCloneFlags = (machine: Machine, flags: number): number => {
  const both = (a: number, b: number) => has(flags, a) && has(flags, b)
  if (both(CLONE_NEWNS, CLONE_FS) || both(CLONE_NEWUSER, CLONE_FS)) return -EINVAL
  if (has(flags, CLONE_NEWUSER)
    && !machine.sysctl.unprivileged_userns_clone && !capable(machine.lsm, machine.current, CAP_SYS_ADMIN))
    return -EPERM
  if (has(flags, CLONE_THREAD) && !has(flags, CLONE_SIGHAND)) return -EINVAL
  if (has(flags, CLONE_SIGHAND) && !has(flags, CLONE_VM)) return -EINVAL
  const me = machine.current.task
  if (has(flags, CLONE_PARENT) && signalOf(me).unkillable) return -EINVAL
  const { pid, nsproxy } = threadOf(me)
  if (
    has(flags, CLONE_THREAD) &&
    (has(flags, CLONE_NEWUSER | CLONE_NEWPID) || nsproxy.pid_ns_for_children !== pid.ns)
  )
    return -EINVAL
  if (both(CLONE_PIDFD, CLONE_DETACHED)) return -EINVAL
  return 0
}

/** Which ptrace event, if any, a clone with these flags is to its maker's tracer. */
export const traceEvent = (machine: Machine, args: CloneArgs): number => {
  if (has(args.flags, CLONE_UNTRACED)) return 0
  const event = has(args.flags, CLONE_VFORK) ? PTRACE_EVENT_VFORK
    : args.exit_signal !== SIGCHLD ? PTRACE_EVENT_CLONE : PTRACE_EVENT_FORK
  return machine.current.task.ptrace & (1 << (3 + event)) ? event : 0
}
