/** The ipc namespace of a task. Its tables are made at first use. */
import type { Machine } from '../machine.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'
import { threadOf } from '../state/task/thread.ts'
import { IpcNamespace } from '../state/ipc/namespace.ts'

export const ipcNamespaceOf = (machine: Machine, ns: PlainNamespace): IpcNamespace => {
  const known = machine.ipcTable.namespaces.get(ns)
  if (known !== undefined) return known
  const made = new IpcNamespace(ns)
  machine.ipcTable.namespaces.set(ns, made)
  return made
}

/** The caller's. */
export const ownIpcNamespace = (machine: Machine): IpcNamespace =>
  ipcNamespaceOf(machine, threadOf(machine.current.task).nsproxy.ipc_ns)

/** The namespace, which is gone then; null when it is gone already. */
export const takeIpcNamespace = (machine: Machine, ns: PlainNamespace): IpcNamespace | null => {
  const known = machine.ipcTable.namespaces.get(ns) ?? null
  machine.ipcTable.namespaces.delete(ns)
  return known
}
