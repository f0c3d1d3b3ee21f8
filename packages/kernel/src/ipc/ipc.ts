/** System V IPC of one machine: its parts, put together in the order they need one another. */
import type { KeyMap } from '@lsmkit/core'
import type { Ipc } from '../interfaces/ipc.ts'
import type { Machine } from '../machine.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'
import { ipcChecks } from './checks.ts'
import { mqueueFs } from './mqueue-fs.ts'
import { mqueueSyscalls } from './mqueue.ts'
import { msgSyscalls } from './msg.ts'
import { freeque } from './msgctl.ts'
import { ipcNamespaces } from './namespaces.ts'
import type { IpcParts } from './parts.ts'
import { sysvipcTexts } from './proc-text.ts'
import { freeary } from './semctl.ts'
import { semUndo } from './sem-undo.ts'
import { semSyscalls } from './sem.ts'
import { shmAttachments } from './shm-attach.ts'
import { shmSegments } from './shm.ts'

export const createIpc = (lsm: KeyMap, machine: Machine): Ipc => {
  const namespaces = ipcNamespaces(machine)
  const checks = ipcChecks(lsm, machine)
  const undo = semUndo(machine)
  const segments = shmSegments(lsm, machine, namespaces, checks)
  const { shmget, shmctl } = segments
  const parts: IpcParts = { machine, namespaces, checks, undo }
  const mqueues = mqueueFs(lsm, machine, namespaces)
  machine.onFork.push(undo.onFork)
  machine.onExit.push(checks.stopWaiting, undo.exit)
  machine.onUnshareIpc = undo.exit

  /** Nobody is in it any more, and nothing of it is mapped. A worker of the kernel takes away what is left. */
  const free_ipc_ns = (plain: PlainNamespace): void => {
    const ns = namespaces.take(plain)
    if (ns === null) return
    machine.callRcu(() => {
      mqueues.unmountFor(ns)
      for (const set of ns.sem.inOrder()) freeary(parts, ns, set)
      for (const queue of ns.msg.inOrder()) freeque(parts, ns, queue)
      for (const segment of ns.shm.inOrder()) segments.removeSegment(ns, segment)
      machine.namespaces.endPlainNs(plain)
    })
  }

  return {
    namespaces,
    free_ipc_ns,
    mqueues,
    texts: sysvipcTexts(machine, namespaces),
    calls: {
      ...msgSyscalls(parts),
      ...semSyscalls(parts),
      ...shmAttachments(lsm, machine, namespaces, checks, segments),
      shmget,
      shmctl,
      ...mqueueSyscalls(lsm, machine, namespaces, mqueues),
    },
  }
}
