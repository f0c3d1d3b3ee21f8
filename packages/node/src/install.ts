/**
 * `@lsmkit/node/install`: puts a task's `fs` in the place of `node:fs` for the modules that are loaded from now on.
 * That is an aid while you develop, and no confinement: a program may reach Node's own calls in other ways.
 */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import { taskFs } from './fs/task-fs.ts'
import type { TaskFs } from './fs/task-fs-types.ts'
import { replaceForImport, replaceForRequire } from './register/modules.ts'
import { placeOf } from './register/place.ts'
import { installProcessStreams } from './register/streams.ts'

/**
 * From now on `require` and `import` of `fs` and `fs/promises` give the files of the task, and `process.cwd`, `chdir`
 * and `umask` are the task's. Its descriptors 0 to 2 become those of this process. Node still reads modules from the
 * host. Works once in a process.
 */
export const installFs = (kernel: Kernel, task: Task): TaskFs => {
  const fs = taskFs(kernel, task)
  installProcessStreams(kernel, task)
  replaceForRequire(fs)
  replaceForImport(fs)
  Object.assign(process, placeOf(new TaskFiles(kernel, task)))
  return fs
}
