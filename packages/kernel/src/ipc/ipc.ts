/** System V IPC and message queues of one machine, as the rest of the kernel sees them. */
import type { Ipc } from '../interfaces/ipc.ts'
import type { Machine } from '../machine.ts'
import { bound } from '../state/bound.ts'
import { IpcTable } from '../state/ipc/table.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'
import { stopWaiting } from './checks.ts'
import { mountFor, mqueueSuperOps, mqueueType, queueDirOps, queueFileOps, unmountFor } from './mqueue-fs.ts'
import { freeque } from './msgctl.ts'
import { ipcNamespaceOf, ownIpcNamespace, takeIpcNamespace } from './namespaces.ts'
import { msgText, semText, shmText } from './proc-text.ts'
import { copySemUndo, exitSemUndo } from './sem-undo.ts'
import { freeary } from './semctl.ts'
import { attachmentOps } from './shm-attach.ts'
import { removeSegment } from './shm.ts'

/** A namespace has the queues that its tasks mount. */
const setup_ipc_ns = (machine: Machine, plain: PlainNamespace): number =>
  machine.without.has('mqueue') ? 0 : mountFor(machine, plain)

/** Ends a namespace without tasks and mappings: a worker of the kernel removes what is left. */
const free_ipc_ns = (machine: Machine, plain: PlainNamespace): void => {
  const ns = takeIpcNamespace(machine, plain)
  if (ns === null) return
  machine.callRcu(() => {
    unmountFor(machine, ns)
    for (const set of ns.sem.inOrder()) freeary(machine, ns, set)
    for (const queue of ns.msg.inOrder()) freeque(machine, ns, queue)
    for (const segment of ns.shm.inOrder()) removeSegment(machine, ns, segment)
    machine.namespaces.endPlainNs(plain)
  })
}

export const createIpc = (machine: Machine): Ipc => {
  machine.ipcTable = new IpcTable({
    attachment: attachmentOps(machine),
    queue_fops: queueFileOps(machine),
    queueDir: queueDirOps(machine),
    mqueueSuper: mqueueSuperOps(machine),
    mqueueType: mqueueType(machine),
  })
  const { undo, ends, exits } = bound(machine, { undo: copySemUndo, ends: stopWaiting, exits: exitSemUndo })
  machine.onFork.push(undo)
  machine.onExit.push(ends, exits)
  machine.onUnshareIpc = exits
  return {
    namespaces: bound(machine, { of: ipcNamespaceOf, own: ownIpcNamespace }),
    ...bound(machine, { setup_ipc_ns, free_ipc_ns }),
    texts: bound(machine, { msg: msgText, sem: semText, shm: shmText }),
  }
}
