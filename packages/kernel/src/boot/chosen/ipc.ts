/** System V IPC and POSIX message queues. */
import { mqueueSyscalls, sysvipcSyscalls } from '../../ipc/calls.ts'
import { createIpc } from '../../ipc/ipc.ts'
import type { Subsystem } from '../subsystem.ts'

export const ipc: Subsystem = {
  name: 'ipc',
  calls: [
    { calls: sysvipcSyscalls, subsystem: 'sysvipc' },
    { calls: mqueueSyscalls, subsystem: 'mqueue' },
  ],
  setUp(machine) {
    machine.ipc = createIpc(machine)
  },
  mount: (machine) => machine.registerFilesystem(machine.ipcTable.mqueueType),
}
