/** Joining a namespace that is there: the `install` of each kind (setns(2)). */
import {
  CAP_SYS_ADMIN, CAP_SYS_CHROOT, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWTIME,
  CLONE_NEWUTS, EINVAL, EPERM, EUSERS,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { UserNamespace } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { NsProxy } from '../state/task/namespaces.ts'
import type { PidNamespace } from '../state/task/pid.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

const isAdminOf = ({ lsm, current }: Machine, ns: UserNamespace): boolean =>
  ns_capable(lsm, current, ns, CAP_SYS_ADMIN)

/** Joining a namespace needs the capability over it and in the caller's own user namespace, checked in this order. */
const mayJoin = (machine: Machine, first: UserNamespace, second: UserNamespace): boolean =>
  isAdminOf(machine, first) && isAdminOf(machine, second)

/** As the `install` of each kind: the caller's namespaces with `ns` taken in, or -errno. */
export const install = (
  machine: Machine, own: NsProxy, flag: number, of: NsProxy, pid_ns: PidNamespace, user_ns: UserNamespace,
): NsProxy | number => {
  const { current } = machine
  switch (flag) {
    case CLONE_NEWUTS:
      return mayJoin(machine, of.uts_ns.user_ns, user_ns) ? { ...own, uts_ns: of.uts_ns } : -EPERM
    case CLONE_NEWIPC:
      return mayJoin(machine, of.ipc_ns.user_ns, user_ns) ? { ...own, ipc_ns: of.ipc_ns } : -EPERM
    case CLONE_NEWNET:
      return mayJoin(machine, of.net_ns.user_ns, user_ns) ? { ...own, net_ns: of.net_ns } : -EPERM
    case CLONE_NEWCGROUP:
      return mayJoin(machine, user_ns, of.cgroup_ns.user_ns) ? { ...own, cgroup_ns: of.cgroup_ns } : -EPERM
    case CLONE_NEWTIME: {
      if (signalOf(current.task).threads.size > 1 || (current.task.mm?.users ?? 0) > 1) return -EUSERS
      const time_ns = of.time_ns
      return mayJoin(machine, time_ns.user_ns, user_ns) ? { ...own, time_ns, time_ns_for_children: time_ns } : -EPERM
    }
    case CLONE_NEWPID:
      return pidns_install(machine, own, pid_ns, user_ns)
    case CLONE_NEWNS: {
      if (!isAdminOf(machine, of.mnt_ns.user_ns)) return -EPERM
      if (!ns_capable(machine.lsm, current, user_ns, CAP_SYS_CHROOT) || !isAdminOf(machine, user_ns)) return -EPERM
      return current.task.fs!.users !== 1 ? -EINVAL : { ...own, mnt_ns: of.mnt_ns }
    }
    default:
      return -EINVAL
  }
}

/** As `pidns_install`: only downwards, and only for children to come. */
const pidns_install = (
  machine: Machine, own: NsProxy, pid_ns: PidNamespace, user_ns: UserNamespace,
): NsProxy | number => {
  if (!mayJoin(machine, pid_ns.user_ns, user_ns)) return -EPERM
  const active = threadOf(machine.current.task).pid.ns
  let ancestor: PidNamespace | null = pid_ns
  while (ancestor !== null && ancestor.level > active.level) ancestor = ancestor.parent
  return ancestor === active ? { ...own, pid_ns_for_children: pid_ns } : -EINVAL
}
