/** setgid(2) and its kin (kernel/sys.c): each prepares, changes, asks and installs. */
import { CAP_SETGID, EINVAL, ENOMEM, EPERM, LSM_SETID_FS, LSM_SETID_ID, LSM_SETID_RE, LSM_SETID_RES } from '@lsmkit/abi'
import { from_kgid_munged, gid_valid, make_kgid } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { commitGid, isKept, mayCap, refuse } from './set-ids.ts'

export const setgid = (machine: Machine, gid: number): number => {
  const old = machine.current.task.cred
  const kgid = make_kgid(old.user_ns, gid)
  if (!gid_valid(kgid)) return -EINVAL
  const next = machine.creds.prepare_creds()
  if (next === null) return -ENOMEM
  if (mayCap(machine, CAP_SETGID)) next.gid = next.egid = next.sgid = next.fsgid = kgid
  else if (kgid === old.gid || kgid === old.sgid) next.egid = next.fsgid = kgid
  else return refuse(machine, next, -EPERM)
  return commitGid(machine, next, LSM_SETID_ID)
}

export const setregid = (machine: Machine, rgid: number, egid: number): number => {
  const old = machine.current.task.cred
  const krgid = make_kgid(old.user_ns, rgid)
  const kegid = make_kgid(old.user_ns, egid)
  if ((!isKept(rgid) && !gid_valid(krgid)) || (!isKept(egid) && !gid_valid(kegid))) return -EINVAL
  const next = machine.creds.prepare_creds()
  if (next === null) return -ENOMEM
  if (!isKept(rgid)) {
    if (krgid !== old.gid && krgid !== old.egid && !mayCap(machine, CAP_SETGID)) return refuse(machine, next, -EPERM)
    next.gid = krgid
  }
  if (!isKept(egid)) {
    if (kegid !== old.gid && kegid !== old.egid && kegid !== old.sgid && !mayCap(machine, CAP_SETGID))
      return refuse(machine, next, -EPERM)
    next.egid = kegid
  }
  if (!isKept(rgid) || (!isKept(egid) && kegid !== old.gid)) next.sgid = next.egid
  next.fsgid = next.egid
  return commitGid(machine, next, LSM_SETID_RE)
}

export const setresgid = (machine: Machine, rgid: number, egid: number, sgid: number): number => {
  const old = machine.current.task.cred
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
  if ((isNew(rgid, krgid) || isNew(egid, kegid) || isNew(sgid, ksgid)) && !mayCap(machine, CAP_SETGID)) return -EPERM
  const next = machine.creds.prepare_creds()
  if (next === null) return -ENOMEM
  if (!isKept(rgid)) next.gid = krgid
  if (!isKept(egid)) next.egid = kegid
  if (!isKept(sgid)) next.sgid = ksgid
  next.fsgid = next.egid
  return commitGid(machine, next, LSM_SETID_RES)
}

export const setfsgid = (machine: Machine, gid: number): number => {
  const { creds } = machine
  const old = machine.current.task.cred
  const before = from_kgid_munged(old.user_ns, old.fsgid)
  const kgid = make_kgid(old.user_ns, gid)
  if (!gid_valid(kgid)) return before
  const next = creds.prepare_creds()
  if (next === null) return before
  const may =
    kgid === old.gid || kgid === old.egid || kgid === old.sgid || kgid === old.fsgid || mayCap(machine, CAP_SETGID)
  if (may && kgid !== old.fsgid) {
    next.fsgid = kgid
    if (machine.lsm.task_fix_setgid.ask(next, old, LSM_SETID_FS) === 0) {
      creds.commit_creds(next)
      return before
    }
  }
  creds.abort_creds(next)
  return before
}
