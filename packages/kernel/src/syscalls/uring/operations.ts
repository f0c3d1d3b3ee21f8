/** The operations of a ring by IORING_OP_* (io_uring/opdef.c): each does what the system call of its name does. */
import {
  EOPNOTSUPP, IORING_OP_ACCEPT, IORING_OP_ASYNC_CANCEL, IORING_OP_BIND, IORING_OP_CLOSE, IORING_OP_CONNECT,
  IORING_OP_EPOLL_CTL, IORING_OP_FADVISE, IORING_OP_FALLOCATE, IORING_OP_FGETXATTR, IORING_OP_FILES_UPDATE,
  IORING_OP_FIXED_FD_INSTALL, IORING_OP_FSETXATTR, IORING_OP_FSYNC, IORING_OP_FTRUNCATE, IORING_OP_GETXATTR,
  IORING_OP_LINKAT, IORING_OP_LISTEN, IORING_OP_MADVISE, IORING_OP_MKDIRAT, IORING_OP_NOP, IORING_OP_OPENAT,
  IORING_OP_OPENAT2, IORING_OP_POLL_ADD, IORING_OP_POLL_REMOVE, IORING_OP_READ, IORING_OP_READV, IORING_OP_READ_FIXED,
  IORING_OP_RECV, IORING_OP_RECVMSG, IORING_OP_RENAMEAT, IORING_OP_SEND, IORING_OP_SENDMSG, IORING_OP_SETXATTR,
  IORING_OP_SHUTDOWN, IORING_OP_SOCKET, IORING_OP_SPLICE, IORING_OP_STATX, IORING_OP_SYMLINKAT,
  IORING_OP_SYNC_FILE_RANGE, IORING_OP_TEE, IORING_OP_TIMEOUT, IORING_OP_TIMEOUT_REMOVE, IORING_OP_UNLINKAT,
  IORING_OP_URING_CMD, IORING_OP_WRITE, IORING_OP_WRITEV, IORING_OP_WRITE_FIXED,
} from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import { nameOperations } from './ops/names.ts'
import { plainOperations } from './ops/plain.ts'
import { readWriteOperations } from './ops/read-write.ts'
import { ringOperations } from './ops/ring.ts'
import { socketOperations } from './ops/sockets.ts'
import type { Operation, OperationRow } from './operation.ts'
import type { Request } from '../../state/uring/ring.ts'

const rows: Readonly<Record<number, OperationRow>> = {
  [IORING_OP_NOP]: ringOperations.nop,
  [IORING_OP_READV]: readWriteOperations.readv,
  [IORING_OP_WRITEV]: readWriteOperations.writev,
  [IORING_OP_FSYNC]: plainOperations.fsync,
  [IORING_OP_READ_FIXED]: readWriteOperations.readFixed,
  [IORING_OP_WRITE_FIXED]: readWriteOperations.writeFixed,
  [IORING_OP_POLL_ADD]: ringOperations.pollAdd,
  [IORING_OP_POLL_REMOVE]: ringOperations.pollRemove,
  [IORING_OP_SYNC_FILE_RANGE]: plainOperations.syncFileRange,
  [IORING_OP_SENDMSG]: socketOperations.sendmsg,
  [IORING_OP_RECVMSG]: socketOperations.recvmsg,
  [IORING_OP_TIMEOUT]: ringOperations.timeout,
  [IORING_OP_TIMEOUT_REMOVE]: ringOperations.timeoutRemove,
  [IORING_OP_ACCEPT]: socketOperations.accept,
  [IORING_OP_ASYNC_CANCEL]: ringOperations.asyncCancel,
  [IORING_OP_CONNECT]: socketOperations.connect,
  [IORING_OP_FALLOCATE]: plainOperations.fallocate,
  [IORING_OP_OPENAT]: nameOperations.openat,
  [IORING_OP_CLOSE]: plainOperations.close,
  [IORING_OP_FILES_UPDATE]: ringOperations.filesUpdate,
  [IORING_OP_STATX]: nameOperations.statx,
  [IORING_OP_READ]: readWriteOperations.read,
  [IORING_OP_WRITE]: readWriteOperations.write,
  [IORING_OP_FADVISE]: plainOperations.fadvise,
  [IORING_OP_MADVISE]: plainOperations.madvise,
  [IORING_OP_SEND]: socketOperations.send,
  [IORING_OP_RECV]: socketOperations.recv,
  [IORING_OP_OPENAT2]: nameOperations.openat2,
  [IORING_OP_EPOLL_CTL]: plainOperations.epollCtl,
  [IORING_OP_SPLICE]: plainOperations.splice,
  [IORING_OP_TEE]: plainOperations.tee,
  [IORING_OP_SHUTDOWN]: socketOperations.shutdown,
  [IORING_OP_RENAMEAT]: nameOperations.renameat,
  [IORING_OP_UNLINKAT]: nameOperations.unlinkat,
  [IORING_OP_MKDIRAT]: nameOperations.mkdirat,
  [IORING_OP_SYMLINKAT]: nameOperations.symlinkat,
  [IORING_OP_LINKAT]: nameOperations.linkat,
  [IORING_OP_FSETXATTR]: nameOperations.fsetxattr,
  [IORING_OP_SETXATTR]: nameOperations.setxattr,
  [IORING_OP_FGETXATTR]: nameOperations.fgetxattr,
  [IORING_OP_GETXATTR]: nameOperations.getxattr,
  [IORING_OP_SOCKET]: socketOperations.socket,
  [IORING_OP_URING_CMD]: plainOperations.uringCmd,
  [IORING_OP_FIXED_FD_INSTALL]: ringOperations.fixedFdInstall,
  [IORING_OP_FTRUNCATE]: plainOperations.ftruncate,
  [IORING_OP_BIND]: socketOperations.bind,
  [IORING_OP_LISTEN]: socketOperations.listen,
}

const never = (): boolean => false

const complete = ({ isAsync = never, ...row }: OperationRow): Operation => ({
  needsFile: false,
  hasIoprio: false,
  isPollable: false,
  prep: () => 0,
  ...row,
  isAsync: isAsync === 'always' ? () => true : isAsync,
})

/** As operations that a kernel is built without. */
const unsupported: Operation = complete({
  prep: () => -EOPNOTSUPP, issue: (_machine: Machine, _request: Request) => -EOPNOTSUPP,
})

const operations: ReadonlyMap<number, Operation> = new Map(
  Object.entries(rows).map(([opcode, row]) => [Number(opcode), complete(row)]),
)

export const isSupported = (opcode: number): boolean => operations.has(opcode)

export const operationOf = (opcode: number): Operation => operations.get(opcode) ?? unsupported
