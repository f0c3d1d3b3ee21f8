/** Other operations on open files: their size, what is written back, copies, commands of drivers. */
import {
  EBADF, EFAULT, EINVAL, EOPNOTSUPP, IORING_FSYNC_DATASYNC, IORING_URING_CMD_FIXED,
} from '@lsmkit/abi'
import type { EpollEvent } from '../../../vfs/epoll.ts'
import type { Machine } from '../../../machine.ts'
import { copySyscalls } from '../../copies.ts'
import { epollSyscalls } from '../../epolls.ts'
import { fdSyscalls } from '../../fds.ts'
import { memorySyscalls } from '../../memory.ts'
import { oldFileSyscalls } from '../../old-files.ts'
import { rangeSyscalls } from '../../ranges.ts'
import { fdTable } from '../../../state/vfs/fdtable.ts'
import { fileState } from '../../../state/vfs/state.ts'
import { numberOf, placeFile, withDescriptor } from '../operation.ts'
import type { OperationRow } from '../operation.ts'
import { ringOf } from '../ring-of-fd.ts'
import { socketOption } from './sockets.ts'
import type { Request } from '../../../state/uring/ring.ts'

/** On the file behind `fd`, by a worker. */
const slow = (run: (machine: Machine, request: Request, fd: number) => number): OperationRow => ({
  needsFile: true,
  isAsync: 'always',
  issue: (machine, request) => withDescriptor(machine, request, (fd) => run(machine, request, fd)),
})

/** POSIX_FADV_NORMAL, _RANDOM and _SEQUENTIAL change a number; others look at pages. */
const FAST_ADVICE: ReadonlySet<number> = new Set([0, 1, 2])

/** A descriptor, or with `file_index` a registered file. A ring is not closed by a ring. */
const close = (machine: Machine, { ring, sqe }: Request): number => {
  const index = sqe.file_index ?? 0
  if (index !== 0) {
    const { files } = ring
    if (files === null) return -EINVAL
    if (index > files.length || index < 1) return -EINVAL
    if (files[index - 1] === null) return -EBADF
    placeFile(machine, files, index - 1, null)
    return 0
  }
  const fd = sqe.fd ?? 0
  const file = fdTable(machine.current.task).get(fd)
  if (file === null || ringOf(machine, file) !== null) return -EBADF
  return fdSyscalls.close(machine, fd)
}

/** As `io_uring_cmd`: the driver is asked after the LSMs. */
const uringCmd = (machine: Machine, request: Request): number => {
  const { sqe, file } = request
  const command = fileState(file!).f_op.uring_cmd
  if (command === null) return -EOPNOTSUPP
  const cmd = { file: file!, cmd_op: sqe.cmd_op ?? 0, flags: sqe.rw_flags ?? 0 }
  const rc = machine.lsm.uring_cmd.ask(cmd)
  return rc !== 0 ? rc : (socketOption(machine, request) ?? command(cmd))
}

export const plainOperations = {
  fsync: {
    ...slow((machine, { sqe }, fd) =>
      (((sqe.rw_flags ?? 0) & IORING_FSYNC_DATASYNC) !== 0 ? rangeSyscalls.fdatasync : rangeSyscalls.fsync)(
        machine, fd)),
    prep: ({ sqe }: Request) => (((sqe.rw_flags ?? 0) & ~IORING_FSYNC_DATASYNC) !== 0 ? -EINVAL : 0),
  },
  syncFileRange: slow((machine, { sqe }, fd) =>
    oldFileSyscalls.sync_file_range(machine, fd, sqe.off ?? 0, sqe.len ?? 0, sqe.rw_flags ?? 0)),
  fallocate: slow((machine, { sqe }, fd) =>
    rangeSyscalls.fallocate(machine, fd, sqe.len ?? 0, sqe.off ?? 0, numberOf(sqe.addr))),
  ftruncate: slow((machine, { sqe }, fd) => rangeSyscalls.ftruncate(machine, fd, sqe.off ?? 0)),
  fadvise: {
    ...slow((machine, { sqe }, fd) =>
      rangeSyscalls.fadvise64(machine, fd, sqe.off ?? 0, numberOf(sqe.addr ?? sqe.len), sqe.rw_flags ?? 0)),
    isAsync: ({ sqe }: Request) => !FAST_ADVICE.has(sqe.rw_flags ?? 0),
  },
  madvise: {
    isAsync: 'always',
    issue: (machine: Machine, { sqe }: Request) =>
      memorySyscalls.madvise(machine, numberOf(sqe.addr), sqe.off ?? sqe.len ?? 0, sqe.rw_flags ?? 0),
  },
  close: { issue: close },
  epollCtl: {
    issue: (machine: Machine, { sqe }: Request) =>
      epollSyscalls.epoll_ctl(machine, sqe.fd ?? 0, sqe.len ?? 0, sqe.off ?? 0,
        typeof sqe.addr === 'object' ? (sqe.addr as EpollEvent | null) : null),
  },
  splice: slow((machine, { sqe }, fd) => {
    const from = sqe.splice_off_in ?? -1
    const to = sqe.off ?? -1
    return copySyscalls.splice(machine, sqe.splice_fd_in ?? 0, from === -1 ? null : { value: from }, fd,
      to === -1 ? null : { value: to }, sqe.len ?? 0, sqe.rw_flags ?? 0)
  }),
  tee: slow((machine, { sqe }, fd) =>
    copySyscalls.tee(machine, sqe.splice_fd_in ?? 0, fd, sqe.len ?? 0, sqe.rw_flags ?? 0)),
  uringCmd: {
    needsFile: true,
    isPollable: true,
    prep: ({ ring, sqe }: Request) => {
      const flags = sqe.rw_flags ?? 0
      if ((flags & ~IORING_URING_CMD_FIXED) !== 0) return -EINVAL
      const isRegistered = (ring.buffers?.[sqe.buf_index ?? 0] ?? null) !== null
      return (flags & IORING_URING_CMD_FIXED) !== 0 && !isRegistered ? -EFAULT : 0
    },
    issue: uringCmd,
  },
} as const satisfies Record<string, OperationRow>
