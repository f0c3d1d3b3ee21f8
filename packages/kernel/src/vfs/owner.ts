/** The owner of an open file, which gets SIGIO (F_SETOWN of fs/fcntl.c). */
import { EINVAL, ESRCH, F_OWNER_PGRP, F_OWNER_PID, F_OWNER_TID, SIGIO } from '@lsmkit/abi'
import type { File, FownStruct, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { Pid } from '../state/task/pid.ts'
import { fileState } from '../state/vfs/state.ts'
import type { FileOwner } from '../state/vfs/state.ts'

/** As `__f_setown`. The hook is called for a new owner, not for the removal of one. */
const setOwner = (machine: Machine, file: File, pid: Pid | null, type: number): void => {
  const owner: FownStruct = file.f_owner ?? { pid: 0, uid: 0, euid: 0, signum: 0, file }
  file.f_owner = owner
  fileState(file).makeRare().owner = { pid, type }
  owner.pid = pid === null ? 0 : pid.numbers[0]! * (type === F_OWNER_PGRP ? -1 : 1)
  if (pid === null) return
  machine.lsm.file_set_fowner.tell(file)
  owner.uid = machine.current.task.cred.uid
  owner.euid = machine.current.task.cred.euid
}

/** F_SETOWN: a negative number is a process group, 0 removes the owner. */
export const f_setown = (machine: Machine, file: File, who: number): number => {
  if (who === -0x80000000) return -EINVAL
  return f_setown_ex(machine, file, who < 0 ? F_OWNER_PGRP : F_OWNER_PID, Math.abs(who))
}

export const f_setown_ex = (machine: Machine, file: File, type: number, nr: number): number => {
  if (type !== F_OWNER_TID && type !== F_OWNER_PID && type !== F_OWNER_PGRP) return -EINVAL
  const pid = nr === 0 ? null : machine.tasks.findVpid(nr)
  if (nr !== 0 && pid === null) return -ESRCH
  setOwner(machine, file, pid, type)
  return 0
}

const isAlive = ({ pid, type }: FileOwner): boolean =>
  pid !== null && (type === F_OWNER_PGRP ? pid.group.size > 0 : pid.task !== null)

/** The number of the owner in the caller's pid namespace; 0 if there is no owner. */
export const ownerNr = (machine: Machine, file: File): number => {
  const owner = fileState(file).rare?.owner ?? null
  return owner === null || owner.pid === null || !isAlive(owner) ? 0 : owner.pid.nr(machine.tasks.activeNs)
}

export const f_getown = (machine: Machine, file: File): number =>
  fileState(file).rare?.owner?.type === F_OWNER_PGRP ? -ownerNr(machine, file) : ownerNr(machine, file)

/** As `sigio_perm`: whether the task that set the owner may signal it. */
const sigio_perm = (machine: Machine, task: Task, fown: FownStruct, sig: number): boolean => {
  const { uid, suid } = task.real_cred
  const isOwn = fown.euid === suid || fown.euid === uid || fown.uid === suid || fown.uid === uid
  return (fown.euid === 0 || isOwn) && machine.lsm.file_send_sigiotask.ask(task, fown, sig) === 0
}

/** As `send_sigio`: sends SIGIO, or the signal of F_SETSIG, to the owner of an open file. */
export const send_sigio = (machine: Machine, file: File): void => {
  const owner = fileState(file).rare?.owner ?? null
  const fown = file.f_owner
  if (owner === null || owner.pid === null || fown === null) return
  const tasks = owner.type === F_OWNER_PGRP ? [...owner.pid.group] : owner.pid.task === null ? [] : [owner.pid.task]
  for (const task of tasks)
    if (sigio_perm(machine, task, fown, fown.signum)) machine.sendSignal(task, fown.signum === 0 ? SIGIO : fown.signum)
}
