/** Calls on user and group ids (kernel/sys.c, kernel/groups.c). */
import { EFAULT } from '@lsmkit/abi'
import { from_kgid_munged, from_kuid_munged } from '@lsmkit/core'
import type { Ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { setgroups, getgroups } from '../task/groups.ts'
import { setgid, setregid, setresgid, setfsgid } from '../task/set-gids.ts'
import { setuid, setreuid, setresuid, setfsuid } from '../task/set-uids.ts'

const fill = (refs: readonly (Ref<number> | null)[], values: readonly number[]): number => {
  for (let i = 0; i < values.length; i++) {
    const ref = refs[i]
    if (!ref) return -EFAULT
    ref.value = values[i]!
  }
  return 0
}

const uidOf = (machine: Machine, kuid: number): number => from_kuid_munged(machine.current.task.cred.user_ns, kuid)

const gidOf = (machine: Machine, kgid: number): number => from_kgid_munged(machine.current.task.cred.user_ns, kgid)

const getuid = (machine: Machine): number => uidOf(machine, machine.current.task.cred.uid)

const geteuid = (machine: Machine): number => uidOf(machine, machine.current.task.cred.euid)

const getgid = (machine: Machine): number => gidOf(machine, machine.current.task.cred.gid)

const getegid = (machine: Machine): number => gidOf(machine, machine.current.task.cred.egid)

const getresuid = (
  machine: Machine, ruid: Ref<number> | null, euid: Ref<number> | null, suid: Ref<number> | null,
): number => {
  const { cred } = machine.current.task
  return fill([ruid, euid, suid], [uidOf(machine, cred.uid), uidOf(machine, cred.euid), uidOf(machine, cred.suid)])
}

const getresgid = (
  machine: Machine, rgid: Ref<number> | null, egid: Ref<number> | null, sgid: Ref<number> | null,
): number => {
  const { cred } = machine.current.task
  return fill([rgid, egid, sgid], [gidOf(machine, cred.gid), gidOf(machine, cred.egid), gidOf(machine, cred.sgid)])
}

export const uidSyscalls = {
  setuid, setgid, setreuid, setregid, setresuid, setresgid, setfsuid, setfsgid, setgroups, getgroups, getuid, geteuid,
  getgid, getegid, getresuid, getresgid,
}
