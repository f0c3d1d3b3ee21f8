/** `struct ipc64_perm`, which IPC_STAT returns for each kind of object. Ids are those of the caller's namespace. */
import { from_kgid_munged, from_kuid_munged } from '@lsmkit/core'
import type { Task, UserNamespace } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { Pid } from '../state/task/pid.ts'
import { threadOf } from '../state/task/thread.ts'
import type { IpcPerm } from '../state/ipc/ids.ts'

export interface IpcStat {
  key: number
  uid: number
  gid: number
  cuid: number
  cgid: number
  mode: number
  seq: number
}

export const ipcStat = (ns: UserNamespace, { key, uid, gid, cuid, cgid, mode, seq }: IpcPerm): IpcStat => ({
  key,
  uid: from_kuid_munged(ns, uid),
  gid: from_kgid_munged(ns, gid),
  cuid: from_kuid_munged(ns, cuid),
  cgid: from_kgid_munged(ns, cgid),
  mode,
  seq,
})

/** The process, as objects remember it when it is gone. */
export const tgidOf = (task: Task): Pid => threadOf(task.group_leader!).pid

/** As `pid_vnr`: the number that the caller sees; 0 without a process, or if the caller cannot see it. */
export const nrOf = (machine: Machine, pid: Pid | null): number => pid?.nr(machine.tasks.activeNs) ?? 0
