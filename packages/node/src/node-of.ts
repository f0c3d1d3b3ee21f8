/** All of them for one task. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { guardedConnect } from './connect.ts'
import type { Connect } from './connect.ts'
import { guardedFetch } from './fetch.ts'
import { taskFs } from './fs/task-fs.ts'
import type { TaskFs } from './fs/task-fs-types.ts'
import { guardedSpawn } from './spawn.ts'
import type { Spawn } from './spawn.ts'

export interface NodeOf {
  readonly fs: TaskFs
  readonly connect: Connect
  readonly fetch: typeof fetch
  readonly spawn: Spawn
}

/** Node's interfaces as the task has them: `fs`, `connect`, `fetch`, `spawn`. */
export const nodeOf = (kernel: Kernel, task: Task): NodeOf => ({
  fs: taskFs(kernel, task),
  connect: guardedConnect(kernel, task),
  fetch: guardedFetch(kernel, task),
  spawn: guardedSpawn(kernel, task),
})
