/** Stands in for System V IPC and message queues in a kernel that is built without both. */
import type { Ipc } from '../interfaces/ipc.ts'
import type { Machine } from '../machine.ts'
import { EmptyNamespaces } from '../state/task/empty-namespaces.ts'

const absent = (): never => {
  throw new Error('this kernel is built without System V IPC and message queues')
}
const noText = (): string => ''

export const noIpc = (machine: Machine): Ipc => {
  const namespaces = new EmptyNamespaces((ns) => machine.callRcu(() => machine.namespaces.endPlainNs(ns)))
  return {
    namespaces: { of: absent, own: absent },
    setup_ipc_ns(ns) {
      namespaces.begin(ns)
      return 0
    },
    free_ipc_ns: (ns) => namespaces.end(ns),
    texts: { msg: noText, sem: noText, shm: noText },
  }
}
