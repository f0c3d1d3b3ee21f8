/** Preopened directories: descriptors 3 and up, as every libc expects them, whatever the task has open already. */
import { AT_FDCWD, errnoName, F_DUPFD, O_CLOEXEC, O_DIRECTORY, O_PATH, WASI_RIGHTS_ALL } from '@lsmkit/abi'
import { INHERITING } from './rights.ts'
import type { Process } from './process.ts'

type Preopens = Readonly<Record<string, string>>

export const WHOLE_TREE: Preopens = { '/': '/' }

const FIRST = 3

/**
 * Opens them without the right to read them (O_PATH), so that a program needs permission for what it does and not for
 * starting. '' or the reason why one cannot be had.
 */
export const openPreopens = (process: Process, preopens: Preopens): string => {
  const { sys, task, descriptors } = process
  const names = Object.entries(preopens)
  for (let fd = FIRST; fd < FIRST + names.length; fd++) {
    if ((task.files?.fd[fd] ?? null) === null) continue
    const away = sys.fcntl(task, fd, F_DUPFD, FIRST + names.length)
    if (away < 0) return `descriptor ${fd}: ${errnoName(away)}`
    sys.close(task, fd)
  }
  for (const [i, [name, path]] of names.entries()) {
    const opened = sys.openat(task, AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0)
    if (opened < 0) return `preopen \`${path}\`: ${errnoName(opened)}`
    const fd = FIRST + i
    if (opened !== fd) {
      const rc = sys.dup3(task, opened, fd, O_CLOEXEC)
      if (rc < 0) return `preopen \`${path}\`: ${errnoName(rc)}`
      sys.close(task, opened)
    }
    const descriptor = descriptors.open(fd, WASI_RIGHTS_ALL, INHERITING)
    if (descriptor !== null) descriptor.preopen = new TextEncoder().encode(name)
  }
  return ''
}
