/** Files that stand for namespaces (fs/nsfs.c): opened through /proc/PID/ns, joined by setns. */
import {
  CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWTIME, CLONE_NEWUSER, CLONE_NEWUTS,
  EINVAL, ENOMEM, ENOTTY, EPERM, NSFS_MAGIC, O_CLOEXEC, O_RDONLY, S_IFREG,
} from '@lsmkit/abi'
import { from_kuid_munged, in_userns } from '@lsmkit/core'
import type { Dentry, File, Path, Ref, Task, UserNamespace } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { Joined } from '../../task/namespaces.ts'
import { INIT_INUM } from '../../task/namespaces.ts'
import { threadOf } from '../../task/thread.ts'
import { fdTable, get_unused_fd } from '../../vfs/fdtable.ts'
import type { Mount } from '../../vfs/mount.ts'
import { inodeState } from '../../vfs/state.ts'
import { fileOperations, inodeOperations } from '../driver.ts'
import { pseudoSuper } from '../pseudo/internal.ts'

// ioctls of namespace files (linux/nsfs.h)
const NS_GET_USERNS = 0xb701
const NS_GET_PARENT = 0xb702
const NS_GET_NSTYPE = 0xb703
const NS_GET_OWNER_UID = 0xb704

/** One namespace of whatever kind. */
export interface NsRef {
  readonly flag: number
  /** Name before the number in the link's text. */
  readonly name: string
  /** The namespace itself: two refs to it lead to one inode. */
  readonly ns: object
  readonly inum: number
  readonly user_ns: UserNamespace
  readonly parent: NsRef | null
  /** What setns joins, given what the caller has now. */
  target(own: Joined): Joined
}

const userRef = (machine: Machine, ns: UserNamespace): NsRef => ({
  flag: CLONE_NEWUSER, name: 'user', ns, inum: machine.nsfs.userInum(ns), user_ns: ns.parent ?? ns,
  parent: ns.parent === null ? null : userRef(machine, ns.parent),
  target: (own) => ({ ...own, user_ns: ns }),
})

export interface NsKind {
  readonly of: (task: Task) => NsRef
}

type ProxyName = 'uts_ns' | 'ipc_ns' | 'net_ns' | 'cgroup_ns' | 'time_ns' | 'time_ns_for_children' | 'mnt_ns'

/** `joins`: the field that setns fills, where it is another. */
const proxyKind = (flag: number, name: string, field: ProxyName, joins: ProxyName = field): NsKind => ({
  of: (task) => {
    const ns = threadOf(task).nsproxy[field]
    return {
      flag, name, ns, inum: ns.inum, user_ns: ns.user_ns, parent: null,
      target: (own) => ({ ...own, proxy: { ...own.proxy, [joins]: ns } }),
    }
  },
})

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
  pid: { of: (task) => pidRef(threadOf(task).pid.ns) },
  pid_for_children: { of: (task) => pidRef(threadOf(task).nsproxy.pid_ns_for_children) },
  mnt: proxyKind(CLONE_NEWNS, 'mnt', 'mnt_ns'),
  cgroup: proxyKind(CLONE_NEWCGROUP, 'cgroup', 'cgroup_ns'),
  time: proxyKind(CLONE_NEWTIME, 'time', 'time_ns'),
  time_for_children: proxyKind(CLONE_NEWTIME, 'time', 'time_ns_for_children', 'time_ns'),
}

export const createNsfs = (machine: Machine) => {
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
    user: { of: (task) => userRef(machine, task.real_cred.user_ns) },
  }

  /** Once, at boot. */
  const setUp = (): void => {
    mount = pseudoSuper(machine, 'nsfs', NSFS_MAGIC, {
      evict_inode: (inode) => void dentries.delete((inodeState(inode).fs as NsRef).ns),
    })
    machine.isNamespaceFile = (dentry) => dentry.d_sb === mount.mnt_sb
  }

  /** The one place of a namespace; its inode is made when it is first needed. -ENOMEM where an LSM refuses it. */
  const pathOf = (ref: NsRef): Path | number => {
    const sb = mount.mnt_sb
    const known = dentries.get(ref.ns)
    if (known !== undefined) return { mnt: mount, dentry: known }
    const inode = machine.vfs.new_inode(sb, S_IFREG | 0o444, inodeOperations({}), nsOperations, ref)
    if (inode === null) return -ENOMEM
    inode.i_ino = ref.inum
    const dentry = machine.vfs.d_alloc_pseudo(sb, nameOf(ref), inode)
    dentries.set(ref.ns, dentry)
    return { mnt: mount, dentry }
  }

  const nameOf = ({ name, inum }: NsRef): string => `${name}:[${inum}]`

  /** As `open_related_ns`: a descriptor of a namespace near this one, unless it lies outside the caller's view. */
  const openRelated = (ref: NsRef | null, flag: number): number => {
    if (ref === null) return -EPERM
    if (flag === NS_GET_USERNS && !in_userns(current.task.cred.user_ns, ref.ns as UserNamespace)) return -EPERM
    const path = pathOf(ref)
    if (typeof path === 'number') return path
    const fd = get_unused_fd(current.task, true)
    if (fd < 0) return fd
    const file = machine.vfs.dentry_open(path, O_RDONLY | O_CLOEXEC, current.task.cred)
    if (typeof file === 'number') {
      fdTable(current.task).free(fd)
      return file
    }
    fdTable(current.task).install(fd, file)
    return fd
  }

  const nsOperations = fileOperations({
    ioctl(file, cmd, arg) {
      const ref = namespaceOf(file)!
      switch (cmd) {
        case NS_GET_USERNS:
          return openRelated(userRef(machine, ref.user_ns), cmd)
        case NS_GET_PARENT:
          return ref.flag === CLONE_NEWPID || ref.flag === CLONE_NEWUSER ? openRelated(ref.parent, cmd) : -EINVAL
        case NS_GET_NSTYPE:
          return ref.flag
        case NS_GET_OWNER_UID: {
          if (ref.flag !== CLONE_NEWUSER) return -EINVAL
          ;(arg as Ref<number>).value = from_kuid_munged(current.task.cred.user_ns, (ref.ns as UserNamespace).owner)
          return 0
        }
        default:
          return -ENOTTY
      }
    },
  })

  /** Null for a file that is no namespace's. */
  const namespaceOf = (file: File): NsRef | null =>
    file.f_inode.i_sb === mount.mnt_sb ? (inodeState(file.f_inode).fs as NsRef) : null

  return { kinds, pathOf, nameOf, namespaceOf, userInum, setUp }
}
export type Nsfs = ReturnType<typeof createNsfs>
