/** Supplementary groups (kernel/groups.c). */
import { CAP_SETGID, EFAULT, EINVAL, ENOMEM, EPERM, NGROUPS_MAX } from '@lsmkit/abi'
import { from_kgid_munged, gid_valid, make_kgid } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { mayCap, refuse } from './set-ids.ts'
import { maySetgroups } from './user-ns.ts'

/** The list is sorted, as the kernel keeps it. */
export const setgroups = (machine: Machine, size: number, given: readonly number[] | null): number => {
  const { creds } = machine
  const list = given?.slice(0, Math.max(0, Math.min(size, NGROUPS_MAX))) ?? null
  const { user_ns } = machine.current.task.cred
  // may_setgroups: the capability is asked before the namespace's own rule
  if (!mayCap(machine, CAP_SETGID) || !maySetgroups(user_ns)) return -EPERM
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
  const old = machine.current.task.cred
  if (!creds.set_groups(next, gid)) return refuse(machine, next, -ENOMEM)
  const rc = machine.lsm.task_fix_setgroups.ask(next, old)
  return rc < 0 ? refuse(machine, next, rc) : creds.commit_creds(next)
}

/** With size 0 only counts; `list` is filled in place. */
export const getgroups = (machine: Machine, size: number, list: number[] | null): number => {
  const { user_ns, group_info } = machine.current.task.cred
  const { gid } = group_info
  if (size < 0) return -EINVAL
  if (size === 0) return gid.length
  if (gid.length > size) return -EINVAL
  if (list === null) return gid.length === 0 ? 0 : -EFAULT
  gid.forEach((kgid, i) => (list[i] = from_kgid_munged(user_ns, kgid)))
  return gid.length
}
