/** Open files that come from another process or a table of the kernel's (fs/file.c). */
import type { File } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fdTable, get_unused_fd } from '../state/vfs/fdtable.ts'

/** As `receive_fd`: the LSMs are asked about the file, then the caller gets a descriptor of it. Or -errno. */
export const receive_fd = (machine: Machine, file: File, cloexec: boolean): number => {
  const rc = machine.lsm.file_receive.ask(file)
  if (rc !== 0) return rc
  const { task } = machine.current
  const fd = get_unused_fd(task, cloexec)
  if (fd < 0) return fd
  file.f_count++
  fdTable(task).install(fd, file)
  return fd
}
