/** All builders together: bare objects of no stack, or objects of a stack with the state its LSMs keep on them. */
import { init_user_ns_of, initUserNamespace } from '@lsmkit/core'
import type { Stack } from '@lsmkit/core'
import { fileBuilders } from './files.ts'
import { ipcBuilders } from './ipc.ts'
import { createMaker } from './maker.ts'
import type { Maker } from './maker.ts'
import { socketBuilders } from './sockets.ts'
import { taskBuilders } from './tasks.ts'

const buildersOf = (maker: Maker) => {
  const tasks = taskBuilders(maker)
  const files = fileBuilders(maker)
  return { ...tasks, ...files, ...socketBuilders(maker, files), ...ipcBuilders(maker) }
}
export type Builders = ReturnType<typeof buildersOf>

/**
 * Builders whose objects belong to `stack`: every allocation hook is asked, as a kernel does, and creds are prepared
 * from those of the current task. A hook that refuses throws TestkitError `refused`. `bare…` builders ask nobody.
 */
export const buildersFor = (stack: Stack): Builders =>
  buildersOf(createMaker(stack, true, init_user_ns_of(stack.current.task.cred.user_ns)))

/** Builders of plain objects, for functions that need no stack. All of them live in one user namespace. */
export const createBuilders = (): Builders => buildersOf(createMaker(null, false, initUserNamespace()))
