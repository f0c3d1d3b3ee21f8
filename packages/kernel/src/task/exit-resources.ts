/** Resources that a task releases when it ends: files, directories, memory; at exec, its signal handlers. */
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fdTable } from '../state/vfs/fdtable.ts'
import type { FdTable } from '../state/vfs/fdtable.ts'
import { Sighand } from '../state/task/thread.ts'

export const exit_files = (machine: Machine, task: Task): void => {
  if (task.files === null) return
  const table = fdTable(task)
  task.files = null
  put_files_struct(machine, table)
}

export const put_files_struct = (machine: Machine, table: FdTable): void => {
  if (--table.count !== 0) return
  for (const fd of [...table.open()]) machine.vfs.filp_close(table.take(fd)!, table)
  table.release()
}

export const exit_fs = (machine: Machine, task: Task): void => {
  const { fs } = task
  if (fs === null) return
  task.fs = null
  if (--fs.users !== 0) return
  machine.vfs.path_put(fs.root)
  machine.vfs.path_put(fs.pwd)
}

export const exit_mm = (machine: Machine, task: Task): void => {
  const { mm } = task
  if (mm === null) return
  task.mm = null
  machine.mms.mmput(mm)
}

/** As `unshare_sighand`. */
export const unshare_sighand = (sighand: Sighand): Sighand => {
  if (sighand.count === 1) return sighand
  sighand.count--
  const own = new Sighand()
  sighand.action.forEach((action, sig) => (own.action[sig] = action === null ? null : { ...action }))
  return own
}
