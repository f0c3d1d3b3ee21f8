/** Files that stand for namespaces (fs/nsfs.c): opened through /proc/PID/ns, joined by setns. */
import {
  CAP_SYS_ADMIN, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWTIME, CLONE_NEWUSER,
  CLONE_NEWUTS, EFAULT, EINVAL, ENOENT, ENOMEM, ENOTTY, EPERM, ESRCH, NS_GET_MNTNS_ID, NS_GET_NSTYPE,
  NS_GET_OWNER_UID, NS_GET_PARENT, NS_GET_PID_FROM_PIDNS, NS_GET_PID_IN_PIDNS, NS_GET_TGID_FROM_PIDNS,
  NS_GET_TGID_IN_PIDNS, NS_GET_USERNS, NS_MNT_GET_INFO, NS_MNT_GET_NEXT, NS_MNT_GET_PREV, NSFS_MAGIC, O_CLOEXEC,
  O_RDONLY, S_IFREG, S_IMMUTABLE, SB_NOUSER,
} from '@lsmkit/abi'
import { from_kuid_munged, in_userns, ns_capable_noaudit } from '@lsmkit/core'
import type { Dentry, File, KeyMap, Path, Ref, Task, UserNamespace } from '@lsmkit/core'
import type { Nsfs, NsKind, NsRef } from '../../interfaces/fs.ts'
import { COST } from '../../state/memory-costs.ts'
import type { Machine } from '../../machine.ts'
import type { Joined, NsProxy, PlainNamespace } from '../../state/task/namespaces.ts'
import { INIT_INUM } from '../../state/task/namespaces.ts'
import type { PidNamespace } from '../../state/task/pid.ts'
import { threadOf } from '../../state/task/thread.ts'
import type { Mount, MountNamespace } from '../../state/vfs/mount.ts'
import { inodeState } from '../../state/vfs/state.ts'
import { fileOperations, inodeOperations } from '../../state/vfs/driver.ts'
import { pseudoSuper } from '../../vfs/internal.ts'

/** `struct mnt_ns_info`. */
export interface MntNsInfo {
  mnt_ns_id: number
  /** The root of the namespace is not counted. */
  nr_mounts: number
}

const userRef = (machine: Machine, ns: UserNamespace): NsRef => ({
  flag: CLONE_NEWUSER, name: 'user', ns, inum: machine.nsfs.userInum(ns), user_ns: ns.parent ?? ns,
  parent: ns.parent === null ? null : userRef(machine, ns.parent),
  target: (own) => ({ ...own, user_ns: ns }),
})

type ProxyName = 'uts_ns' | 'ipc_ns' | 'net_ns' | 'cgroup_ns' | 'time_ns' | 'time_ns_for_children' | 'mnt_ns'

/** `joins`: the field that setns fills, where it is another. */
const proxyKind = (flag: number, name: string, field: ProxyName, joins: ProxyName = field) => {
  const refOf = (ns: NsProxy[ProxyName]): NsRef => ({
    flag, name, ns, inum: ns.inum, user_ns: ns.user_ns, parent: null,
    target: (own) => ({ ...own, proxy: { ...own.proxy, [joins]: ns } }),
  })
  return { refOf, of: (task: Task): NsRef => refOf(threadOf(task).nsproxy[field]), isLeftAtExit: true }
}
const mntKind = proxyKind(CLONE_NEWNS, 'mnt', 'mnt_ns')

const pidRef = (ns: Joined['pid_ns']): NsRef => ({
  flag: CLONE_NEWPID, name: 'pid', ns, inum: ns.inum, user_ns: ns.user_ns,
  parent: ns.parent === null ? null : pidRef(ns.parent),
  target: (own) => ({ ...own, pid_ns: ns }),
})

/** By the name of the link, in the order the directory lists them; `user` stands last. */
const PROXY_KINDS: Readonly<Record<string, NsKind>> = {
  net: proxyKind(CLONE_NEWNET, 'net', 'net_ns'),
  uts: proxyKind(CLONE_NEWUTS, 'uts', 'uts_ns'),
  ipc: proxyKind(CLONE_NEWIPC, 'ipc', 'ipc_ns'),
  pid: { of: (task) => pidRef(threadOf(task).pid.ns), isLeftAtExit: false },
  pid_for_children: { of: (task) => pidRef(threadOf(task).nsproxy.pid_ns_for_children), isLeftAtExit: true },
  mnt: mntKind,
  cgroup: proxyKind(CLONE_NEWCGROUP, 'cgroup', 'cgroup_ns'),
  time: proxyKind(CLONE_NEWTIME, 'time', 'time_ns'),
  time_for_children: proxyKind(CLONE_NEWTIME, 'time', 'time_ns_for_children', 'time_ns'),
}

