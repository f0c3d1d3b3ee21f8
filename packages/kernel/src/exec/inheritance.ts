/** Closes what a program that changes its domain must not inherit: open files, pending signals, timers. */
import { S_IFCHR } from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { File, Path, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'
import { MKDEV } from '../vfs/devnum.ts'
import { fdTable } from '../state/vfs/fdtable.ts'

/** MEM_MAJOR, and the null device among its minors. */
const NULL_DEVICE = MKDEV(1, 3)

/** A path to a null device in the kernel's own tmpfs; made when it is first asked for. null: there is no room. */
export const nullDevice = (machine: Machine): (() => Path | null) => {
  let path: Path | null = null
  return () => {
    if (path !== null) return path
    const { shm_mnt, vfs } = machine
    const inode = machine.shmInode(nop_mnt_idmap, shm_mnt.mnt_sb, null, S_IFCHR | 0o666, NULL_DEVICE)
    if (typeof inode === 'number') return null
    path = { mnt: shm_mnt, dentry: vfs.d_alloc_pseudo(shm_mnt.mnt_sb, 'null', inode) }
    return path
  }
}

/** As `replace_fd` for each descriptor, with a reference to the file; without a file they are closed. */
export const replaceFds = (machine: Machine, fds: readonly number[], file: File | null): void => {
  const table = fdTable(machine.current.task)
  for (const fd of fds) {
    const before = file === null ? table.take(fd) : table.replace(fd, file, false)
    if (file !== null) file.f_count++
    if (before !== null) machine.vfs.filp_close(before, table)
  }
  if (file !== null) machine.vfs.fput(file)
}

/** As `clear_itimer`, `flush_signals` and `flush_signal_handlers`, handlers that ignore included. */
export const flushInherited = ({ timers }: Machine, task: Task): void => {
  const signal = signalOf(task)
  const thread = threadOf(task)
  for (const timer of timers.intervalTimers(task)) timers.arm(timer, 0, 0, false)
  thread.pending.clear()
  signal.shared_pending.clear()
  // there are holes in the list
  thread.sighand.action.forEach((action) => {
    if (action !== null) Object.assign(action, { handler: 'default', flags: 0, mask: 0n })
  })
  thread.blocked = 0n
}
