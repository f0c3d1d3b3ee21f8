/** Files that stand for processes (fs/pidfs.c): poll tells the end; signals, waits and namespaces go through them. */
import {
  ENOMEM, EOPNOTSUPP, EPOLLHUP, EPOLLIN, EPOLLRDNORM, O_RDWR, PIDFD_THREAD, PID_FS_MAGIC, S_IFMT, S_IFREG, S_IMMUTABLE,
  S_PRIVATE,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, File } from '@lsmkit/core'
import { fileOperations, inodeOperations } from '../state/vfs/driver.ts'
import { pseudoSuper } from '../vfs/internal.ts'
import type { Pidfds } from '../interfaces/tasks.ts'
import type { Machine } from '../machine.ts'
import { fdTable, get_unused_fd } from '../state/vfs/fdtable.ts'
import type { Mount } from '../state/vfs/mount.ts'
import { generic_fillattr } from '../vfs/stat.ts'
import { inodeState } from '../state/vfs/state.ts'
import type { Pid } from '../state/task/pid.ts'

export const createPidfds = (machine: Machine): Pidfds => {
  const { current } = machine
  let mount!: Mount
  const dentries = new WeakMap<Pid, Dentry>()

  /** The process, null for a file that is no pidfd. */
  const pidOf = (file: File): Pid | null =>
    file.f_inode.i_sb === mount.mnt_sb ? (inodeState(file.f_inode).fs as Pid) : null

  const operations = fileOperations({
    poll(file) {
      const { task } = pidOf(file)!
      if (task === null) return EPOLLIN | EPOLLRDNORM | EPOLLHUP
      const ended = task.exit_state !== 0 && (task.group_leader !== task || machine.exits.isGroupGone(task))
      return ended ? EPOLLIN | EPOLLRDNORM : 0
    },
  })

  /** Programs expect no type in the mode of a pidfd, and nothing about it can be changed. */
  const inodeOps = inodeOperations({
    getattr({ dentry }, stat) {
      generic_fillattr(nop_mnt_idmap, dentry.d_inode!, stat)
      stat.mode &= ~S_IFMT
      return 0
    },
    setattr: () => -EOPNOTSUPP,
  })

  /** The place of a process that nobody has a pidfd of yet; null where an LSM refuses its inode. */
  const dentryOf = (pid: Pid, { mnt_sb }: Mount): Dentry | null => {
    const inode = machine.vfs.new_inode(mnt_sb, S_IFREG | 0o700, inodeOps, operations, pid)
    if (inode === null) return null
    inode.i_flags |= S_PRIVATE | S_IMMUTABLE
    const dentry = machine.vfs.d_alloc_pseudo(mnt_sb, 'anon_inode:[pidfd]', inode)
    dentries.set(pid, dentry)
    return dentry
  }

  /** As `pidfs_alloc_file`: opening goes through the same door as any file, so LSMs are asked file_open. */
  const openFile = (pid: Pid, flags: number): File | number => {
    const { vfs } = machine
    const dentry = dentries.get(pid) ?? dentryOf(pid, mount)
    if (dentry === null) return -ENOMEM
    const file = vfs.dentry_open({ mnt: mount, dentry }, O_RDWR | (flags & ~PIDFD_THREAD), current.task.cred)
    if (typeof file !== 'number') file.f_flags |= flags & PIDFD_THREAD
    return file
  }

  /** A descriptor, close-on-exec as all pidfds; -errno otherwise. */
  const create = (pid: Pid, flags: number): number => {
    const fd = get_unused_fd(current.task, true)
    if (fd < 0) return fd
    const file = openFile(pid, flags)
    if (typeof file === 'number') {
      fdTable(current.task).free(fd)
      return file
    }
    fdTable(current.task).install(fd, file)
    return fd
  }

  /** Once, at boot. */
  const setUp = (): void => {
    mount = pseudoSuper(machine, 'pidfs', PID_FS_MAGIC, {
      evict_inode: (inode) => void dentries.delete(inodeState(inode).fs as Pid),
    })
  }

  return { create, pidOf, setUp }
}
