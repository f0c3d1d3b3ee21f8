/** pidfd_open and pidfd_getfd (kernel/pid.c). Signals by pidfd are in signals.ts. */
import {
  EBADF, EINVAL, EPERM, ESRCH, PF_EXITING, PIDFD_NONBLOCK, PIDFD_THREAD, PTRACE_MODE_ATTACH_REALCREDS,
} from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { fget, fget_raw } from '../state/vfs/fdtable.ts'
import { receive_fd } from '../vfs/receive-fd.ts'

const pidfd_open = (machine: Machine, nr: number, flags: number): number => {
  if (flags & ~(PIDFD_NONBLOCK | PIDFD_THREAD) || nr <= 0) return -EINVAL
  const pid = machine.tasks.findVpid(nr)
  if (pid === null) return -ESRCH
  // the number of a group or session whose leader is gone has no task
  if (pid.task === null || (!(flags & PIDFD_THREAD) && pid.task.group_leader !== pid.task)) return -EINVAL
  return machine.pidfds.create(pid, flags)
}

/** Takes an open file of another process. The caller must be allowed to attach to it, and the LSMs must agree. */
const pidfd_getfd = (machine: Machine, pidfd: number, fd: number, flags: number): number => {
  if (flags !== 0) return -EINVAL
  const file = fget(machine.current.task, pidfd)
  const pid = file === null ? null : machine.pidfds.pidOf(file)
  if (pid === null) return -EBADF
  const { task } = pid
  if (task === null) return -ESRCH
  if (!machine.ptrace.may_access(task, PTRACE_MODE_ATTACH_REALCREDS)) return -EPERM
  if (task.flags & PF_EXITING || task.files === null) return -ESRCH
  const wanted = fget_raw(task, fd)
  return wanted === null ? -EBADF : receive_fd(machine, wanted, true)
}

export const pidfdSyscalls = { pidfd_open, pidfd_getfd }
