/** setuid(2) and its kin (kernel/sys.c): each prepares, changes, asks and installs. */
import { CAP_SETUID, EINVAL, ENOMEM, EPERM, LSM_SETID_FS, LSM_SETID_ID, LSM_SETID_RE, LSM_SETID_RES } from '@lsmkit/abi'
import { from_kuid_munged, make_kuid, uid_valid } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { commitUid, isKept, mayCap, refuse } from './set-ids.ts'

export const setuid = (machine: Machine, uid: number): number => {
  const old = machine.current.task.cred
  const kuid = make_kuid(old.user_ns, uid)
  if (!uid_valid(kuid)) return -EINVAL
  const next = machine.creds.prepare_creds()
  if (next === null) return -ENOMEM
  if (mayCap(machine, CAP_SETUID)) next.suid = next.uid = kuid
  else if (kuid !== old.uid && kuid !== next.suid) return refuse(machine, next, -EPERM)
  next.fsuid = next.euid = kuid
  return commitUid(machine, next, LSM_SETID_ID)
}

export const setreuid = (machine: Machine, ruid: number, euid: number): number => {
  const old = machine.current.task.cred
  const kruid = make_kuid(old.user_ns, ruid)
  const keuid = make_kuid(old.user_ns, euid)
  if ((!isKept(ruid) && !uid_valid(kruid)) || (!isKept(euid) && !uid_valid(keuid))) return -EINVAL
  const next = machine.creds.prepare_creds()
  if (next === null) return -ENOMEM
  if (!isKept(ruid)) {
    next.uid = kruid
    if (kruid !== old.uid && kruid !== old.euid && !mayCap(machine, CAP_SETUID)) return refuse(machine, next, -EPERM)
  }
  if (!isKept(euid)) {
    next.euid = keuid
    if (keuid !== old.uid && keuid !== old.euid && keuid !== old.suid && !mayCap(machine, CAP_SETUID))
      return refuse(machine, next, -EPERM)
  }
  if (!isKept(ruid) || (!isKept(euid) && keuid !== old.uid)) next.suid = next.euid
  next.fsuid = next.euid
  return commitUid(machine, next, LSM_SETID_RE)
}

/** Nothing is asked, and nothing is prepared, when nothing would change. */
export const setresuid = (machine: Machine, ruid: number, euid: number, suid: number): number => {
  const old = machine.current.task.cred
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
  if ((isNew(ruid, kruid) || isNew(euid, keuid) || isNew(suid, ksuid)) && !mayCap(machine, CAP_SETUID)) return -EPERM
  const next = machine.creds.prepare_creds()
  if (next === null) return -ENOMEM
  if (!isKept(ruid)) next.uid = kruid
  if (!isKept(euid)) next.euid = keuid
  if (!isKept(suid)) next.suid = ksuid
  next.fsuid = next.euid
  return commitUid(machine, next, LSM_SETID_RES)
}

/** Never fails: answers the id as it was before. */
export const setfsuid = (machine: Machine, uid: number): number => {
  const { creds } = machine
  const old = machine.current.task.cred
  const before = from_kuid_munged(old.user_ns, old.fsuid)
  const kuid = make_kuid(old.user_ns, uid)
  if (!uid_valid(kuid)) return before
  const next = creds.prepare_creds()
  if (next === null) return before
  const may =
    kuid === old.uid || kuid === old.euid || kuid === old.suid || kuid === old.fsuid || mayCap(machine, CAP_SETUID)
  if (may && kuid !== old.fsuid) {
    next.fsuid = kuid
    if (machine.lsm.task_fix_setuid.ask(next, old, LSM_SETID_FS) === 0) {
      creds.commit_creds(next)
      return before
    }
  }
  creds.abort_creds(next)
  return before
}
