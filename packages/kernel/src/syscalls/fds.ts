/** Descriptors: close, dup, pipe and their variants (fs/file.c, fs/open.c). */
import {
  CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_UNSHARE, EBADF, EBUSY, EFAULT, EINTR, EINVAL, ENOMEM, ERESTARTSYS, ERESTARTNOINTR,
  O_CLOEXEC, O_DIRECT, O_NONBLOCK,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { dup_from, fdLimit, fdTable, fget_raw, get_unused_fd, unshare_fd } from '../state/vfs/fdtable.ts'

/** A close that was interrupted has closed the descriptor all the same. */
const closeResult = (rc: number): number => (rc === -ERESTARTSYS || rc === -ERESTARTNOINTR ? -EINTR : rc)

const close = (machine: Machine, fd: number): number => {
  const table = fdTable(machine.current.task)
  const file = table.take(fd)
  if (file === null) return -EBADF
  const rc = machine.vfs.filp_flush(file, table)
  machine.vfs.fput_sync(file)
  return closeResult(rc)
}

const close_range = (machine: Machine, first: number, last: number, flags: number): number => {
  if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) !== 0 || first >>> 0 > last >>> 0) return -EINVAL
  const { task } = machine.current
  const rc = (flags & CLOSE_RANGE_UNSHARE) !== 0 ? unshare_fd(task, machine.account) : 0
  if (rc !== 0) return rc
  const table = fdTable(task)
  for (const fd of [...table.open(first >>> 0, last >>> 0)]) {
    if ((flags & CLOSE_RANGE_CLOEXEC) !== 0) table.close_on_exec[fd] = true
    else machine.vfs.filp_close(table.take(fd) as File, table)
  }
  return 0
}

const dup = (machine: Machine, oldfd: number): number => {
  const file = fget_raw(machine.current.task, oldfd)
  return file === null ? -EBADF : dup_from(machine.current.task, file, 0, false)
}

const dup3 = (machine: Machine, oldfd: number, newfd: number, flags: number): number => {
  const { task } = machine.current
  if ((flags & ~O_CLOEXEC) !== 0 || oldfd === newfd) return -EINVAL
  if (newfd < 0 || newfd >= fdLimit(task)) return -EBADF
  const table = fdTable(task)
  const file = table.get(oldfd)
  if (file === null) return -EBADF
  if (table.isReserved(newfd)) return -EBUSY
  if (!table.reserve(newfd)) return -ENOMEM
  file.f_count++
  const before = table.replace(newfd, file, (flags & O_CLOEXEC) !== 0)
  if (before !== null) machine.vfs.filp_close(before, table)
  return newfd
}

/** A descriptor onto itself changes nothing, but it has to be open. */
const dup2 = (machine: Machine, oldfd: number, newfd: number): number => {
  if (oldfd !== newfd) return dup3(machine, oldfd, newfd, 0)
  return fget_raw(machine.current.task, oldfd) === null ? -EBADF : oldfd
}

const pipe2 = (machine: Machine, fds: number[] | null, flags: number): number => {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) !== 0) return -EINVAL
  const ends = machine.vfs.create_pipe_files(flags)
  if (typeof ends === 'number') return ends
  const { task } = machine.current
  const cloexec = (flags & O_CLOEXEC) !== 0
  const reading = get_unused_fd(task, cloexec)
  const writing = reading < 0 ? reading : get_unused_fd(task, cloexec)
  if (writing < 0 || fds === null) {
    if (reading >= 0) fdTable(task).free(reading)
    if (writing >= 0) fdTable(task).free(writing)
    ends.forEach(machine.vfs.fput)
    return writing < 0 ? writing : -EFAULT
  }
  fdTable(task).install(reading, ends[0])
  fdTable(task).install(writing, ends[1])
  fds[0] = reading
  fds[1] = writing
  return 0
}

const pipe = (machine: Machine, fds: number[] | null): number => pipe2(machine, fds, 0)

export const fdSyscalls = { close, close_range, dup, dup2, dup3, pipe, pipe2 }
