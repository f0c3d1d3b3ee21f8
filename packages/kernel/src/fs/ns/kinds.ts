/** Kinds of namespaces, by the names of their links in /proc/PID/ns. */
import {
  CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWTIME, CLONE_NEWUSER, CLONE_NEWUTS,
} from '@lsmkit/abi'
import type { Task, UserNamespace } from '@lsmkit/core'
import type { NsKind, NsRef } from '../../interfaces/fs.ts'
import type { Joined, NsProxy } from '../../state/task/namespaces.ts'
import { threadOf } from '../../state/task/thread.ts'

export const userRef = (ns: UserNamespace): NsRef => ({
  flag: CLONE_NEWUSER, name: 'user', ns, inum: ns.inum, user_ns: ns.parent ?? ns,
  parent: ns.parent === null ? null : userRef(ns.parent),
  target: (own) => ({ ...own, user_ns: ns }),
})

type ProxyName = 'uts_ns' | 'ipc_ns' | 'net_ns' | 'cgroup_ns' | 'time_ns' | 'time_ns_for_children' | 'mnt_ns'

/** `joins`: the field that setns sets, if it is another one. */
const proxyKind = (flag: number, name: string, field: ProxyName, joins: ProxyName = field) => {
  const refOf = (ns: NsProxy[ProxyName]): NsRef => ({
    flag, name, ns, inum: ns.inum, user_ns: ns.user_ns, parent: null,
    target: (own) => ({ ...own, proxy: { ...own.proxy, [joins]: ns } }),
  })
  return { refOf, of: (task: Task): NsRef => refOf(threadOf(task).nsproxy[field]), isLeftAtExit: true }
}
export const mntKind = proxyKind(CLONE_NEWNS, 'mnt', 'mnt_ns')

const pidRef = (ns: Joined['pid_ns']): NsRef => ({
  flag: CLONE_NEWPID, name: 'pid', ns, inum: ns.inum, user_ns: ns.user_ns,
  parent: ns.parent === null ? null : pidRef(ns.parent),
  target: (own) => ({ ...own, pid_ns: ns }),
})

/** By the name of the link, in the order the directory lists them. */
export const namespaceKinds: Readonly<Record<string, NsKind>> = {
  net: proxyKind(CLONE_NEWNET, 'net', 'net_ns'),
  uts: proxyKind(CLONE_NEWUTS, 'uts', 'uts_ns'),
  ipc: proxyKind(CLONE_NEWIPC, 'ipc', 'ipc_ns'),
  pid: { of: (task) => pidRef(threadOf(task).pid.ns), isLeftAtExit: false },
  pid_for_children: { of: (task) => pidRef(threadOf(task).nsproxy.pid_ns_for_children), isLeftAtExit: true },
  mnt: mntKind,
  cgroup: proxyKind(CLONE_NEWCGROUP, 'cgroup', 'cgroup_ns'),
  time: proxyKind(CLONE_NEWTIME, 'time', 'time_ns'),
  time_for_children: proxyKind(CLONE_NEWTIME, 'time', 'time_ns_for_children', 'time_ns'),
  user: { of: (task) => userRef(task.real_cred.user_ns), isLeftAtExit: false },
}
