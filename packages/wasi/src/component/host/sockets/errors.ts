/** `error-code` of wasi:sockets: its number, by the errno of a system call. */
import {
  EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, EALREADY, ECONNABORTED, ECONNREFUSED, ECONNRESET,
  EDESTADDRREQ, EHOSTUNREACH, EINPROGRESS, EINVAL, EISCONN, EMFILE, EMSGSIZE, ENETDOWN, ENETUNREACH, ENFILE, ENOBUFS,
  ENOMEM, ENOPROTOOPT, ENOTCONN, EOPNOTSUPP, EPERM, EPROTONOSUPPORT, ETIMEDOUT,
} from '@lsmkit/abi'
import type { Callee } from '../../callee.ts'

/** In the order of the interface. */
const NAMES = [
  'unknown', 'access-denied', 'not-supported', 'invalid-argument', 'out-of-memory', 'timeout', 'concurrency-conflict',
  'not-in-progress', 'would-block', 'invalid-state', 'new-socket-limit', 'address-not-bindable', 'address-in-use',
  'remote-unreachable', 'connection-refused', 'connection-reset', 'connection-aborted', 'datagram-too-large',
  'name-unresolvable', 'temporary-resolver-failure', 'permanent-resolver-failure',
] as const

export type SocketError = typeof NAMES[number]

export const SOCKET_ERROR_NAMES: readonly string[] = NAMES

const BY_ERRNO: ReadonlyMap<number, SocketError> = new Map<number, SocketError>([
  [EACCES, 'access-denied'], [EPERM, 'access-denied'], [EOPNOTSUPP, 'not-supported'],
  [EAFNOSUPPORT, 'not-supported'], [EPROTONOSUPPORT, 'not-supported'], [ENOPROTOOPT, 'not-supported'],
  [EINVAL, 'invalid-argument'], [EDESTADDRREQ, 'invalid-argument'], [ENOMEM, 'out-of-memory'],
  [ENOBUFS, 'out-of-memory'], [ETIMEDOUT, 'timeout'], [EALREADY, 'would-block'], [EAGAIN, 'would-block'],
  [EINPROGRESS, 'would-block'], [EISCONN, 'invalid-state'], [ENOTCONN, 'invalid-state'], [EMFILE, 'new-socket-limit'],
  [ENFILE, 'new-socket-limit'], [EADDRNOTAVAIL, 'address-not-bindable'], [EADDRINUSE, 'address-in-use'],
  [ENETUNREACH, 'remote-unreachable'], [EHOSTUNREACH, 'remote-unreachable'], [ENETDOWN, 'remote-unreachable'],
  [ECONNREFUSED, 'connection-refused'], [ECONNRESET, 'connection-reset'], [ECONNABORTED, 'connection-aborted'],
  [EMSGSIZE, 'datagram-too-large'],
])

/** Null where a call went well: `rc` is 0, more, or -errno. */
export const socketError = (rc: number): SocketError | null => (rc >= 0 ? null : BY_ERRNO.get(-rc) ?? 'unknown')

/** The number of an error. */
export const socketErrorNumber = (error: SocketError): number => NAMES.indexOf(error)

/** The `result` of a call: whether it went well. The value behind it is aligned to `align`. */
export const putSocketResult = (callee: Callee, ret: number, error: SocketError | null, align = 1): boolean => {
  callee.put8(ret, error === null ? 0 : 1)
  if (error !== null) callee.put8(ret + align, NAMES.indexOf(error))
  return error === null
}
