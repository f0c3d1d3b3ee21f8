/** Making new namespaces: all that are asked for, or -errno with nothing left behind. */
import {
  CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWTIME, CLONE_NEWUTS, EINVAL, ENOMEM,
  ENOSPC, S_IFDIR, S_IFLNK,
} from '@lsmkit/abi'
import { in_userns } from '@lsmkit/core'
import type { FsStruct, KernfsNode, UserNamespace } from '@lsmkit/core'
import { Holder } from '../state/host-memory.ts'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import { plainNamespace } from '../state/task/namespaces.ts'
import type { NsProxy, PlainNamespace } from '../state/task/namespaces.ts'
import { PidNamespace } from '../state/task/pid.ts'
import { endPlainNs, put_ipc_ns, put_mnt_ns } from './switch-namespaces.ts'
import { copyOffsets } from './time-ns.ts'

const MAX_PID_NS_LEVEL = 32

/**
 * The first pid namespace of a level makes a cache that sysfs shows. If an LSM refuses the node, the namespace works
 * without it.
 */
const showPidCache = (machine: Machine, level: number): void => {
  if (level <= machine.pidNsLevels) return
  machine.pidNsLevels = level
  const slab: KernfsNode = { name: 'slab', parent: null, mode: S_IFDIR | 0o755, xattrs: new Map() }
  const name = `pid_${level + 1}`
  machine.lsm.kernfs_init_security.ask(slab, { name, parent: slab, mode: S_IFLNK | 0o777, xattrs: new Map() })
}

const newPidNs = (machine: Machine, parent: PidNamespace, user_ns: UserNamespace): PidNamespace | number => {
  if (!in_userns(parent.user_ns, user_ns)) return -EINVAL
  if (parent.level >= MAX_PID_NS_LEVEL) return -ENOSPC
  showPidCache(machine, parent.level + 1)
  return new PidNamespace(parent, user_ns, machine.nextInum())
}

/** With what belongs in it; it is given back by `endPlainNs`. */
const newPlainNs = (machine: Machine, kind: 'ipc' | 'net', user_ns: UserNamespace): PlainNamespace | number => {
  const { account } = machine
  if (!account.charge(COST.namespace)) return -ENOMEM
  const ns = plainNamespace(kind, user_ns, machine.nextInum(), null, new Holder(account, COST.namespace))
  machine.userNs.get_user_ns(user_ns)
  const rc = machine.onNewNamespace(ns)
  if (rc === 0) return ns
  endPlainNs(machine, ns)
  return rc
}

/** As `create_new_namespaces`; `fs` is moved to the copied mounts. */
export const create_new_namespaces = (
  machine: Machine, flags: number, old: NsProxy, active: PidNamespace, user_ns: UserNamespace, fs: FsStruct,
): NsProxy | number => {
  const isNew = (flags & CLONE_NEWNS) !== 0
  const mnt_ns = isNew ? machine.vfs.copy_mnt_ns(old.mnt_ns, user_ns, machine.nextInum(), fs) : old.mnt_ns
  if (typeof mnt_ns === 'number') return mnt_ns
  const proxy = createOthers(machine, flags, { ...old, mnt_ns }, active, user_ns)
  if (typeof proxy === 'number') put_mnt_ns(machine, mnt_ns)
  return proxy
}

const createOthers = (
  machine: Machine, flags: number, old: NsProxy, active: PidNamespace, user_ns: UserNamespace,
): NsProxy | number => {
  const has = (flag: number): boolean => (flags & flag) !== 0
  const uts_ns = has(CLONE_NEWUTS) ? { ...old.uts_ns, user_ns, inum: machine.nextInum() } : old.uts_ns
  let ipc_ns = old.ipc_ns
  if (has(CLONE_NEWIPC)) {
    const made = newPlainNs(machine, 'ipc', user_ns)
    if (typeof made === 'number') return made
    ipc_ns = made
  }
  const giveUp = (rc: number): number => {
    put_ipc_ns(machine, ipc_ns)
    return rc
  }
  if (has(CLONE_NEWPID) && old.pid_ns_for_children !== active) return giveUp(-EINVAL)
  const pid_ns_for_children = has(CLONE_NEWPID)
    ? newPidNs(machine, old.pid_ns_for_children, user_ns)
    : old.pid_ns_for_children
  if (typeof pid_ns_for_children === 'number') return giveUp(pid_ns_for_children)
  const cgroup_ns = has(CLONE_NEWCGROUP) ? machine.cgroups.copy_cgroup_ns(user_ns) : old.cgroup_ns
  if (typeof cgroup_ns === 'number') return giveUp(cgroup_ns)
  let net_ns = old.net_ns
  if (has(CLONE_NEWNET)) {
    const made = newPlainNs(machine, 'net', user_ns)
    if (typeof made === 'number') return giveUp(made)
    net_ns = made
  }
  const time_ns_for_children = has(CLONE_NEWTIME)
    ? plainNamespace('time', user_ns, machine.nextInum(), copyOffsets(old.time_ns))
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
