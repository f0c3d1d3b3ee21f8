/** Sharing, copying and joining namespaces: clone, unshare and setns (kernel/nsproxy.c). */
import {
  CAP_SYS_ADMIN, CAP_SYS_CHROOT, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWTIME,
  CLONE_NEWUTS, CLONE_SYSVSEM, CLONE_VM, EINVAL, ENOMEM, ENOSPC, EPERM, EUSERS, S_IFDIR, S_IFLNK,
} from '@lsmkit/abi'
import { in_userns, ns_capable } from '@lsmkit/core'
import type { FsStruct, KernfsNode, KeyMap, Task, UserNamespace } from '@lsmkit/core'
import { Holder } from '../host-memory.ts'
import type { Namespaces } from '../interfaces/tasks.ts'
import { COST } from '../memory-costs.ts'
import type { Machine } from '../machine.ts'
import { plainNamespace } from './namespaces.ts'
import type { NsProxy, PlainNamespace } from './namespaces.ts'
import type { MountNamespace } from '../vfs/mount.ts'
import type { NsCommon } from './ns-common.ts'
import { PidNamespace } from './pid.ts'
import { signalOf, threadOf } from './thread.ts'
import { copyOffsets, freezeOffsets } from './time-ns.ts'

/** Every flag but CLONE_NEWUSER, which is a matter of credentials. */
export const NSPROXY_FLAGS =
  CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWTIME

const MAX_PID_NS_LEVEL = 32

