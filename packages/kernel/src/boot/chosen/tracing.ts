/** tracefs and debugfs. */
import { debugfs } from '../../fs/tracing/debugfs.ts'
import { tracefs } from '../../fs/tracing/tracefs.ts'
import type { Subsystem } from '../subsystem.ts'

export const tracing: Subsystem = {
  name: 'tracing',
  setUp(machine, { pseudo }) {
    const type = tracefs(machine, pseudo())
    machine.registerFilesystem(type)
    machine.registerFilesystem(debugfs(machine, pseudo(), type))
  },
}
