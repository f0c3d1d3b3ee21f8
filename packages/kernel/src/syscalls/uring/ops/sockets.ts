/** Sockets: making them, addresses, messages (io_uring/net.c). */
import {
  EINVAL, EOPNOTSUPP, SOCKET_URING_OP_GETSOCKOPT, SOCKET_URING_OP_SETSOCKOPT, SOCK_CLOEXEC, SOL_SOCKET,
} from '@lsmkit/abi'
import type { Ref } from '@lsmkit/core'
import type { Machine } from '../../../machine.ts'
import type { UserMsghdr } from '../../../state/net/proto.ts'
import { socketMessageSyscalls } from '../../socket-messages.ts'
import { socketOptionSyscalls } from '../../socket-options.ts'
import type { OptionValue } from '../../socket-options.ts'
import { socketSyscalls } from '../../sockets.ts'
import { bytesOf, direct, guestBytes, numberOf, withDescriptor } from '../operation.ts'
import type { OperationRow } from '../operation.ts'
import type { Request } from '../../../state/uring/ring.ts'

const pointer = <T>(value: unknown): T | null =>
  (typeof value === 'object' && value !== null ? (value as T) : null)

const flagsOf = ({ sqe }: Request): number => sqe.rw_flags ?? 0

/** On the socket behind `fd`. */
const on = (run: (machine: Machine, request: Request, fd: number) => number): OperationRow => ({
  needsFile: true,
  issue: (machine, request) => withDescriptor(machine, request, (fd) => run(machine, request, fd)),
})

const message = (run: (machine: Machine, request: Request, fd: number) => number): OperationRow =>
  ({ ...on(run), hasIoprio: true, prep: ({ sqe }) => ((sqe.ioprio ?? 0) === 0 ? 0 : -EINVAL) })

/** `addr` with `addr2` as its length, as `connect` and `bind` have it. */
const address = (call: typeof socketSyscalls.connect): OperationRow =>
  on((machine, { sqe }, fd) => call(machine, fd, guestBytes(sqe.addr), numberOf(sqe.addr2)))

/** The commands of a socket that are options: `getsockopt` answers the length. Null: it is another command. */
export const socketOption = (machine: Machine, request: Request): number | null => {
  const { cmd_op, level = 0, optname = 0, optlen = 0, optval } = request.sqe
  const isGet = cmd_op === SOCKET_URING_OP_GETSOCKOPT
  if (!isGet && cmd_op !== SOCKET_URING_OP_SETSOCKOPT) return null
  if (machine.net.sock_from_file(request.file!) === null) return null
  return withDescriptor(machine, request, (fd) => {
    if (!isGet) return socketOptionSyscalls.setsockopt(machine, fd, level, optname, optval, optlen)
    if (level !== SOL_SOCKET) return -EOPNOTSUPP
    const len = { value: optlen }
    const rc = socketOptionSyscalls.getsockopt(machine, fd, level, optname, pointer<OptionValue>(optval), len)
    return rc < 0 ? rc : len.value
  })
}

export const socketOperations = {
  socket: {
    prep: (request: Request) => {
      const { sqe } = request
      if (sqe.addr !== undefined || flagsOf(request) !== 0) return -EINVAL
      return (sqe.file_index ?? 0) !== 0 && ((sqe.off ?? 0) & SOCK_CLOEXEC) !== 0 ? -EINVAL : 0
    },
    issue: (machine: Machine, request: Request) => {
      const { fd = 0, off = 0, len = 0 } = request.sqe
      return direct(machine, request, socketSyscalls.socket(machine, fd, off, len))
    },
  },
  bind: address(socketSyscalls.bind),
  connect: address(socketSyscalls.connect),
  listen: on((machine, { sqe }, fd) => socketSyscalls.listen(machine, fd, sqe.len ?? 0)),
  accept: {
    ...message((machine, request, fd) => {
      const { addr, addr2 } = request.sqe
      return direct(machine, request,
        socketSyscalls.accept4(machine, fd, guestBytes(addr), pointer<Ref<number>>(addr2), flagsOf(request)))
    }),
  },
  shutdown: { ...on((machine, { sqe }, fd) => socketSyscalls.shutdown(machine, fd, sqe.len ?? 0)), isAsync: 'always' },
  sendmsg: message((machine, request, fd) =>
    socketMessageSyscalls.sendmsg(machine, fd, pointer<UserMsghdr>(request.sqe.addr), flagsOf(request))),
  recvmsg: message((machine, request, fd) =>
    socketMessageSyscalls.recvmsg(machine, fd, pointer<UserMsghdr>(request.sqe.addr), flagsOf(request))),
  send: message((machine, request, fd) => {
    const bytes = bytesOf(request)
    if (typeof bytes === 'number') return bytes
    const to = guestBytes(request.sqe.addr2)
    return socketMessageSyscalls.sendto(machine, fd, bytes, bytes.length, flagsOf(request), to, to?.length ?? 0)
  }),
  recv: message((machine, request, fd) => {
    const bytes = bytesOf(request)
    if (typeof bytes === 'number') return bytes
    return socketMessageSyscalls.recvfrom(machine, fd, bytes, bytes.length, flagsOf(request), null, null)
  }),
} as const satisfies Record<string, OperationRow>
