/** Which namespaces a new task gets, or one that unshares (kernel/nsproxy.c). */
import {
  CAP_SYS_ADMIN, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWTIME, CLONE_NEWUTS,
  CLONE_SYSVSEM, CLONE_VM, EINVAL, EPERM,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { FsStruct, Task, UserNamespace } from '@lsmkit/core'
import { bound } from '../state/bound.ts'
import type { Namespaces } from '../interfaces/tasks.ts'
import type { Machine } from '../machine.ts'
import { create_new_namespaces } from './create-namespaces.ts'
import type { NsProxy } from '../state/task/namespaces.ts'
import { install } from './setns.ts'
import {
  dropUnused, endPlainNs, enter, exec_task_namespaces, exit_task_namespaces, put_ipc_ns, put_mnt_ns, put_net,
  switch_task_namespaces, timens_on_fork,
} from './switch-namespaces.ts'
import { threadOf } from '../state/task/thread.ts'

/** Every flag but CLONE_NEWUSER, which is a matter of credentials. */
export const NSPROXY_FLAGS =
  CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWTIME

/** As `copy_namespaces`: the namespaces of a new task. The capability is checked in the new task's user namespace. */
const copy_namespaces = (machine: Machine, flags: number, task: Task, old: NsProxy): NsProxy | number => {
  const { user_ns } = task.cred
  if ((flags & NSPROXY_FLAGS) === 0) {
    return flags & CLONE_VM || old.time_ns_for_children === old.time_ns ? old : timens_on_fork(old)
  }
  if (!ns_capable(machine.lsm, machine.current, user_ns, CAP_SYS_ADMIN)) return -EPERM
  if (flags & CLONE_NEWIPC && flags & CLONE_SYSVSEM) return -EINVAL
  const next = create_new_namespaces(machine, flags, old, threadOf(machine.current.task).pid.ns, user_ns, task.fs!)
  if (typeof next === 'number') return next
  return flags & CLONE_VM ? next : timens_on_fork(next)
}

/** As `unshare_nsproxy_namespaces`; null if no new namespace is asked for. */
const unshare_namespaces = (
  machine: Machine, flags: number, user_ns: UserNamespace, fs: FsStruct,
): NsProxy | null | number => {
  if ((flags & NSPROXY_FLAGS) === 0) return null
  if (!ns_capable(machine.lsm, machine.current, user_ns, CAP_SYS_ADMIN)) return -EPERM
  const mine = threadOf(machine.current.task)
  return create_new_namespaces(machine, flags, mine.nsproxy, mine.pid.ns, user_ns, fs)
}

export const createNamespaces = (machine: Machine): Namespaces => bound(machine, {
  copy_namespaces, unshare_namespaces, install, put_mnt_ns, put_ipc_ns, put_net, endPlainNs, dropUnused, enter,
  switch_task_namespaces, exec_task_namespaces, exit_task_namespaces,
})
