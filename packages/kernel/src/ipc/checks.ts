/** Permission checks of System V IPC objects, and the tasks that sleep on one (ipc/util.c). */
import {
  CAP_IPC_OWNER, CAP_SYS_ADMIN, EACCES, EEXIST, EIDRM, EINVAL, ENOENT, EPERM, IPC_CREAT, IPC_EXCL, IPC_PRIVATE,
} from '@lsmkit/abi'
import { gid_valid, in_group, make_kgid, make_kuid, ns_capable, uid_valid } from '@lsmkit/core'
import type { KernIpcPerm, Task, UserNamespace } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { audit_ipc_obj } from '../state/audit-names.ts'
import { S_IRWXUGO } from '../state/ipc/ids.ts'
import type { IpcIds, IpcObject, IpcPerm } from '../state/ipc/ids.ts'

/** The steps in which the three `get` calls differ. */
export interface GetOps<T> {
  getnew(): number
  associate(perm: KernIpcPerm, flag: number): number
  /** Refusals that come before permissions: the object found is too small. */
  moreChecks(object: T): number
}

/** IPC_SET's part of the buffers. */
export interface IpcPermSet {
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

/** As `ipcperms`: whether mode bits, CAP_IPC_OWNER and the LSMs allow what the bits of `flag` ask for. */
export const ipcperms = (machine: Machine, user_ns: UserNamespace, perm: IpcPerm, flag: number): boolean => {
  const { cred } = machine.current.task
  audit_ipc_obj(machine, perm)
  const requested = (flag >> 6) | (flag >> 3) | flag
  let granted = perm.mode
  if (cred.euid === perm.cuid || cred.euid === perm.uid) granted >>= 6
  else if (in_group(cred, perm.cgid) || in_group(cred, perm.gid)) granted >>= 3
  if ((requested & ~granted & 7) !== 0 && !ns_capable(machine.lsm, machine.current, user_ns, CAP_IPC_OWNER))
    return false
  return machine.lsm.ipc_permission.ask(perm, flag) === 0
}

/** As `ipcget`: an id, made or found. */
export const ipcget = <T extends IpcObject>(
  machine: Machine, user_ns: UserNamespace, ids: IpcIds<T>, key: number, flag: number, ops: GetOps<T>,
): number => {
  if (key === IPC_PRIVATE) return ops.getnew()
  const found = ids.withKey(key)
  if (found === null) return (flag & IPC_CREAT) === 0 ? -ENOENT : ops.getnew()
  if ((flag & IPC_CREAT) !== 0 && (flag & IPC_EXCL) !== 0) return -EEXIST
  const rc = ops.moreChecks(found)
  if (rc !== 0) return rc
  if (!ipcperms(machine, user_ns, found.perm, flag)) return -EACCES
  return ops.associate(found.perm, flag) || found.perm.id
}

/** The object a call is about; -EIDRM when it went away while the caller slept on it. */
export const obtain = <T extends IpcObject>(machine: Machine, ids: IpcIds<T>, id: number): T | number => {
  const { task } = machine.current
  const before = machine.ipcTable.sleptOn.get(task)
  if (before !== undefined && before.perm.id !== id) stopWaiting(machine, task)
  machine.ipcTable.sleptOn.delete(task)
  const object = ids.check(id)
  if (object !== null) return object
  return before !== undefined && before.perm.deleted && before.perm.id === id ? -EIDRM : -EINVAL
}

/** As `ipcctl_obtain_check`: for IPC_SET and IPC_RMID, which owner, creator and CAP_SYS_ADMIN may do. */
export const obtainOwned = <T extends IpcObject>(
  machine: Machine, user_ns: UserNamespace, ids: IpcIds<T>, id: number,
): T | number => {
  const object = obtain(machine, ids, id)
  if (typeof object === 'number') return object
  const { euid } = machine.current.task.cred
  const { perm } = object
  if (euid === perm.cuid || euid === perm.uid) return object
  return ns_capable(machine.lsm, machine.current, user_ns, CAP_SYS_ADMIN) ? object : -EPERM
}

/** As `ipc_update_perm`. */
export const updatePerm = (machine: Machine, perm: IpcPerm, { uid, gid, mode }: IpcPermSet): number => {
  const { user_ns } = machine.current.task.cred
  const kuid = make_kuid(user_ns, uid)
  const kgid = make_kgid(user_ns, gid)
  if (!uid_valid(kuid) || !gid_valid(kgid)) return -EINVAL
  perm.uid = kuid
  perm.gid = kgid
  perm.mode = (perm.mode & ~S_IRWXUGO) | (mode & S_IRWXUGO)
  return 0
}

export const sleepOnIpc = (machine: Machine, perm: IpcPerm, leave: () => void = () => {}): void => {
  machine.ipcTable.sleptOn.set(machine.current.task, { perm, leave })
}

/** The task ends, or goes on with something else. */
export const stopWaiting = (machine: Machine, task: Task): void => {
  machine.ipcTable.sleptOn.get(task)?.leave()
  machine.ipcTable.sleptOn.delete(task)
}
