/** User and group ids of the caller (kernel/sys.c, kernel/groups.c): each call prepares, changes, asks and installs. */
import {
  CAP_SETGID, CAP_SETUID, EFAULT, EINVAL, ENOMEM, EPERM, LSM_SETID_FS, LSM_SETID_ID, LSM_SETID_RE, LSM_SETID_RES,
  NGROUPS_MAX, PF_NPROC_EXCEEDED, RLIMIT_NPROC,
} from '@lsmkit/abi'
import {
  from_kgid_munged, from_kuid_munged, gid_valid, make_kgid, make_kuid, ns_capable_setid, uid_valid,
} from '@lsmkit/core'
import type { Cred, KeyMap, Ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { rlimit } from '../task/rlimits.ts'
import { maySetgroups } from '../task/user-ns.ts'

/** An argument of -1, signed or not, leaves an id as it is. */
const isKept = (id: number): boolean => id >>> 0 === 0xffffffff

export const uidSyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current, creds } = machine

  const mayCap = (cap: number): boolean => ns_capable_setid(lsm, current, current.task.cred.user_ns, cap)

  /** As `flag_nproc_exceeded`: a user over the limit fails at its next exec, not here. */
  const flagProcesses = (next: Cred): void => {
    const me = current.task
    if (next.uid === me.cred.uid) return
    const over = next.uid !== 0 && machine.tasks.ofUser.of(next.uid) > rlimit(me, RLIMIT_NPROC)
    me.flags = over ? me.flags | PF_NPROC_EXCEEDED : me.flags & ~PF_NPROC_EXCEEDED
  }

  const refuse = (next: Cred, rc: number): number => {
    creds.abort_creds(next)
    return rc
  }
  const commitUid = (next: Cred, how: number): number => {
    const rc = lsm.task_fix_setuid.ask(next, current.task.cred, how)
    if (rc < 0) return refuse(next, rc)
    flagProcesses(next)
    return creds.commit_creds(next)
  }
  const commitGid = (next: Cred, how: number): number => {
    const rc = lsm.task_fix_setgid.ask(next, current.task.cred, how)
    return rc < 0 ? refuse(next, rc) : creds.commit_creds(next)
  }

  const setuid = (uid: number): number => {
    const old = current.task.cred
    const kuid = make_kuid(old.user_ns, uid)
    if (!uid_valid(kuid)) return -EINVAL
    const next = creds.prepare_creds()
    if (next === null) return -ENOMEM
    if (mayCap(CAP_SETUID)) next.suid = next.uid = kuid
    else if (kuid !== old.uid && kuid !== next.suid) return refuse(next, -EPERM)
    next.fsuid = next.euid = kuid
    return commitUid(next, LSM_SETID_ID)
  }

  const setgid = (gid: number): number => {
    const old = current.task.cred
    const kgid = make_kgid(old.user_ns, gid)
    if (!gid_valid(kgid)) return -EINVAL
    const next = creds.prepare_creds()
    if (next === null) return -ENOMEM
    if (mayCap(CAP_SETGID)) next.gid = next.egid = next.sgid = next.fsgid = kgid
    else if (kgid === old.gid || kgid === old.sgid) next.egid = next.fsgid = kgid
    else return refuse(next, -EPERM)
    return commitGid(next, LSM_SETID_ID)
  }

  const setreuid = (ruid: number, euid: number): number => {
    const old = current.task.cred
    const kruid = make_kuid(old.user_ns, ruid)
    const keuid = make_kuid(old.user_ns, euid)
    if ((!isKept(ruid) && !uid_valid(kruid)) || (!isKept(euid) && !uid_valid(keuid))) return -EINVAL
    const next = creds.prepare_creds()
    if (next === null) return -ENOMEM
    if (!isKept(ruid)) {
      next.uid = kruid
      if (kruid !== old.uid && kruid !== old.euid && !mayCap(CAP_SETUID)) return refuse(next, -EPERM)
    }
    if (!isKept(euid)) {
      next.euid = keuid
      if (keuid !== old.uid && keuid !== old.euid && keuid !== old.suid && !mayCap(CAP_SETUID))
        return refuse(next, -EPERM)
    }
    if (!isKept(ruid) || (!isKept(euid) && keuid !== old.uid)) next.suid = next.euid
    next.fsuid = next.euid
    return commitUid(next, LSM_SETID_RE)
  }

  const setregid = (rgid: number, egid: number): number => {
    const old = current.task.cred
    const krgid = make_kgid(old.user_ns, rgid)
    const kegid = make_kgid(old.user_ns, egid)
    if ((!isKept(rgid) && !gid_valid(krgid)) || (!isKept(egid) && !gid_valid(kegid))) return -EINVAL
    const next = creds.prepare_creds()
    if (next === null) return -ENOMEM
    if (!isKept(rgid)) {
      if (krgid !== old.gid && krgid !== old.egid && !mayCap(CAP_SETGID)) return refuse(next, -EPERM)
      next.gid = krgid
    }
    if (!isKept(egid)) {
      if (kegid !== old.gid && kegid !== old.egid && kegid !== old.sgid && !mayCap(CAP_SETGID))
        return refuse(next, -EPERM)
      next.egid = kegid
    }
    if (!isKept(rgid) || (!isKept(egid) && kegid !== old.gid)) next.sgid = next.egid
    next.fsgid = next.egid
    return commitGid(next, LSM_SETID_RE)
  }

  /** Nothing is asked, and nothing is prepared, when nothing would change. */
  const setresuid = (ruid: number, euid: number, suid: number): number => {
    const old = current.task.cred
    const kruid = make_kuid(old.user_ns, ruid)
    const keuid = make_kuid(old.user_ns, euid)
    const ksuid = make_kuid(old.user_ns, suid)
    if (
      (!isKept(ruid) && !uid_valid(kruid)) ||
      (!isKept(euid) && !uid_valid(keuid)) ||
      (!isKept(suid) && !uid_valid(ksuid))
    )
      return -EINVAL
    if (
      (isKept(ruid) || kruid === old.uid) && (isKept(suid) || ksuid === old.suid) &&
      (isKept(euid) || (keuid === old.euid && keuid === old.fsuid))
    ) return 0
    const isNew = (id: number, kuid: number) =>
      !isKept(id) && kuid !== old.uid && kuid !== old.euid && kuid !== old.suid
    if ((isNew(ruid, kruid) || isNew(euid, keuid) || isNew(suid, ksuid)) && !mayCap(CAP_SETUID)) return -EPERM
    const next = creds.prepare_creds()
    if (next === null) return -ENOMEM
    if (!isKept(ruid)) next.uid = kruid
    if (!isKept(euid)) next.euid = keuid
    if (!isKept(suid)) next.suid = ksuid
    next.fsuid = next.euid
    return commitUid(next, LSM_SETID_RES)
  }

  const setresgid = (rgid: number, egid: number, sgid: number): number => {
    const old = current.task.cred
    const krgid = make_kgid(old.user_ns, rgid)
    const kegid = make_kgid(old.user_ns, egid)
    const ksgid = make_kgid(old.user_ns, sgid)
    if (
      (!isKept(rgid) && !gid_valid(krgid)) ||
      (!isKept(egid) && !gid_valid(kegid)) ||
      (!isKept(sgid) && !gid_valid(ksgid))
    )
      return -EINVAL
    if (
      (isKept(rgid) || krgid === old.gid) && (isKept(sgid) || ksgid === old.sgid) &&
      (isKept(egid) || (kegid === old.egid && kegid === old.fsgid))
    ) return 0
    const isNew = (id: number, kgid: number) =>
      !isKept(id) && kgid !== old.gid && kgid !== old.egid && kgid !== old.sgid
    if ((isNew(rgid, krgid) || isNew(egid, kegid) || isNew(sgid, ksgid)) && !mayCap(CAP_SETGID)) return -EPERM
    const next = creds.prepare_creds()
    if (next === null) return -ENOMEM
    if (!isKept(rgid)) next.gid = krgid
    if (!isKept(egid)) next.egid = kegid
    if (!isKept(sgid)) next.sgid = ksgid
    next.fsgid = next.egid
    return commitGid(next, LSM_SETID_RES)
  }

  /** Never fails: answers the id as it was before. */
  const setfsuid = (uid: number): number => {
    const old = current.task.cred
    const before = from_kuid_munged(old.user_ns, old.fsuid)
    const kuid = make_kuid(old.user_ns, uid)
    if (!uid_valid(kuid)) return before
    const next = creds.prepare_creds()
    if (next === null) return before
    const may = kuid === old.uid || kuid === old.euid || kuid === old.suid || kuid === old.fsuid || mayCap(CAP_SETUID)
    if (may && kuid !== old.fsuid) {
      next.fsuid = kuid
      if (lsm.task_fix_setuid.ask(next, old, LSM_SETID_FS) === 0) {
        creds.commit_creds(next)
        return before
      }
    }
    creds.abort_creds(next)
    return before
  }

  const setfsgid = (gid: number): number => {
    const old = current.task.cred
    const before = from_kgid_munged(old.user_ns, old.fsgid)
    const kgid = make_kgid(old.user_ns, gid)
    if (!gid_valid(kgid)) return before
    const next = creds.prepare_creds()
    if (next === null) return before
    const may = kgid === old.gid || kgid === old.egid || kgid === old.sgid || kgid === old.fsgid || mayCap(CAP_SETGID)
    if (may && kgid !== old.fsgid) {
      next.fsgid = kgid
      if (lsm.task_fix_setgid.ask(next, old, LSM_SETID_FS) === 0) {
        creds.commit_creds(next)
        return before
      }
    }
    creds.abort_creds(next)
    return before
  }

  /** The list is sorted, as the kernel keeps it. */
  const setgroups = (size: number, list: readonly number[] | null): number => {
    const { user_ns } = current.task.cred
    // may_setgroups: the capability is asked before the namespace's own rule
    if (!mayCap(CAP_SETGID) || !maySetgroups(user_ns)) return -EPERM
    if (size >>> 0 > NGROUPS_MAX) return -EINVAL
    if (size !== 0 && (list === null || list.length < size)) return -EFAULT
    const gid: number[] = []
    for (let i = 0; i < size; i++) {
      const kgid = make_kgid(user_ns, list![i]!)
      if (!gid_valid(kgid)) return -EINVAL
      gid.push(kgid)
    }
    gid.sort((a, b) => a - b)
    const next = creds.prepare_creds()
    if (next === null) return -ENOMEM
    const old = current.task.cred
    if (!creds.set_groups(next, gid)) return refuse(next, -ENOMEM)
    const rc = lsm.task_fix_setgroups.ask(next, old)
    return rc < 0 ? refuse(next, rc) : creds.commit_creds(next)
  }

  /** With size 0 only counts; `list` is filled in place. */
  const getgroups = (size: number, list: number[] | null): number => {
    const { user_ns, group_info } = current.task.cred
    const { gid } = group_info
    if (size < 0) return -EINVAL
    if (size === 0) return gid.length
    if (gid.length > size) return -EINVAL
    if (list === null) return gid.length === 0 ? 0 : -EFAULT
    gid.forEach((kgid, i) => (list[i] = from_kgid_munged(user_ns, kgid)))
    return gid.length
  }

  const fill = (refs: readonly (Ref<number> | null)[], values: readonly number[]): number => {
    for (let i = 0; i < values.length; i++) {
      const ref = refs[i]
      if (!ref) return -EFAULT
      ref.value = values[i]!
    }
    return 0
  }

  const uidOf = (kuid: number): number => from_kuid_munged(current.task.cred.user_ns, kuid)
  const gidOf = (kgid: number): number => from_kgid_munged(current.task.cred.user_ns, kgid)

  return {
    setuid, setgid, setreuid, setregid, setresuid, setresgid, setfsuid, setfsgid, setgroups, getgroups,
    getuid: (): number => uidOf(current.task.cred.uid),
    geteuid: (): number => uidOf(current.task.cred.euid),
    getgid: (): number => gidOf(current.task.cred.gid),
    getegid: (): number => gidOf(current.task.cred.egid),
    getresuid: (ruid: Ref<number> | null, euid: Ref<number> | null, suid: Ref<number> | null): number => {
      const { cred } = current.task
      return fill([ruid, euid, suid], [uidOf(cred.uid), uidOf(cred.euid), uidOf(cred.suid)])
    },
    getresgid: (rgid: Ref<number> | null, egid: Ref<number> | null, sgid: Ref<number> | null): number => {
      const { cred } = current.task
      return fill([rgid, egid, sgid], [gidOf(cred.gid), gidOf(cred.egid), gidOf(cred.sgid)])
    },
  }
}