export const createNsfs = (lsm: KeyMap, machine: Machine): Nsfs => {
  const { current } = machine
  let mount!: Mount
  const dentries = new WeakMap<object, Dentry>()
  const userInums = new WeakMap<UserNamespace, number>()

  const userInum = (ns: UserNamespace): number => {
    if (ns.parent === null) return INIT_INUM.user
    const known = userInums.get(ns)
    if (known !== undefined) return known
    const inum = machine.nextInum()
    userInums.set(ns, inum)
    return inum
  }

  const kinds: Readonly<Record<string, NsKind>> = {
    ...PROXY_KINDS,
    user: { of: (task) => userRef(machine, task.real_cred.user_ns), isLeftAtExit: false },
  }

  /** Once, at boot. */
  const setUp = (): void => {
    mount = pseudoSuper(machine, 'nsfs', NSFS_MAGIC, {
      evict_inode(inode) {
        const { ns, flag, user_ns } = inodeState(inode).fs as NsRef
        dentries.delete(ns)
        machine.userNs.put_user_ns(flag === CLONE_NEWUSER ? (ns as UserNamespace) : user_ns)
        if (flag === CLONE_NEWNS) machine.namespaces.put_mnt_ns(ns as MountNamespace)
        if (flag === CLONE_NEWIPC) machine.namespaces.put_ipc_ns(ns as PlainNamespace)
        if (flag === CLONE_NEWNET) machine.namespaces.put_net(ns as PlainNamespace)
      },
    })
    // namespaces are kept by mounting their files
    mount.mnt_sb.s_flags &= ~SB_NOUSER
    machine.isNamespaceFile = (dentry) => dentry.d_sb === mount.mnt_sb
  }

  /** The one place of a namespace; its inode is made when it is first needed. -ENOMEM where an LSM refuses it. */
  const pathOf = (ref: NsRef): Path | number => {
    const sb = mount.mnt_sb
    const known = dentries.get(ref.ns)
    if (known !== undefined) return { mnt: mount, dentry: known }
    const inode = machine.vfs.new_inode(sb, S_IFREG | 0o444, inodeOperations({}), nsOperations, ref)
    if (inode === null) return -ENOMEM
    inode.i_flags |= S_IMMUTABLE
    inode.i_ino = ref.inum
    machine.userNs.get_user_ns(ref.flag === CLONE_NEWUSER ? (ref.ns as UserNamespace) : ref.user_ns)
    // it may be all that keeps the namespace
    inodeState(inode).force(COST.namespace)
    const dentry = machine.vfs.d_alloc_pseudo(sb, nameOf(ref), inode)
    dentries.set(ref.ns, dentry)
    // a look alone does not keep it
    machine.callRcu(() => machine.vfs.evictIfUnused(inode))
    return { mnt: mount, dentry }
  }

  /** Its file is open, or mounted somewhere. */
  const isHeld = (ns: object): boolean => {
    const inode = dentries.get(ns)?.d_inode ?? null
    return inode !== null && inodeState(inode).i_count > 0
  }

  /** The mount namespace whose file this is; null for anything else. */
  const mntNsOf = (dentry: Dentry): MountNamespace | null => {
    if (dentry.d_sb !== mount?.mnt_sb) return null
    const { ns, flag } = inodeState(dentry.d_inode!).fs as NsRef
    return flag === CLONE_NEWNS ? (ns as MountNamespace) : null
  }
  /** As `mnt_ns_loop`: a namespace would be mounted where it keeps itself, or an older one that it has come from. */
  const isLoop = (dentry: Dentry): boolean => {
    const ns = mntNsOf(dentry)
    return ns !== null && machine.vfs.currentMntNs().seq >= ns.seq
  }

  const nameOf = ({ name, inum }: NsRef): string => `${name}:[${inum}]`

  /** As `open_related_ns`: a descriptor of a namespace near this one, unless it lies outside the caller's view. */
  const openRelated = (ref: NsRef | null): number => {
    if (ref === null) return -EPERM
    const isSeen = ref.flag === CLONE_NEWUSER
      ? in_userns(current.task.cred.user_ns, ref.ns as UserNamespace)
      : isWithin(ref.ns as PidNamespace, machine.tasks.activeNs)
    if (!isSeen) return -EPERM
    const path = pathOf(ref)
    return typeof path === 'number' ? path : openFd(path)
  }

  const isWithin = (ns: PidNamespace, outer: PidNamespace): boolean => {
    for (let at: PidNamespace | null = ns; at !== null; at = at.parent) if (at === outer) return true
    return false
  }

  const openFd = (path: Path): number =>
    machine.vfs.installNew(() => machine.vfs.dentry_open(path, O_RDONLY | O_CLOEXEC, current.task.cred), true)

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

  /** Namespaces of all users are shown to the administrator of the machine alone (`may_see_all_namespaces`). */
  const maySeeAll = (): boolean =>
    machine.tasks.activeNs.parent === null && ns_capable_noaudit(lsm, current, machine.init_user_ns, CAP_SYS_ADMIN)

  /** As `lookup_next_mnt_ns` and `lookup_prev_mnt_ns`: a descriptor of the next one that the caller rules. */
  const openNeighbour = (own: MountNamespace, step: 1 | -1, arg: unknown): number => {
    const near = machine.vfs.mountNamespaces().filter(({ seq, user_ns }) =>
      (seq - own.seq) * step > 0 && ns_capable_noaudit(lsm, current, user_ns, CAP_SYS_ADMIN))
    const ns = near.at(step === 1 ? 0 : -1)
    if (ns === undefined) return -ENOENT
    const path = pathOf(mntKind.refOf(ns))
    if (typeof path === 'number') return path
    const rc = arg === null ? 0 : giveInfo(ns, arg)
    return rc !== 0 ? rc : openFd(path)
  }

  const mountIoctl = (ns: MountNamespace, cmd: number, arg: unknown): number => {
    switch (cmd) {
      case NS_GET_MNTNS_ID: return giveNumber(ns.seq, arg)
      case NS_MNT_GET_INFO: return arg === null ? -EINVAL : giveInfo(ns, arg)
      default: return openNeighbour(ns, cmd === NS_MNT_GET_NEXT ? 1 : -1, arg)
    }
  }

  /** The number of a process in one pid namespace, given that in another: the caller's and this one. */
  const pidIoctl = (ns: PidNamespace, cmd: number, nr: number): number => {
    const { activeNs } = machine.tasks
    const isInward = cmd === NS_GET_PID_IN_PIDNS || cmd === NS_GET_TGID_IN_PIDNS
    const [from, to] = isInward ? [activeNs, ns] : [ns, activeNs]
    const task = from.find(nr)?.task ?? null
    if (task === null) return -ESRCH
    const isThread = cmd === NS_GET_PID_FROM_PIDNS || cmd === NS_GET_PID_IN_PIDNS
    return threadOf(isThread ? task : task.group_leader!).pid.nr(to) || -ESRCH
  }

  const nsOperations = fileOperations({
    ioctl(file, cmd, arg) {
      const ref = namespaceOf(file)!
      if ((cmd === NS_MNT_GET_NEXT || cmd === NS_MNT_GET_PREV) && !maySeeAll()) return -EPERM
      switch (cmd) {
        case NS_GET_USERNS:
          return openRelated(userRef(machine, ref.user_ns))
        case NS_GET_PARENT:
          return ref.flag === CLONE_NEWPID || ref.flag === CLONE_NEWUSER ? openRelated(ref.parent) : -EINVAL
        case NS_GET_NSTYPE:
          return ref.flag
        case NS_GET_OWNER_UID:
          return ref.flag === CLONE_NEWUSER
            ? giveNumber(from_kuid_munged(current.task.cred.user_ns, (ref.ns as UserNamespace).owner), arg) : -EINVAL
        case NS_GET_MNTNS_ID: case NS_MNT_GET_INFO: case NS_MNT_GET_NEXT: case NS_MNT_GET_PREV:
          return ref.flag === CLONE_NEWNS ? mountIoctl(ref.ns as MountNamespace, cmd, arg) : -EINVAL
        case NS_GET_PID_FROM_PIDNS: case NS_GET_TGID_FROM_PIDNS: case NS_GET_PID_IN_PIDNS: case NS_GET_TGID_IN_PIDNS:
          return ref.flag === CLONE_NEWPID ? pidIoctl(ref.ns as PidNamespace, cmd, Number(arg)) : -EINVAL
        default:
          return -ENOTTY
      }
    },
  })

  /** Null for a file that is no namespace's. */
  const namespaceOf = (file: File): NsRef | null =>
    file.f_inode.i_sb === mount.mnt_sb ? (inodeState(file.f_inode).fs as NsRef) : null

  return { kinds, pathOf, nameOf, namespaceOf, mntNsOf, isHeld, isLoop, userInum, setUp }
}
