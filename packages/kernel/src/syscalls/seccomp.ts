/** seccomp(2): sets modes and checks filters, which then run before each call (kernel/seccomp.c). */
import {
  CAP_SYS_ADMIN, EACCES, EBUSY, EFAULT, EINVAL, ENOMEM, EOPNOTSUPP, ESRCH, O_CLOEXEC, O_RDWR, PFA_NO_NEW_PRIVS,
  SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_FILTER_FLAG_TSYNC_ESRCH, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, SECCOMP_GET_ACTION_AVAIL,
  SECCOMP_GET_NOTIF_SIZES, SECCOMP_MODE_FILTER, SECCOMP_MODE_STRICT, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO,
  SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_LOG, SECCOMP_RET_TRACE, SECCOMP_RET_TRAP,
  SECCOMP_RET_USER_NOTIF, SECCOMP_SET_MODE_FILTER, SECCOMP_SET_MODE_STRICT,
} from '@lsmkit/abi'
import { ns_capable_noaudit } from '@lsmkit/core'
import type { Ref, Task } from '@lsmkit/core'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { Listener } from '../state/seccomp/notifications.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'
import { fdTable } from '../state/vfs/fdtable.ts'
import { classicFilter, copyProgram, isProgram } from './classic-filter.ts'
import type { SockFprog } from './classic-filter.ts'

const FILTER_FLAGS =
  SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW |
  SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC_ESRCH | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
const ACTIONS: readonly number[] = [
  SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF,
  SECCOMP_RET_TRACE, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW,
]

/** `struct seccomp_notif_sizes`. */
export interface NotifSizes {
  seccomp_notif: number
  seccomp_notif_resp: number
  seccomp_data: number
}

const setStrict = (machine: Machine, flags: number, args: unknown): number => {
  const thread = threadOf(machine.current.task)
  if (flags !== 0 || (args !== null && args !== 0)) return -EINVAL
  if (thread.seccomp !== 0 && thread.seccomp !== SECCOMP_MODE_STRICT) return -EINVAL
  thread.seccomp = SECCOMP_MODE_STRICT
  machine.gate.filter()
  return 0
}

/** As `seccomp_prepare_filter`: the filter, or -errno. */
const prepare = (machine: Machine, prog: SockFprog | null): number => {
  if (prog === null) return -EFAULT
  if (!(prog.len >= 1 && prog.len <= 4096)) return -EINVAL
  const hasNnp = (machine.current.task.atomic_flags & PFA_NO_NEW_PRIVS) !== 0
  if (!hasNnp && !ns_capable_noaudit(machine.lsm, machine.current, machine.current.task.cred.user_ns, CAP_SYS_ADMIN))
    return -EACCES
  return classicFilter(machine.lsm, machine.current, prog)
}

const setFilter = (machine: Machine, flags: number, prog: SockFprog | null): number => {
  const thread = threadOf(machine.current.task)
  if ((flags & ~FILTER_FLAGS) !== 0) return -EINVAL
  const listener = (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) !== 0
  if ((flags & SECCOMP_FILTER_FLAG_TSYNC) !== 0 && listener && (flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH) === 0)
    return -EINVAL
  if ((flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) !== 0 && !listener) return -EINVAL
  const rc = prepare(machine, prog)
  if (rc !== 0) return rc
  if (thread.seccomp === SECCOMP_MODE_STRICT) return -EINVAL
  if (!listener) return attach(machine, flags, prog!, null)
  const asked = new Listener()
  const fd = machine.vfs.anon_inode_getfd(
    'seccomp notify', machine.seccompNotify.fops, asked, O_RDWR | O_CLOEXEC, true)
  if (fd < 0) return fd
  const attached = thread.listener ? -EBUSY : attach(machine, flags, prog!, asked)
  if (attached !== 0) {
    machine.vfs.filp_close(fdTable(machine.current.task).take(fd)!, machine.current.task.files)
    return attached
  }
  thread.listener = true
  return fd
}

/** A thread that follows takes the caller's filters and mode, and no_new_privs if the caller has it. */
const follow = (machine: Machine, task: Task, filterBytes: number): void => {
  const thread = threadOf(task)
  thread.force(filterBytes - thread.filterBytes)
  thread.filterBytes = filterBytes
  thread.seccomp = SECCOMP_MODE_FILTER
  task.atomic_flags |= machine.current.task.atomic_flags & PFA_NO_NEW_PRIVS
}

/** As `seccomp_attach_filter`: 0, -errno, or the id of a thread that cannot follow. */
const attach = (machine: Machine, flags: number, { filter, len }: SockFprog, listener: object | null): number => {
  const { task } = machine.current
  const isSync = (flags & SECCOMP_FILTER_FLAG_TSYNC) !== 0
  const threads = isSync ? [...signalOf(task).threads] : [task]
  const strict = threads.find((thread) => threadOf(thread).seccomp === SECCOMP_MODE_STRICT)
  const bytes = len * COST.filterInstruction
  if (!threadOf(task).hasRoom(threads.length * bytes)) return -ENOMEM
  const rc = strict?.pid ?? machine.syscallFilter.attach(task, filter.slice(0, len), flags, listener)
  if (rc > 0) return (flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH) !== 0 ? -ESRCH : rc
  if (rc < 0) return rc
  machine.gate.filter()
  for (const thread of threads) follow(machine, thread, threadOf(task).filterBytes + bytes)
  return 0
}

export const seccomp = (machine: Machine, op: number, flags: number, args: unknown): number => {
  switch (op) {
    case SECCOMP_SET_MODE_STRICT:
      return setStrict(machine, flags, args)
    case SECCOMP_SET_MODE_FILTER:
      return setFilter(machine, flags, isProgram(args) ? copyProgram(args) : null)
    case SECCOMP_GET_ACTION_AVAIL: {
      if (flags !== 0) return -EINVAL
      if (args === null || typeof args !== 'object') return -EFAULT
      return ACTIONS.includes((args as Ref<number>).value) ? 0 : -EOPNOTSUPP
    }
    case SECCOMP_GET_NOTIF_SIZES:
      if (flags !== 0) return -EINVAL
      if (args === null || typeof args !== 'object') return -EFAULT
      Object.assign(args, { seccomp_notif: 80, seccomp_notif_resp: 24, seccomp_data: 64 } satisfies NotifSizes)
      return 0
    default:
      return -EINVAL
  }
}

export const seccompSyscalls = { seccomp }
