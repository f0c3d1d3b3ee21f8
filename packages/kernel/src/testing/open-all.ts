/** A task with files of all kinds, for calls that nobody should make. */
import { AT_FDCWD, O_CREAT, O_RDONLY, O_RDWR } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { SysCalls } from '../syscalls/entry.ts'

/** One of each: plain, folder, pipe, sockets, epoll, eventfd, inotify, ptmx. */
export const openAll = (sys: SysCalls, task: Task): void => {
  sys.openat(task, AT_FDCWD, '/tmp/f', O_CREAT | O_RDWR, 0o666)
  sys.openat(task, AT_FDCWD, '/tmp', O_RDONLY, 0)
  sys.pipe(task, [0, 0])
  sys.socketpair(task, 1, 1, 0, [0, 0])
  sys.epoll_create1(task, 0)
  sys.eventfd2(task, 1, 0)
  sys.inotify_init(task)
  sys.openat(task, AT_FDCWD, '/dev/ptmx', O_RDWR, 0)
}
