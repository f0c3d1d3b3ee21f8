/** ioctl(2) of files that stand for namespaces (fs/nsfs.c): opened through /proc/PID/ns, joined by setns. */
import {
  CAP_SYS_ADMIN, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, EFAULT, EINVAL, ENOENT, ENOTTY, EPERM, ESRCH,
  NS_GET_MNTNS_ID, NS_GET_NSTYPE, NS_GET_OWNER_UID, NS_GET_PARENT, NS_GET_PID_FROM_PIDNS, NS_GET_PID_IN_PIDNS,
  NS_GET_TGID_FROM_PIDNS, NS_GET_TGID_IN_PIDNS, NS_GET_USERNS, NS_MNT_GET_INFO, NS_MNT_GET_NEXT, NS_MNT_GET_PREV,
  O_CLOEXEC, O_RDONLY,
} from '@lsmkit/abi'
import { from_kuid_munged, in_userns, ns_capable_noaudit } from '@lsmkit/core'
import type { File, Path, Ref, UserNamespace } from '@lsmkit/core'
import type { Nsfs, NsRef } from '../../interfaces/fs.ts'
import type { Machine } from '../../machine.ts'
import type { PidNamespace } from '../../state/task/pid.ts'
import { threadOf } from '../../state/task/thread.ts'
import type { MountNamespace } from '../../state/vfs/mount.ts'
import { fileOperations } from '../../state/vfs/driver.ts'
import { NsfsTable, pathOf, namespaceOf, nameOf, mntNsOf, isHeld, isLoop, setUp } from './files.ts'
import { mntKind, namespaceKinds, userRef } from './kinds.ts'
import { bound } from '../../state/bound.ts'

/** `struct mnt_ns_info`. */
export interface MntNsInfo {
  mnt_ns_id: number
  /** Without the root of the namespace. */
  nr_mounts: number
}

/** As `open_related_ns`: a descriptor of a related namespace, if the caller's own is above it or the same. */
const openRelated = (machine: Machine, ref: NsRef | null): number => {
  if (ref === null) return -EPERM
  const isSeen = ref.flag === CLONE_NEWUSER
    ? in_userns(machine.current.task.cred.user_ns, ref.ns as UserNamespace)
    : isWithin(ref.ns as PidNamespace, machine.tasks.activeNs)
  if (!isSeen) return -EPERM
  const path = machine.nsfs.pathOf(ref)
  return typeof path === 'number' ? path : openFd(machine, path)
}

const isWithin = (ns: PidNamespace, outer: PidNamespace): boolean => {
  for (let at: PidNamespace | null = ns; at !== null; at = at.parent) if (at === outer) return true
  return false
}

const openFd = ({ vfs, current }: Machine, path: Path): number =>
  vfs.installNew(() => vfs.dentry_open(path, O_RDONLY | O_CLOEXEC, current.task.cred), true)

const giveNumber = (value: number, arg: unknown): number => {
  if (typeof arg !== 'object' || arg === null) return -EFAULT
  ;(arg as Ref<number>).value = value
  return 0
}

const giveInfo = ({ seq, mounts }: MountNamespace, arg: unknown): number => {
  if (typeof arg !== 'object') return -EFAULT
  Object.assign(arg as MntNsInfo, { mnt_ns_id: seq, nr_mounts: Math.max(mounts.size - 1, 0) })
  return 0
}

const isAdminIn = ({ lsm, current }: Machine, ns: UserNamespace): boolean =>
  ns_capable_noaudit(lsm, current, ns, CAP_SYS_ADMIN)

/** As `may_see_all_namespaces`: the administrator of the machine alone sees the namespaces of all users. */
const maySeeAll = (machine: Machine): boolean =>
  machine.tasks.activeNs.parent === null && isAdminIn(machine, machine.init_user_ns)

