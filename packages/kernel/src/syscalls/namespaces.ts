/** unshare(2), setns(2) and the names of the machine (kernel/fork.c, kernel/nsproxy.c, kernel/sys.c). */
import {
  CAP_SYS_ADMIN, CLONE_FILES, CLONE_FS, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID,
  CLONE_NEWTIME, CLONE_NEWUSER, CLONE_NEWUTS, CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD, CLONE_VM, EBADF, EFAULT,
  EINVAL, ENOMEM, EPERM, ESRCH, PF_EXITING, PTRACE_MODE_READ_REALCREDS, UNAME26,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { Cred, Task, UserNamespace } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { Joined, NsProxy, Utsname } from '../state/task/namespaces.ts'
import { NSPROXY_FLAGS } from '../task/nsproxy.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'
import { freezeOffsets } from '../task/time-ns.ts'
import { setCredUserNs } from '../task/user-ns.ts'
import { fdTable, fget } from '../state/vfs/fdtable.ts'

const __NEW_UTS_LEN = 64
const UNSHARE_FLAGS =
  CLONE_THREAD | CLONE_FS | CLONE_SIGHAND | CLONE_VM | CLONE_FILES | CLONE_SYSVSEM | CLONE_NEWUSER | NSPROXY_FLAGS

/** The order in which setns by pidfd goes through the kinds. */
const SETNS_ORDER = [
  CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWCGROUP, CLONE_NEWNET, CLONE_NEWTIME,
]

/** Adds the flags that others imply, in the kernel's order (`ksys_unshare`). */
const implied = (asked: number): number => {
  let flags = asked
  if (flags & CLONE_NEWUSER) flags |= CLONE_THREAD | CLONE_FS
  if (flags & CLONE_VM) flags |= CLONE_SIGHAND
  if (flags & CLONE_SIGHAND) flags |= CLONE_THREAD
  if (flags & CLONE_NEWNS) flags |= CLONE_FS
  return flags
}

/** As `check_unshare_flags`: things that cannot be unshared must not be shared. */
const checkFlags = (machine: Machine, flags: number): number => {
  if (flags & ~UNSHARE_FLAGS) return -EINVAL
  const me = machine.current.task
  const alone = signalOf(me).threads.size === 1
  if (flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM) && !alone) return -EINVAL
  if (flags & (CLONE_SIGHAND | CLONE_VM) && threadOf(me).sighand.count > 1) return -EINVAL
  return flags & CLONE_VM && (me.mm?.users ?? 1) > 1 ? -EINVAL : 0
}

/** As `unshare_userns`: new credentials, null without CLONE_NEWUSER, or -errno. */
const newCred = (machine: Machine, flags: number): Cred | null | number => {
  if (!(flags & CLONE_NEWUSER)) return null
  const next = machine.creds.prepare_creds()
  if (next === null) return -ENOMEM
  const rc = machine.userNs.create_user_ns(next)
  if (rc === 0) return next
  machine.creds.put_cred(next)
  return rc
}

const unshare = (machine: Machine, asked: number): number => {
  const flags = implied(asked)
  const isPrivileged = !(flags & CLONE_NEWUSER) || machine.sysctl.unprivileged_userns_clone !== 0 ||
    capable(machine.lsm, machine.current, CAP_SYS_ADMIN)
  if (!isPrivileged) return -EPERM
  const rc = checkFlags(machine, flags)
  if (rc !== 0) return rc
  const me = machine.current.task
  const fs = flags & CLONE_FS && me.fs!.users > 1 ? machine.vfs.copy_fs_struct(me.fs!) : null
  const files = flags & CLONE_FILES && fdTable(me).count > 1 ? fdTable(me).copy(machine.account) : null
  const undo = (): void => {
    if (fs !== null) machine.vfs.free_fs_struct(fs)
    if (files !== null) machine.exits.put_files_struct(files)
  }
  if (files === null && flags & CLONE_FILES && fdTable(me).count > 1) {
    undo()
    return -ENOMEM
  }
  const cred = newCred(machine, flags)
  if (typeof cred === 'number') {
    undo()
    return cred
  }
  const proxy = machine.namespaces.unshare_namespaces(flags, (cred ?? me.cred).user_ns, fs ?? me.fs!)
  if (typeof proxy === 'number') {
    if (cred !== null) machine.creds.put_cred(cred)
    undo()
    return proxy
  }
  if (flags & (CLONE_NEWIPC | CLONE_SYSVSEM)) machine.onUnshareIpc(me)
  if (proxy !== null) machine.namespaces.switch_task_namespaces(me, proxy)
  if (fs !== null) {
    me.fs!.users--
    me.fs = fs
  }
  if (files !== null) {
    fdTable(me).count--
    me.files = files
  }
  return cred === null ? 0 : machine.creds.commit_creds(cred)
}

