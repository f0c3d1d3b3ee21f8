/** sock_accept, sock_recv, sock_send, sock_shutdown: told apart from other files, and not supported yet. */
import {
  WASI_ERRNO_BADF, WASI_ERRNO_NOTSOCK, WASI_ERRNO_NOTSUP, WASI_FILETYPE_SOCKET_DGRAM, WASI_FILETYPE_SOCKET_STREAM,
} from '@lsmkit/abi'
import type { Process } from '../process.ts'
import type { Preview1 } from './table.ts'

export const sockImports = ({ descriptors }: Process) => {
  const refuse = (fd: number): number => {
    const descriptor = descriptors.find(fd)
    if (descriptor === null) return WASI_ERRNO_BADF
    const { type } = descriptor
    const isSocket = type === WASI_FILETYPE_SOCKET_STREAM || type === WASI_FILETYPE_SOCKET_DGRAM
    return isSocket ? WASI_ERRNO_NOTSUP : WASI_ERRNO_NOTSOCK
  }
  return {
    sock_accept: (fd, _flags, _opened_fd) => refuse(fd),
    sock_recv: (fd, _iovs, _iovs_len, _ri_flags, _nread, _ro_flags) => refuse(fd),
    sock_send: (fd, _iovs, _iovs_len, _si_flags, _nwritten) => refuse(fd),
    sock_shutdown: (fd, _how) => refuse(fd),
  } satisfies Partial<Preview1>
}
