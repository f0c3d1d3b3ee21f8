/** Files that stand for processes (fs/pidfs.c): poll reports the end; signals, waits and namespaces accept them. */
import {
  ENOMEM, EOPNOTSUPP, EPOLLHUP, EPOLLIN, EPOLLRDNORM, O_RDWR, PIDFD_THREAD, PID_FS_MAGIC, S_IFMT, S_IFREG, S_IMMUTABLE,
  S_PRIVATE,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, File } from '@lsmkit/core'
import { bound } from '../state/bound.ts'
import { fileOperations, inodeOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import { pseudoSuper } from '../vfs/internal.ts'
import type { Pidfds } from '../interfaces/tasks.ts'
import type { Machine } from '../machine.ts'
import { fdTable, get_unused_fd } from '../state/vfs/fdtable.ts'
import { generic_fillattr } from '../vfs/stat.ts'
import { inodeState } from '../state/vfs/state.ts'
import { WaitQueue } from '../state/vfs/wait.ts'
import { PidfdTable } from '../state/task/pidfd-table.ts'
import type { Pid } from '../state/task/pid.ts'

/** The process that a pidfd stands for; null if the file is not a pidfd. */
const pidOf = (machine: Machine, file: File): Pid | null =>
  file.f_inode.i_sb === machine.pidfdTable.mount.mnt_sb ? (inodeState(file.f_inode).fs as Pid) : null

const pidfsOperations = (machine: Machine): FileOperations => fileOperations({
  poll(file) {
    const { task } = pidOf(machine, file)!
    if (task === null) return EPOLLIN | EPOLLRDNORM | EPOLLHUP
    const ended = task.exit_state !== 0 && (task.group_leader !== task || machine.exits.isGroupGone(task))
    return ended ? EPOLLIN | EPOLLRDNORM : 0
  },
  poll_queue: (file) => (pidOf(machine, file)!.wait_pidfd ??= new WaitQueue()),
})

/** Programs expect no type in the mode of a pidfd. Its attributes cannot be changed. */
const inodeOps = inodeOperations({
  getattr({ dentry }, stat) {
    generic_fillattr(nop_mnt_idmap, dentry.d_inode!, stat)
    stat.mode &= ~S_IFMT
    return 0
  },
  setattr: () => -EOPNOTSUPP,
})

/** Makes the dentry of a process that has no pidfd yet; null if an LSM refuses its inode. */
const dentryOf = (machine: Machine, pid: Pid): Dentry | null => {
  const { mount: { mnt_sb }, operations, dentries } = machine.pidfdTable
  const inode = machine.vfs.new_inode(mnt_sb, S_IFREG | 0o700, inodeOps, operations, pid)
  if (inode === null) return null
  inode.i_flags |= S_PRIVATE | S_IMMUTABLE
  const dentry = machine.vfs.d_alloc_pseudo(mnt_sb, 'anon_inode:[pidfd]', inode)
  dentries.set(pid, dentry)
  return dentry
}

/** As `pidfs_alloc_file`: it is opened as any file, so `file_open` of the LSMs is asked. */
const openFile = (machine: Machine, pid: Pid, flags: number): File | number => {
  const { vfs, current, pidfdTable: { mount: mnt, dentries } } = machine
  const dentry = dentries.get(pid) ?? dentryOf(machine, pid)
  if (dentry === null) return -ENOMEM
  const file = vfs.dentry_open({ mnt, dentry }, O_RDWR | (flags & ~PIDFD_THREAD), current.task.cred)
  if (typeof file !== 'number') file.f_flags |= flags & PIDFD_THREAD
  return file
}

/** A descriptor, close-on-exec as all pidfds are, or -errno. */
const create = (machine: Machine, pid: Pid, flags: number): number => {
  const { task } = machine.current
  const fd = get_unused_fd(task, true)
  if (fd < 0) return fd
  const file = openFile(machine, pid, flags)
  if (typeof file === 'number') {
    fdTable(task).free(fd)
    return file
  }
  fdTable(task).install(fd, file)
  return fd
}

/** Registers the file system, once at boot. */
const setUp = (machine: Machine): void => {
  const mount = pseudoSuper(machine, 'pidfs', PID_FS_MAGIC, {
    evict_inode: (inode) => void machine.pidfdTable.dentries.delete(inodeState(inode).fs as Pid),
  })
  machine.pidfdTable = new PidfdTable(mount, pidfsOperations(machine))
}

export const createPidfds = (machine: Machine): Pidfds => bound(machine, { create, pidOf, setUp })
