/** sock_accept, sock_recv, sock_send, sock_shutdown: on sockets that the task has, for preview 1 makes none. */
import {
  MSG_PEEK, MSG_TRUNC, MSG_WAITALL, O_NONBLOCK, SHUT_RD, SHUT_RDWR, SHUT_WR, wasiErrno, WASI_ERRNO_BADF,
  WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_NOTCAPABLE, WASI_ERRNO_NOTSOCK, WASI_ERRNO_SUCCESS,
  WASI_FDFLAGS_NONBLOCK, WASI_FILETYPE_SOCKET_DGRAM, WASI_FILETYPE_SOCKET_STREAM, WASI_RIFLAGS_RECV_PEEK,
  WASI_RIFLAGS_RECV_WAITALL, WASI_RIGHTS_ALL, WASI_RIGHTS_FD_READ, WASI_RIGHTS_FD_WRITE, WASI_RIGHTS_SOCK_ACCEPT,
  WASI_RIGHTS_SOCK_SHUTDOWN, WASI_ROFLAGS_RECV_DATA_TRUNCATED, WASI_SDFLAGS_RD, WASI_SDFLAGS_WR,
} from '@lsmkit/abi'
import { bound } from '@lsmkit/kernel/boot'
import type { Process } from '../process.ts'
import type { Answer } from '../waiting/waits.ts'
import { Io, messageInto } from './io.ts'
import type { Handlers } from './table.ts'

const RIFLAGS = WASI_RIFLAGS_RECV_PEEK | WASI_RIFLAGS_RECV_WAITALL
const HOW: ReadonlyMap<number, number> = new Map([
  [WASI_SDFLAGS_RD, SHUT_RD], [WASI_SDFLAGS_WR, SHUT_WR], [WASI_SDFLAGS_RD | WASI_SDFLAGS_WR, SHUT_RDWR],
])

/** 0 when `fd` is a socket that has `right`. */
const check = (io: Io, fd: number, right: number): number => {
  const { descriptors } = io
  const descriptor = descriptors.find(fd)
  if (descriptor === null) return WASI_ERRNO_BADF
  const { type, base } = descriptor
  if (type !== WASI_FILETYPE_SOCKET_STREAM && type !== WASI_FILETYPE_SOCKET_DGRAM) return WASI_ERRNO_NOTSOCK
  return (base & right) !== 0 ? WASI_ERRNO_SUCCESS : WASI_ERRNO_NOTCAPABLE
}

const sock = {
  sock_accept(io, fd, flags, opened_fd) {
    const { memory, waits, sys, task, descriptors } = io
    opened_fd >>>= 0
    const error = check(io, fd, WASI_RIGHTS_SOCK_ACCEPT)
    if (error !== WASI_ERRNO_SUCCESS) return error
    if ((flags & ~WASI_FDFLAGS_NONBLOCK) !== 0) return WASI_ERRNO_INVAL
    if (!memory.has(opened_fd, 4)) return WASI_ERRNO_FAULT
    return waits(() => sys.accept4(task, fd, null, null, flags === 0 ? 0 : O_NONBLOCK), (opened) => {
      if (opened < 0) return wasiErrno(opened)
      descriptors.open(opened, WASI_RIGHTS_ALL, 0)
      memory.view.setUint32(opened_fd, opened, true)
      return WASI_ERRNO_SUCCESS
    })
  },
  sock_recv(io, fd, iovs, iovs_len, ri_flags, nread, ro_flags) {
    const { memory, waits, sys, task, budget } = io
    nread >>>= 0
    ro_flags >>>= 0
    const error = check(io, fd, WASI_RIGHTS_FD_READ) || io.iovecs.gather(iovs, iovs_len)
    if (error !== WASI_ERRNO_SUCCESS) return error
    if ((ri_flags & ~RIFLAGS) !== 0) return WASI_ERRNO_INVAL
    if (!memory.has(nread, 4) || !memory.has(ro_flags, 2)) return WASI_ERRNO_FAULT
    const flags =
      ((ri_flags & WASI_RIFLAGS_RECV_PEEK) !== 0 ? MSG_PEEK : 0) |
      ((ri_flags & WASI_RIFLAGS_RECV_WAITALL) !== 0 ? MSG_WAITALL : 0)
    const msg = messageInto(io, null)
    return waits(() => sys.recvmsg(task, fd, msg, flags), (rc) => {
      if (rc < 0) return wasiErrno(rc)
      budget.spendBytes(rc)
      memory.view.setUint32(nread, rc, true)
      memory.view.setUint16(ro_flags, (msg.msg_flags & MSG_TRUNC) !== 0 ? WASI_ROFLAGS_RECV_DATA_TRUNCATED : 0, true)
      return WASI_ERRNO_SUCCESS
    })
  },
  /** There are no flags to send with. */
  sock_send(io, fd, iovs, iovs_len, si_flags, nwritten) {
    const { memory, waits, sys, task, budget } = io
    nwritten >>>= 0
    const error = check(io, fd, WASI_RIGHTS_FD_WRITE) || io.iovecs.gather(iovs, iovs_len)
    if (error !== WASI_ERRNO_SUCCESS) return error
    if (si_flags !== 0) return WASI_ERRNO_INVAL
    if (!memory.has(nwritten, 4)) return WASI_ERRNO_FAULT
    const msg = messageInto(io, null)
    return waits(() => sys.sendmsg(task, fd, msg, 0), (rc) => {
      if (rc < 0) return wasiErrno(rc)
      budget.spendBytes(rc)
      memory.view.setUint32(nwritten, rc, true)
      return WASI_ERRNO_SUCCESS
    })
  },
  sock_shutdown(io, fd, how) {
    const { sys, task } = io
    const error = check(io, fd, WASI_RIGHTS_SOCK_SHUTDOWN)
    if (error !== WASI_ERRNO_SUCCESS) return error
    const linux = HOW.get(how)
    return linux === undefined ? WASI_ERRNO_INVAL : wasiErrno(sys.shutdown(task, fd, linux))
  },
} satisfies Handlers<Io, Answer>

export const sockImports = (process: Process) => bound(new Io(process), sock)