/** As `userns_install`: `next` gets all capabilities in the other user namespace. */
const installUser = (machine: Machine, next: Cred, user_ns: UserNamespace): number => {
  const me = machine.current.task
  if (user_ns === me.cred.user_ns || signalOf(me).threads.size !== 1 || me.fs!.users !== 1) return -EINVAL
  if (!ns_capable(machine.lsm, machine.current, user_ns, CAP_SYS_ADMIN)) return -EPERM
  machine.creds.dropKeyring(next, 'request_key_auth')
  machine.userNs.get_user_ns(user_ns)
  machine.userNs.put_user_ns(next.user_ns)
  setCredUserNs(next, user_ns)
  return 0
}

/** Joins the kinds in `flags` one by one. A user namespace comes first, and capabilities are checked in it. */
const installAll = (machine: Machine, flags: number, target: Joined, cred: Cred | null): NsProxy | number => {
  const me = machine.current.task
  let proxy: NsProxy = threadOf(me).nsproxy
  for (const flag of SETNS_ORDER) {
    if (!(flags & flag)) continue
    if (flag === CLONE_NEWUSER) {
      const rc = installUser(machine, cred!, target.user_ns)
      if (rc !== 0) return rc
      continue
    }
    const next = machine.namespaces.install(proxy, flag, target.proxy, target.pid_ns, (cred ?? me.cred).user_ns)
    if (typeof next === 'number') return next
    proxy = next
  }
  return proxy
}

/**
 * Joins all kinds or none. As in `prepare_nsset`, new credentials are prepared before the target is checked.
 */
const join = (machine: Machine, flags: number, find: () => Joined | number): number => {
  const me = machine.current.task
  const cred = flags & CLONE_NEWUSER ? machine.creds.prepare_creds() : null
  if (flags & CLONE_NEWUSER && cred === null) return -ENOMEM
  const target = find()
  const proxy = typeof target === 'number' ? target : installAll(machine, flags, target, cred)
  if (typeof proxy === 'number') {
    if (cred !== null) machine.creds.abort_creds(cred)
    return proxy
  }
  if (cred !== null) machine.creds.commit_creds(cred)
  if (flags & CLONE_NEWNS) machine.vfs.enter_mnt_ns(me.fs!, proxy.mnt_ns)
  if (flags & CLONE_NEWIPC) machine.onUnshareIpc(me)
  if (flags & CLONE_NEWTIME) freezeOffsets(proxy.time_ns)
  machine.namespaces.switch_task_namespaces(me, proxy)
  return 0
}

const targetOf = (task: Task): Joined => {
  const { nsproxy, pid } = threadOf(task)
  return { proxy: nsproxy, pid_ns: pid.ns, user_ns: task.real_cred.user_ns }
}

/** `fd` is the file of a namespace, or a pidfd with the kinds to join in `flags`. */
const setns = (machine: Machine, fd: number, flags: number): number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  const ns = machine.nsfs.namespaceOf(file)
  if (ns !== null) {
    if (flags !== 0 && flags !== ns.flag) return -EINVAL
    return join(machine, ns.flag, () => ns.target(targetOf(machine.current.task)))
  }
  const pid = machine.pidfds.pidOf(file)
  if (pid === null || flags === 0 || flags & ~(NSPROXY_FLAGS | CLONE_NEWUSER)) return -EINVAL
  return join(machine, flags, () => {
    if (pid.task === null) return -ESRCH
    if (!machine.ptrace.may_access(pid.task, PTRACE_MODE_READ_REALCREDS)) return -EPERM
    return pid.task.flags & PF_EXITING ? -ESRCH : targetOf(pid.task)
  })
}

const setUts = (machine: Machine, field: 'nodename' | 'domainname', name: string | null, len: number): number => {
  const { uts_ns } = threadOf(machine.current.task).nsproxy
  if (!ns_capable(machine.lsm, machine.current, uts_ns.user_ns, CAP_SYS_ADMIN)) return -EPERM
  if (len < 0 || len > __NEW_UTS_LEN) return -EINVAL
  if (name === null) return -EFAULT
  uts_ns[field] = name.slice(0, len)
  return 0
}

const sethostname = (machine: Machine, name: string | null, len: number): number =>
  setUts(machine, 'nodename', name, len)

const setdomainname = (machine: Machine, name: string | null, len: number): number =>
  setUts(machine, 'domainname', name, len)

const uname = (machine: Machine, name: Utsname | null): number => {
  if (name === null) return -EFAULT
  const { uts_ns } = threadOf(machine.current.task).nsproxy
  const { sysname, nodename, release, version, machine: arch, domainname } = uts_ns
  const shown = machine.current.task.personality & UNAME26 ? oldRelease(release) : release
  Object.assign(name, { sysname, nodename, release: shown, version, machine: arch, domainname })
  return 0
}

export const namespaceSyscalls = { unshare, setns, uname, sethostname, setdomainname }

/** As `override_release`: 6.12.x is shown as 2.6.72 to programs that expect 2.6. */
const oldRelease = (release: string): string => {
  const [, minor = '0', rest = ''] = /^\d+\.(\d+)(?:\.\d+)?(.*)$/s.exec(release) ?? []
  return `2.6.${Number(minor) + 60}${rest}`
}
