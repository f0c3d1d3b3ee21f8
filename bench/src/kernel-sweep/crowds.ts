/** All crowds by name. */
import { descriptorCrowds } from './crowds/descriptors.ts'
import { fileCrowds } from './crowds/files.ts'
import { ipcCrowds } from './crowds/ipc.ts'
import { mountCrowds } from './crowds/mounts.ts'
import { socketCrowds } from './crowds/sockets.ts'
import { taskCrowds } from './crowds/tasks.ts'
import type { Crowds } from './stage.ts'

export const crowds: Crowds = {
  ...fileCrowds, ...mountCrowds, ...taskCrowds, ...descriptorCrowds, ...ipcCrowds, ...socketCrowds,
}