export const createNamespaces = (lsm: KeyMap, machine: Machine): Namespaces => {
  const { current } = machine
  const inum = (): number => machine.nextInum()

  const slab: KernfsNode = { name: 'slab', parent: null, mode: S_IFDIR | 0o755, xattrs: new Map() }
  let levels = 0

  /** The first pid namespace of a level makes a cache, which sysfs shows; refused that, it works all the same. */
  const showPidCache = (level: number): void => {
    if (level <= levels) return
    levels = level
    const name = `pid_${level + 1}`
    lsm.kernfs_init_security.ask(slab, { name, parent: slab, mode: S_IFLNK | 0o777, xattrs: new Map() })
  }

  const newPidNs = (parent: PidNamespace, user_ns: UserNamespace): PidNamespace | number => {
    if (!in_userns(parent.user_ns, user_ns)) return -EINVAL
    if (parent.level >= MAX_PID_NS_LEVEL) return -ENOSPC
    showPidCache(parent.level + 1)
    return new PidNamespace(parent, user_ns, inum())
  }

  /** With what belongs in it; it is given back by `endPlainNs`. */
  const newPlainNs = (kind: 'ipc' | 'net', user_ns: UserNamespace): PlainNamespace | number => {
    const { account } = machine
    if (!account.charge(COST.namespace)) return -ENOMEM
    const ns = plainNamespace(kind, user_ns, inum(), null, new Holder(account, COST.namespace))
    machine.userNs.get_user_ns(user_ns)
    const rc = machine.onNewNamespace(ns)
    if (rc === 0) return ns
    endPlainNs(ns)
    return rc
  }
  /** Nothing of it is left. */
  const endPlainNs = ({ memory, user_ns }: PlainNamespace): void => {
    memory?.release()
    machine.userNs.put_user_ns(user_ns)
  }

  /** A mount namespace that nobody is in ends, unless its file is open or mounted somewhere. */
  const put_mnt_ns = (ns: MountNamespace): void => {
    if (ns.users === 0 && !machine.nsfs.isHeld(ns)) machine.vfs.put_mnt_ns(ns)
  }
  /** So does a network namespace. */
  const put_net = (ns: PlainNamespace): void => {
    if (ns.users === 0 && !machine.nsfs.isHeld(ns)) machine.net.cleanup_net(ns)
  }
  /** And one of ipc objects. */
  const put_ipc_ns = (ns: PlainNamespace): void => {
    if (ns.users === 0 && !machine.nsfs.isHeld(ns)) machine.ipc.free_ipc_ns(ns)
  }
  /** In the order of `free_nsproxy`. */
  const dropUnused = ({ mnt_ns, ipc_ns, net_ns }: NsProxy): void => {
    put_mnt_ns(mnt_ns)
    put_ipc_ns(ipc_ns)
    put_net(net_ns)
  }

  /** As `create_new_namespaces`; `fs` is moved to the copied mounts. */
  const create = (
    flags: number, old: NsProxy, active: PidNamespace, user_ns: UserNamespace, fs: FsStruct,
  ): NsProxy | number => {
    const isNew = (flags & CLONE_NEWNS) !== 0
    const mnt_ns = isNew ? machine.vfs.copy_mnt_ns(old.mnt_ns, user_ns, inum(), fs) : old.mnt_ns
    if (typeof mnt_ns === 'number') return mnt_ns
    const proxy = createOthers(flags, { ...old, mnt_ns }, active, user_ns)
    if (typeof proxy === 'number') put_mnt_ns(mnt_ns)
    return proxy
  }

  const createOthers = (
    flags: number, old: NsProxy, active: PidNamespace, user_ns: UserNamespace,
  ): NsProxy | number => {
    const has = (flag: number): boolean => (flags & flag) !== 0
    const uts_ns = has(CLONE_NEWUTS) ? { ...old.uts_ns, user_ns, inum: inum() } : old.uts_ns
    let ipc_ns = old.ipc_ns
    if (has(CLONE_NEWIPC)) {
      const made = newPlainNs('ipc', user_ns)
      if (typeof made === 'number') return made
      ipc_ns = made
    }
    const giveUp = (rc: number): number => {
      put_ipc_ns(ipc_ns)
      return rc
    }
    if (has(CLONE_NEWPID) && old.pid_ns_for_children !== active) return giveUp(-EINVAL)
    const pid_ns_for_children = has(CLONE_NEWPID)
      ? newPidNs(old.pid_ns_for_children, user_ns)
      : old.pid_ns_for_children
    if (typeof pid_ns_for_children === 'number') return giveUp(pid_ns_for_children)
    const cgroup_ns = has(CLONE_NEWCGROUP) ? machine.cgroups.copy_cgroup_ns(user_ns) : old.cgroup_ns
    if (typeof cgroup_ns === 'number') return giveUp(cgroup_ns)
    let net_ns = old.net_ns
    if (has(CLONE_NEWNET)) {
      const made = newPlainNs('net', user_ns)
      if (typeof made === 'number') return giveUp(made)
      net_ns = made
    }
    const time_ns_for_children = has(CLONE_NEWTIME)
      ? plainNamespace('time', user_ns, inum(), copyOffsets(old.time_ns))
      : old.time_ns_for_children
    return {
      ...old,
      uts_ns,
      ipc_ns,
      pid_ns_for_children,
      net_ns,
      cgroup_ns,
      time_ns_for_children,
    }
  }

  /** As `timens_on_fork`: a child is where its parent's children are to be. */
  const intoTime = (proxy: NsProxy): NsProxy => {
    freezeOffsets(proxy.time_ns_for_children)
    return { ...proxy, time_ns: proxy.time_ns_for_children }
  }

  /** As `copy_namespaces`: what a new task gets. The capability counts over the new task's user namespace. */
  const copy_namespaces = (flags: number, task: Task, old: NsProxy): NsProxy | number => {
    const { user_ns } = task.cred
    if ((flags & NSPROXY_FLAGS) === 0) {
      return flags & CLONE_VM || old.time_ns_for_children === old.time_ns ? old : intoTime(old)
    }
    if (!ns_capable(lsm, current, user_ns, CAP_SYS_ADMIN)) return -EPERM
    if (flags & CLONE_NEWIPC && flags & CLONE_SYSVSEM) return -EINVAL
    const next = create(flags, old, threadOf(current.task).pid.ns, user_ns, task.fs!)
    if (typeof next === 'number') return next
    return flags & CLONE_VM ? next : intoTime(next)
  }

  /** As `unshare_nsproxy_namespaces`; null when none is asked for. */
  const unshare_namespaces = (flags: number, user_ns: UserNamespace, fs: FsStruct): NsProxy | null | number => {
    if ((flags & NSPROXY_FLAGS) === 0) return null
    if (!ns_capable(lsm, current, user_ns, CAP_SYS_ADMIN)) return -EPERM
    const mine = threadOf(current.task)
    return create(flags, mine.nsproxy, mine.pid.ns, user_ns, fs)
  }

  const adminOver = (ns: UserNamespace): boolean => ns_capable(lsm, current, ns, CAP_SYS_ADMIN)

  /** As the `install` of each kind: the caller's namespaces with `ns` taken in, or -errno. */
  const install = (
    own: NsProxy,
    flag: number,
    of: NsProxy,
    pid_ns: PidNamespace,
    user_ns: UserNamespace,
  ): NsProxy | number => {
    switch (flag) {
      case CLONE_NEWUTS:
        return adminOver(of.uts_ns.user_ns) && adminOver(user_ns) ? { ...own, uts_ns: of.uts_ns } : -EPERM
      case CLONE_NEWIPC:
        return adminOver(of.ipc_ns.user_ns) && adminOver(user_ns) ? { ...own, ipc_ns: of.ipc_ns } : -EPERM
      case CLONE_NEWNET:
        return adminOver(of.net_ns.user_ns) && adminOver(user_ns) ? { ...own, net_ns: of.net_ns } : -EPERM
      case CLONE_NEWCGROUP:
        return adminOver(user_ns) && adminOver(of.cgroup_ns.user_ns) ? { ...own, cgroup_ns: of.cgroup_ns } : -EPERM
      case CLONE_NEWTIME: {
        if (signalOf(current.task).threads.size > 1 || (current.task.mm?.users ?? 0) > 1) return -EUSERS
        const time_ns = of.time_ns
        return adminOver(time_ns.user_ns) && adminOver(user_ns)
          ? { ...own, time_ns, time_ns_for_children: time_ns }
          : -EPERM
      }
      case CLONE_NEWPID:
        return installPid(own, pid_ns, user_ns)
      case CLONE_NEWNS: {
        if (!adminOver(of.mnt_ns.user_ns)) return -EPERM
        if (!ns_capable(lsm, current, user_ns, CAP_SYS_CHROOT) || !adminOver(user_ns)) return -EPERM
        return current.task.fs!.users !== 1 ? -EINVAL : { ...own, mnt_ns: of.mnt_ns }
      }
      default:
        return -EINVAL
    }
  }

  /** As `pidns_install`: only downwards, and only for children to come. */
  const installPid = (own: NsProxy, pid_ns: PidNamespace, user_ns: UserNamespace): NsProxy | number => {
    if (!adminOver(pid_ns.user_ns) || !adminOver(user_ns)) return -EPERM
    const active = threadOf(current.task).pid.ns
    let ancestor: PidNamespace | null = pid_ns
    while (ancestor !== null && ancestor.level > active.level) ancestor = ancestor.parent
    return ancestor === active ? { ...own, pid_ns_for_children: pid_ns } : -EINVAL
  }

  /** Namespaces that go without a word, and are so small that the tasks in them pay for them. */
  const small = ({ uts_ns, pid_ns_for_children, cgroup_ns, time_ns_for_children }: NsProxy): readonly NsCommon[] =>
    [uts_ns, pid_ns_for_children, cgroup_ns, time_ns_for_children]

  /** A new task is in these. */
  const enter = (proxy: NsProxy): void => {
    proxy.mnt_ns.users++
    proxy.ipc_ns.users++
    proxy.net_ns.users++
    for (const { user_ns } of small(proxy)) machine.userNs.get_user_ns(user_ns)
  }
  const leave = (proxy: NsProxy): void => {
    for (const { user_ns } of small(proxy)) machine.userNs.put_user_ns(user_ns)
    proxy.mnt_ns.users--
    proxy.ipc_ns.users--
    proxy.net_ns.users--
    dropUnused(proxy)
  }

  const switch_task_namespaces = (task: Task, next: NsProxy): void => {
    const thread = threadOf(task)
    const before = thread.nsproxy
    enter(next)
    thread.nsproxy = next
    leave(before)
  }

  /** A new program is in the time namespace that children were to be in. */
  const exec_task_namespaces = (task: Task): void => {
    const { nsproxy } = threadOf(task)
    if (nsproxy.time_ns_for_children !== nsproxy.time_ns) switch_task_namespaces(task, intoTime(nsproxy))
  }

  /** The task ends; what it was in is still told of it. */
  const exit_task_namespaces = (task: Task): void => leave(threadOf(task).nsproxy)

  return {
    copy_namespaces, unshare_namespaces, install, put_mnt_ns, put_ipc_ns, put_net, endPlainNs, dropUnused, enter,
    switch_task_namespaces, exec_task_namespaces, exit_task_namespaces,
  }
}
