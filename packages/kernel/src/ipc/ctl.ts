/** Commands that shmctl(2), semctl(2) and msgctl(2) have in common: the same checks in the same order (ipc/util.c). */
import { EACCES, EFAULT, EINVAL, IPC_STAT } from '@lsmkit/abi'
import type { KernIpcPerm, AnyKeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { IpcIds, IpcObject } from '../state/ipc/ids.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { ipcperms, obtain, obtainOwned } from './checks.ts'
import { S_IRUGO } from './parts.ts'
import { ipcStat } from './stat.ts'

/** How the commands reach one kind of object. */
export interface IpcKind<T extends IpcObject> {
  readonly ids: (ns: IpcNamespace) => IpcIds<T>
  /** Asks the hook of the call. */
  readonly ask: (lsm: AnyKeyMap, perm: KernIpcPerm, cmd: number) => number
  /** The command that reads the state of an object without permission to read it. */
  readonly statAny: number
}

/** IPC_SET and IPC_RMID: the object, if its owner asks and the LSMs allow it; else -errno. */
export const obtainToChange = <T extends IpcObject>(
  machine: Machine, kind: IpcKind<T>, ns: IpcNamespace, id: number, cmd: number,
): T | number => {
  const object = obtainOwned(machine, ns.user_ns, kind.ids(ns), id)
  if (typeof object === 'number') return object
  const rc = kind.ask(machine.lsm, object.perm, cmd)
  return rc !== 0 ? rc : object
}

/** IPC_STAT, by id, and the other STAT commands, by index: `details` are the fields of the kind. */
export const readStat = <T extends IpcObject>(
  machine: Machine, kind: IpcKind<T>, ns: IpcNamespace, id: number, cmd: number, buf: object | null,
  details: (object: T) => object,
): number => {
  const ids = kind.ids(ns)
  const object = cmd === IPC_STAT ? obtain(machine, ids, id) : (ids.at(id) ?? -EINVAL)
  if (typeof object === 'number') return object
  if (cmd !== kind.statAny && !ipcperms(machine, ns.user_ns, object.perm, S_IRUGO)) return -EACCES
  const rc = kind.ask(machine.lsm, object.perm, cmd)
  if (rc !== 0) return rc
  if (buf === null) return -EFAULT
  Object.assign(buf, ipcStat(machine.current.task.cred.user_ns, object.perm), details(object))
  return cmd === IPC_STAT ? 0 : object.perm.id
}

/** IPC_INFO and its like, which concern no single object: the highest index in use, or -errno. */
export const readInfo = <T extends IpcObject>(
  machine: Machine, kind: IpcKind<T>, ns: IpcNamespace, cmd: number, buf: object | null, info: () => object,
): number => {
  const rc = kind.ask(machine.lsm, null as never, cmd)
  if (rc !== 0) return rc
  if (buf === null) return -EFAULT
  Object.assign(buf, info())
  return Math.max(kind.ids(ns).maxIndex, 0)
}
