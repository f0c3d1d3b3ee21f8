/**
 * The interface of an address family to the socket layer, and the state of each socket (struct proto_ops, struct sock).
 */
import {
  EPOLLERR, EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDBAND, EPOLLRDNORM, EPOLLWRBAND, EPOLLWRNORM,
} from '@lsmkit/abi'
import type { Sock, Socket } from '@lsmkit/core'
import type { GuestBytes } from '../guest-bytes.ts'
import type { Holder } from '../host-memory.ts'
import { COST } from '../memory-costs.ts'
import type { PlainNamespace } from '../task/namespaces.ts'
import { inodeState } from '../vfs/state.ts'
import type { WaitQueue } from '../vfs/wait.ts'
import type { Pid } from '../task/pid.ts'

export const SS_UNCONNECTED = 1
export const SS_CONNECTING = 2
export const SS_CONNECTED = 3
export const SS_DISCONNECTING = 4
export const TCP_ESTABLISHED = 1
export const TCP_SYN_SENT = 2
export const TCP_SYN_RECV = 3
export const TCP_CLOSE = 7
export const TCP_LISTEN = 10

/** Keys of wakes: data has come (sock_def_readable); there is room (sock_def_write_space). */
export const READABLE = EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND
export const WRITABLE = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND

/** Ancillary data: descriptors are numbers in SCM_RIGHTS, ids in SCM_CREDENTIALS, bytes otherwise. */
export interface Cmsg {
  cmsg_level: number
  cmsg_type: number
  data: readonly number[] | { pid: number; uid: number; gid: number } | GuestBytes
}

/** `struct user_msghdr`. A receive fills in the fields that are not null. */
export interface UserMsghdr {
  msg_name: GuestBytes | null
  msg_namelen?: number
  msg_iov: readonly GuestBytes[]
  /** Null: no room for any. */
  msg_control: Cmsg[] | null
  msg_flags: number
}

/** `struct msghdr`: the same as the kernel has copied it in, its pieces left out. */
export interface KernelMsghdr {
  msg_name: Uint8Array | null
  msg_control: Cmsg[] | null
  msg_flags: number
}

export interface ProtoOps {
  readonly family: number
  release(sock: Socket): void
  bind(sock: Socket, addr: Uint8Array): number
  connect(sock: Socket, addr: Uint8Array, nonblock: boolean): number
  /** -EOPNOTSUPP where the family has no pairs. */
  socketpair(a: Socket, b: Socket): number
  accept(sock: Socket, newsock: Socket, nonblock: boolean): number
  /** The own or the peer's address. */
  getname(sock: Socket, peer: boolean): Uint8Array | number
  listen(sock: Socket, backlog: number): number
  shutdown(sock: Socket, how: number): number
  setsockopt(sock: Socket, level: number, name: number, value: unknown): number
  /** A number or bytes, or `rc` for the result of the call. `given` is the former contents of the caller's buffer. */
  getsockopt(sock: Socket, level: number, name: number, given: unknown): number | Uint8Array | { readonly rc: number }
  /** Copies in the part of `data` that it takes, once, before an LSM sees it. */
  sendmsg(sock: Socket, msg: KernelMsghdr, data: GuestBytes, flags: number): number
  /** Bytes received into `buf`, or -errno. */
  recvmsg(sock: Socket, msg: KernelMsghdr, buf: GuestBytes, flags: number): number
  poll(sock: Socket): number
  /** Bytes a read would give (FIONREAD), or -errno. */
  inq(sock: Socket): number
  /** Other commands. */
  ioctl(sock: Socket, cmd: number, arg: unknown): number
}

/** The state of a sock of any family: `sk_user_data`. */
export interface SockState {
  readonly sk: Sock
  readonly net: PlainNamespace
  readonly wait: WaitQueue
  refs: number
  /** Options that any socket has, by SO_* number. */
  readonly options: Map<number, number>
  /** Reported once, by SO_ERROR. */
  error: number
  /** The filter of SO_ATTACH_FILTER or SO_ATTACH_BPF. It is kept and never run. */
  filter: SocketFilter | null
  /** Its memory on the host's heap, with that of its queue. It is set by sock_init. */
  memory: Holder
}

/** Bytes of a message that waits. */
export const skbCost = (data: Uint8Array): number => COST.skb + data.buffer.byteLength

/** A new sock has the options of another. */
export const copyOptions = (from: SockState, to: SockState): void => {
  const before = to.options.size
  for (const [name, value] of from.options) to.options.set(name, value)
  to.memory.force((to.options.size - before) * COST.sockOption)
}

export interface SocketFilter {
  release(): void
}

/** As `sock_error`: the pending errno, or 0. Reading it clears it. */
export const takeError = (state: SockState): number => {
  const { error } = state
  state.error = 0
  return error
}

/** As `sk_error_report`: sets the errno that the next call returns, and wakes pollers. */
export const reportError = (state: SockState, error: number): void => {
  state.error = error
  state.wait.wake(EPOLLERR)
}

/** Bytes that the smallest message takes in a buffer (SKB_TRUESIZE): what bounds those that hold next to nothing. */
const SKB_TRUESIZE = 768
/** Whether `waiting` messages fill a buffer of `size` bytes, however small they are. */
export const isFullOf = (waiting: number, size: number): boolean => waiting * SKB_TRUESIZE >= size

/**
 * State of a socket that is stored with its inode (struct socket_alloc). It is not in a WeakMap by socket: V8 visits
 * the keys of a WeakMap at each collection, which was a third of the cost of a socket.
 */
export class SocketAlloc {
  socket: Socket | null = null
  /** `struct socket`'s operations; null until its family has made it. */
  ops: ProtoOps | null = null
  /** `system.sockprotoname`, from when the socket got its file. */
  protocolName = ''
  /** `user.*`, null while there are none. */
  xattrs: Map<string, Uint8Array> | null = null
}

const allocOf = ({ inode }: Socket): SocketAlloc => inodeState(inode).fs as SocketAlloc
export const opsOf = (sock: Socket): ProtoOps => allocOf(sock).ops!
export const setOps = (sock: Socket, ops: ProtoOps): void => {
  allocOf(sock).ops = ops
}
export const hasOps = (sock: Socket): boolean => allocOf(sock).ops !== null

/** Makes the family's part of a fresh socket: 0 or -errno. */
export type Family = (sock: Socket, protocol: number, kern: boolean, net: PlainNamespace) => number

export const stateOf = <T extends SockState>(sk: Sock): T => sk.sk_user_data as unknown as T

/** The sender of a message; ids of the initial user namespace. */
export interface ScmCreds {
  readonly pid: Pid | null
  readonly uid: number
  readonly gid: number
}
