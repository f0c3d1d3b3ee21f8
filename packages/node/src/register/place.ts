/** Where a process is and which modes it makes files with, for a task. */
import type { TaskFiles } from '@lsmkit/kernel/files'
import { wrongType } from '../fs/arguments/argument-error.ts'
import { modeOf } from '../fs/arguments/checks.ts'

export const placeOf = (files: TaskFiles): Pick<NodeJS.Process, 'chdir' | 'cwd' | 'umask'> => ({
  cwd: () => files.cwd(),
  chdir: (folder: string) => {
    if (typeof folder !== 'string') throw wrongType('directory', ['string'], folder)
    files.chdir(folder)
  },
  umask: (mask?: number | string) => {
    const { sys, task } = files
    const before = sys.umask(task, mask === undefined ? 0 : modeOf(mask, 'mask'))
    if (mask === undefined) sys.umask(task, before)
    return before
  },
})