/** As `lookup_next_mnt_ns` and `lookup_prev_mnt_ns`: a descriptor of the next one that the caller administers. */
const openNeighbour = (machine: Machine, from: MountNamespace, step: 1 | -1, arg: unknown): number => {
  const near = machine.vfs.mountNamespaces().filter(({ seq, user_ns }) =>
    (seq - from.seq) * step > 0 && isAdminIn(machine, user_ns))
  const ns = near.at(step === 1 ? 0 : -1)
  if (ns === undefined) return -ENOENT
  const path = machine.nsfs.pathOf(mntKind.refOf(ns))
  if (typeof path === 'number') return path
  const rc = arg === null ? 0 : giveInfo(ns, arg)
  return rc !== 0 ? rc : openFd(machine, path)
}

const mountIoctl = (machine: Machine, ns: MountNamespace, cmd: number, arg: unknown): number => {
  switch (cmd) {
    case NS_GET_MNTNS_ID: return giveNumber(ns.seq, arg)
    case NS_MNT_GET_INFO: return arg === null ? -EINVAL : giveInfo(ns, arg)
    default: return openNeighbour(machine, ns, cmd === NS_MNT_GET_NEXT ? 1 : -1, arg)
  }
}

/** Translates the number of a process between the caller's pid namespace and this one. */
const pidIoctl = (machine: Machine, ns: PidNamespace, cmd: number, nr: number): number => {
  const { activeNs } = machine.tasks
  const isInward = cmd === NS_GET_PID_IN_PIDNS || cmd === NS_GET_TGID_IN_PIDNS
  const [from, to] = isInward ? [activeNs, ns] : [ns, activeNs]
  const task = from.find(nr)?.task ?? null
  if (task === null) return -ESRCH
  const isThread = cmd === NS_GET_PID_FROM_PIDNS || cmd === NS_GET_PID_IN_PIDNS
  return threadOf(isThread ? task : task.group_leader!).pid.nr(to) || -ESRCH
}

const ownerOf = ({ current }: Machine, { owner }: UserNamespace): number =>
  from_kuid_munged(current.task.cred.user_ns, owner)

const ioctl = (machine: Machine, file: File, cmd: number, arg: unknown): number => {
  const ref = machine.nsfs.namespaceOf(file)!
  if ((cmd === NS_MNT_GET_NEXT || cmd === NS_MNT_GET_PREV) && !maySeeAll(machine)) return -EPERM
  switch (cmd) {
    case NS_GET_USERNS:
      return openRelated(machine, userRef(ref.user_ns))
    case NS_GET_PARENT:
      return ref.flag === CLONE_NEWPID || ref.flag === CLONE_NEWUSER ? openRelated(machine, ref.parent) : -EINVAL
    case NS_GET_NSTYPE:
      return ref.flag
    case NS_GET_OWNER_UID:
      return ref.flag === CLONE_NEWUSER ? giveNumber(ownerOf(machine, ref.ns as UserNamespace), arg) : -EINVAL
    case NS_GET_MNTNS_ID: case NS_MNT_GET_INFO: case NS_MNT_GET_NEXT: case NS_MNT_GET_PREV:
      return ref.flag === CLONE_NEWNS ? mountIoctl(machine, ref.ns as MountNamespace, cmd, arg) : -EINVAL
    case NS_GET_PID_FROM_PIDNS: case NS_GET_TGID_FROM_PIDNS: case NS_GET_PID_IN_PIDNS: case NS_GET_TGID_IN_PIDNS:
      return ref.flag === CLONE_NEWPID ? pidIoctl(machine, ref.ns as PidNamespace, cmd, Number(arg)) : -EINVAL
    default:
      return -ENOTTY
  }
}

export const createNsfs = (machine: Machine): Nsfs => {
  const table = new NsfsTable(machine, fileOperations(bound(machine, { ioctl })))
  return {
    kinds: namespaceKinds,
    nameOf,
    ...bound(table, { pathOf, namespaceOf, mntNsOf, isHeld, isLoop, setUp }),
  }
}
