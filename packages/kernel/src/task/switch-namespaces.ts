/** Tasks enter namespaces and leave them; a namespace ends with its last task. */
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { MountNamespace } from '../state/vfs/mount.ts'
import type { NsProxy, PlainNamespace } from '../state/task/namespaces.ts'
import type { NsCommon } from '../state/task/ns-common.ts'
import { threadOf } from '../state/task/thread.ts'
import { freezeOffsets } from './time-ns.ts'

/** Nothing of it is left. */
export const endPlainNs = (machine: Machine, { memory, user_ns }: PlainNamespace): void => {
  memory?.release()
  machine.userNs.put_user_ns(user_ns)
}

/** A mount namespace without tasks ends, unless its file is open or mounted somewhere. */
export const put_mnt_ns = (machine: Machine, ns: MountNamespace): void => {
  if (ns.users === 0 && !machine.nsfs.isHeld(ns)) machine.vfs.put_mnt_ns(ns)
}

/** The same for a network namespace. */
export const put_net = (machine: Machine, ns: PlainNamespace): void => {
  if (ns.users === 0 && !machine.nsfs.isHeld(ns)) machine.net.cleanup_net(ns)
}

/** And one of ipc objects. */
export const put_ipc_ns = (machine: Machine, ns: PlainNamespace): void => {
  if (ns.users === 0 && !machine.nsfs.isHeld(ns)) machine.ipc.free_ipc_ns(ns)
}

/** In the order of `free_nsproxy`. */
export const dropUnused = (machine: Machine, { mnt_ns, ipc_ns, net_ns }: NsProxy): void => {
  put_mnt_ns(machine, mnt_ns)
  put_ipc_ns(machine, ipc_ns)
  put_net(machine, net_ns)
}

/** Namespaces that go without a word, and are so small that the tasks in them pay for them. */
const small = ({ uts_ns, pid_ns_for_children, cgroup_ns, time_ns_for_children }: NsProxy): readonly NsCommon[] =>
  [uts_ns, pid_ns_for_children, cgroup_ns, time_ns_for_children]

/** A new task is in these. */
export const enter = (machine: Machine, proxy: NsProxy): void => {
  proxy.mnt_ns.users++
  proxy.ipc_ns.users++
  proxy.net_ns.users++
  for (const { user_ns } of small(proxy)) machine.userNs.get_user_ns(user_ns)
}

const leave = (machine: Machine, proxy: NsProxy): void => {
  for (const { user_ns } of small(proxy)) machine.userNs.put_user_ns(user_ns)
  proxy.mnt_ns.users--
  proxy.ipc_ns.users--
  proxy.net_ns.users--
  dropUnused(machine, proxy)
}

export const switch_task_namespaces = (machine: Machine, task: Task, next: NsProxy): void => {
  const thread = threadOf(task)
  const before = thread.nsproxy
  enter(machine, next)
  thread.nsproxy = next
  leave(machine, before)
}

/** As `timens_on_fork`: a child is where its parent's children are to be. */
export const timens_on_fork = (proxy: NsProxy): NsProxy => {
  freezeOffsets(proxy.time_ns_for_children)
  return { ...proxy, time_ns: proxy.time_ns_for_children }
}

/** A new program is in the time namespace that children were to be in. */
export const exec_task_namespaces = (machine: Machine, task: Task): void => {
  const { nsproxy } = threadOf(task)
  if (nsproxy.time_ns_for_children !== nsproxy.time_ns) switch_task_namespaces(machine, task, timens_on_fork(nsproxy))
}

/** Leaves the namespaces when a task ends. */
export const exit_task_namespaces = (machine: Machine, task: Task): void => leave(machine, threadOf(task).nsproxy)
