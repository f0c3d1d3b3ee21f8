/**
 * The last steps of a call that changes ids: the LSMs are asked, the process is counted, the credentials are installed.
 */
import { PF_NPROC_EXCEEDED, RLIMIT_NPROC } from '@lsmkit/abi'
import { ns_capable_setid } from '@lsmkit/core'
import type { Cred } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { rlimit } from '../state/task/rlimits.ts'

/** An argument of -1, signed or not, leaves an id as it is. */
export const isKept = (id: number): boolean => id >>> 0 === 0xffffffff

export const mayCap = (
  machine: Machine, cap: number,
): boolean => ns_capable_setid(machine.lsm, machine.current, machine.current.task.cred.user_ns, cap)

/** As `flag_nproc_exceeded`: a user over the limit fails at its next exec, not here. */
const flag_nproc_exceeded = (machine: Machine, next: Cred): void => {
  const me = machine.current.task
  if (next.uid === me.cred.uid) return
  const over = next.uid !== 0 && machine.tasks.ofUser.of(next.uid) > rlimit(me, RLIMIT_NPROC)
  me.flags = over ? me.flags | PF_NPROC_EXCEEDED : me.flags & ~PF_NPROC_EXCEEDED
}

export const refuse = (machine: Machine, next: Cred, rc: number): number => {
  machine.creds.abort_creds(next)
  return rc
}

export const commitUid = (machine: Machine, next: Cred, how: number): number => {
  const rc = machine.lsm.task_fix_setuid.ask(next, machine.current.task.cred, how)
  if (rc < 0) return refuse(machine, next, rc)
  flag_nproc_exceeded(machine, next)
  return machine.creds.commit_creds(next)
}

export const commitGid = (machine: Machine, next: Cred, how: number): number => {
  const rc = machine.lsm.task_fix_setgid.ask(next, machine.current.task.cred, how)
  return rc < 0 ? refuse(machine, next, rc) : machine.creds.commit_creds(next)
}
