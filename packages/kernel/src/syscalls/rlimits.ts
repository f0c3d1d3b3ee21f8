/** Resource limits (kernel/sys.c). Limits are numbers of bytes, seconds or pieces; Infinity is RLIM_INFINITY. */
import {
  CAP_SYS_RESOURCE, EFAULT, EINVAL, EPERM, ESRCH, LSM_PRLIMIT_READ, LSM_PRLIMIT_WRITE, RLIM_NLIMITS, RLIMIT_NOFILE,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { Rlimit, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { signalOf } from '../state/task/thread.ts'

const valid = ({ rlim_cur, rlim_max }: Rlimit): boolean =>
  rlim_cur >= 0 && rlim_max >= 0 && !Number.isNaN(rlim_cur + rlim_max)

/** As `do_prlimit`. The caller's right over `task` has been checked; `next` is the kernel's copy. */
const do_prlimit = (machine: Machine, task: Task, which: number, next: Rlimit | null, old: Rlimit | null): number => {
  const resource = which >>> 0
  if (resource >= RLIM_NLIMITS) return -EINVAL
  const { rlim } = signalOf(task)
  const now = rlim[resource]!
  if (next !== null) {
    if (!valid(next) || next.rlim_cur > next.rlim_max) return -EINVAL
    if (resource === RLIMIT_NOFILE && next.rlim_max > machine.sysctl.nr_open) return -EPERM
    if (next.rlim_max > now.rlim_max && !capable(machine.lsm, machine.current, CAP_SYS_RESOURCE)) return -EPERM
    const wanted = { rlim_cur: next.rlim_cur, rlim_max: next.rlim_max }
    const rc = machine.lsm.task_setrlimit.ask(task, resource, wanted)
    if (rc !== 0) return rc
    if (old !== null) Object.assign(old, now)
    rlim[resource] = wanted
    return 0
  }
  if (old !== null) Object.assign(old, now)
  return 0
}

/** As `check_prlimit_permission`. */
const mayPrlimit = (machine: Machine, task: Task, flags: number): number => {
  if (task === machine.current.task) return 0
  const { cred } = machine.current.task
  const tcred = task.real_cred
  const same =
    cred.uid === tcred.euid && cred.uid === tcred.suid && cred.uid === tcred.uid &&
    cred.gid === tcred.egid && cred.gid === tcred.sgid && cred.gid === tcred.gid
  if (!same && !ns_capable(machine.lsm, machine.current, tcred.user_ns, CAP_SYS_RESOURCE)) return -EPERM
  return machine.lsm.task_prlimit.ask(cred, tcred, flags)
}

const prlimit64 = (
  machine: Machine, pid: number, resource: number, given: Rlimit | null, old: Rlimit | null,
): number => {
  const next = given === null ? null : { ...given }
  const flags = (old === null ? 0 : LSM_PRLIMIT_READ) | (next === null ? 0 : LSM_PRLIMIT_WRITE)
  const task = pid === 0 ? machine.current.task : machine.tasks.findByVpid(pid)
  if (task === null) return -ESRCH
  const rc = mayPrlimit(machine, task, flags)
  return rc !== 0 ? rc : do_prlimit(machine, task, resource, next, old)
}

const getrlimit = (machine: Machine, resource: number, old: Rlimit | null): number => {
  const rc = do_prlimit(machine, machine.current.task, resource, null, old)
  return rc === 0 && old === null ? -EFAULT : rc
}

const setrlimit = (machine: Machine, resource: number, next: Rlimit | null): number =>
  next === null ? -EFAULT : do_prlimit(machine, machine.current.task, resource, { ...next }, null)

export const rlimitSyscalls = { prlimit64, getrlimit, setrlimit }
