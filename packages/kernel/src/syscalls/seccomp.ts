/** seccomp(2): filters are checked here and handed to who runs them (kernel/seccomp.c). */
import {
  CAP_SYS_ADMIN, EACCES, EBUSY, EFAULT, EINVAL, EOPNOTSUPP, O_CLOEXEC, O_RDWR, PFA_NO_NEW_PRIVS,
  SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  SECCOMP_FILTER_FLAG_TSYNC, SECCOMP_FILTER_FLAG_TSYNC_ESRCH, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
  SECCOMP_GET_ACTION_AVAIL, SECCOMP_GET_NOTIF_SIZES, SECCOMP_MODE_FILTER, SECCOMP_MODE_STRICT, SECCOMP_RET_ALLOW,
  SECCOMP_RET_ERRNO, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_LOG, SECCOMP_RET_TRACE,
  SECCOMP_RET_TRAP, SECCOMP_RET_USER_NOTIF, SECCOMP_SET_MODE_FILTER, SECCOMP_SET_MODE_STRICT,
} from '@lsmkit/abi'
import { ns_capable_noaudit } from '@lsmkit/core'
import type { KeyMap, Ref } from '@lsmkit/core'
import { fileOperations } from '../fs/driver.ts'
import type { Machine } from '../machine.ts'
import { threadOf } from '../task/thread.ts'
import { classicFilter } from './classic-filter.ts'
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

export const seccompSyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  const notify_fops = fileOperations({ poll: () => 0 })

  const setStrict = (flags: number, args: unknown): number => {
    const thread = threadOf(current.task)
    if (flags !== 0 || (args !== null && args !== 0)) return -EINVAL
    if (thread.seccomp !== 0 && thread.seccomp !== SECCOMP_MODE_STRICT) return -EINVAL
    thread.seccomp = SECCOMP_MODE_STRICT
    return 0
  }

  /** As `seccomp_prepare_filter`: the filter, or -errno. */
  const prepare = (prog: SockFprog | null): number => {
    if (prog === null) return -EFAULT
    if (!(prog.len >= 1 && prog.len <= 4096)) return -EINVAL
    const hasNnp = (current.task.atomic_flags & PFA_NO_NEW_PRIVS) !== 0
    if (!hasNnp && !ns_capable_noaudit(lsm, current, current.task.cred.user_ns, CAP_SYS_ADMIN)) return -EACCES
    return classicFilter(lsm, current, prog)
  }

  const setFilter = (flags: number, prog: SockFprog | null): number => {
    const thread = threadOf(current.task)
    if ((flags & ~FILTER_FLAGS) !== 0) return -EINVAL
    const listener = (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) !== 0
    if ((flags & SECCOMP_FILTER_FLAG_TSYNC) !== 0 && listener && (flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH) === 0)
      return -EINVAL
    if ((flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) !== 0 && !listener) return -EINVAL
    const rc = prepare(prog)
    if (rc !== 0) return rc
    if (thread.seccomp === SECCOMP_MODE_STRICT) return -EINVAL
    if (listener && thread.listener) return -EBUSY
    const attached = machine.syscallFilter?.attach(current.task, prog!.filter.slice(0, prog!.len), flags) ?? 0
    if (attached !== 0) return attached
    thread.seccomp = SECCOMP_MODE_FILTER
    if (!listener) return 0
    thread.listener = true
    return machine.vfs.anon_inode_getfd('seccomp notify', notify_fops, null, O_RDWR | O_CLOEXEC, true)
  }

  const seccomp = (op: number, flags: number, args: unknown): number => {
    switch (op) {
      case SECCOMP_SET_MODE_STRICT:
        return setStrict(flags, args)
      case SECCOMP_SET_MODE_FILTER:
        return setFilter(flags, args as SockFprog | null)
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

  return { seccomp }
}
