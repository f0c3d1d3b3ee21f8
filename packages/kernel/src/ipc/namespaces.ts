/** Which ipc namespace is whose: each is made when it is first asked for. */
import type { Machine } from '../machine.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'
import { threadOf } from '../state/task/thread.ts'
import { IpcNamespace } from '../state/ipc/namespace.ts'

export const ipcNamespaces = (machine: Machine) => {
  const all = new WeakMap<PlainNamespace, IpcNamespace>()

  const of = (ns: PlainNamespace): IpcNamespace => {
    const known = all.get(ns)
    if (known !== undefined) return known
    const made = new IpcNamespace(ns)
    all.set(ns, made)
    return made
  }

  /** The caller's. */
  const own = (): IpcNamespace => of(threadOf(machine.current.task).nsproxy.ipc_ns)

  /** The namespace, which is gone then; null when it is gone already. */
  const take = (ns: PlainNamespace): IpcNamespace | null => {
    const known = all.get(ns) ?? null
    all.delete(ns)
    return known
  }

  return { of, own, take }
}
export type IpcNamespaces = ReturnType<typeof ipcNamespaces>
