/** Sockets, as the rest of the kernel sees them. */
import type { File, Inode, RequestSock, SkBuff, Sock, Socket, Task } from '@lsmkit/core'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { DatagramWay } from '../state/net/inet-sock.ts'
import type { KernelMsghdr, ScmCreds, SockState } from '../state/net/proto.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'

/** Opens a TCP connection of the host's to an address and port; -errno, or null for ENETUNREACH, where it does not. */
export type Gateway = (to: { readonly addr: string; readonly port: number }, events: OutsideEvents) =>
  OutsideConnection | number | null

/**
 * Opens a way for datagrams of UDP to an address and port of the host's network; -errno, or null for ENETUNREACH, where
 * there is none. A socket has one for each address and port that it sends to, until it is closed.
 */
export type DatagramGateway = (to: { readonly addr: string; readonly port: number }, events: DatagramEvents) =>
  DatagramWay | number | null

/** Events of such a way, from the host. None of it may be called while the kernel calls the host. */
export interface DatagramEvents {
  /** A datagram of the address and port that the way leads to. */
  data(bytes: Uint8Array): void
  /** `errno` is positive: what was sent has not arrived. More may be sent. */
  failed(errno: number): void
}

/**
 * Looks a name up for a program: an address of IPv4 or IPv6 as text, null where there is none. It is called as the
 * program's task.
 */
export type NameService = (name: string) => string | null

export type HeaderPairs = readonly (readonly [name: string, value: string])[]

/** A body of HTTP, in parts. It is read once, and only as quickly as somebody takes it. */
export interface HttpBody {
  readonly parts: AsyncIterable<Uint8Array>
  /** After the last part. */
  readonly trailers: () => HeaderPairs
}

/** A body that a program sends. A part that cannot come is an error of `parts`: the request ends then. */
export interface SentBody extends HttpBody {
  /** Bytes of all parts; null for a body whose length is not known. */
  readonly length: number | null
}

/** A request of HTTP that a program asks the host to make. */
export interface HttpRequest {
  readonly url: string
  readonly method: string
  readonly headers: HeaderPairs
  readonly body: SentBody | null
  /** Milliseconds: to connect, from then on to the first byte, and between bytes. */
  readonly timeouts: { readonly connect: number; readonly firstByte: number; readonly betweenBytes: number }
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: HeaderPairs
  readonly body: HttpBody
}

/**
 * Makes a request as a task, by a socket of it, and answers when the head of the response is there. It rejects, and so
 * do the parts of the body, with an error whose `code` is `refused`, `timeout` (`cause` is the time that has passed:
 * `connect`, `firstByte`, `betweenBytes`) or another, and then the `code` of its `cause` may be that of a system call
 * or of TLS. The signal ends the request, its body too.
 */
export type HttpService = (task: Task, request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>

/** One connection of the host's. */
export interface OutsideConnection {
  /** Bytes to send, in this order; `done` when more may follow. */
  write(bytes: Uint8Array, done: () => void): void
  /** Nothing more is sent. */
  end(): void
  /** More may come again. */
  resume(): void
  /**
   * Nobody is left to read it. Data that was written may still be sent for a while; `destroy` may be called after
   * that.
   */
  leave(): void
  /** Nobody is left to read or write it. */
  destroy(): void
}

/** Events of a connection, from the host. None of it may be called while the kernel calls the host. */
export interface OutsideEvents {
  opened(): void
  /** `errno` is positive: the connection could not be opened, or is broken. */
  failed(errno: number): void
  /** Bytes that have come; the answer is whether more may come at once, else `resume` is called when they may. */
  data(bytes: Uint8Array): boolean
  /** Nothing more comes. */
  ended(): void
}

export interface Net {
  /** Registers its file system. */
  setUp(): void
  readonly unix: {
    /** Null where nobody is at the other end. */
    peerCreds(sk: Sock): ScmCreds | null
  }
  /** As the netlbl_* functions that modules call (core's Host). */
  readonly labels: {
    netlbl_sock_setattr(sk: Sock, option: object | null): number
    netlbl_req_setattr(req: RequestSock, option: object | null): number
    netlbl_skbuff_err(skb: SkBuff, family: number, error: number): void
  }
  /** Options that programs of the kernel set and read: 0 or -errno. */
  readonly programOptions: {
    set(sk: Sock, name: number, value: number): number
    get(sk: Sock, name: number, out: { value: number }): number
  }
  /** Null for an inode of any other file system. */
  SOCKET_I(inode: Inode): Socket | null
  /** A way to send data to a netlink socket, or -errno. */
  attachNetlink(socket: Socket): ((data: Uint8Array | null) => void) | number
  makeDeviceNodes(name: string, ownFiles?: readonly string[]): number
  setup_net(net: PlainNamespace): number
  cleanup_net(net: PlainNamespace): void
  controlSocketsOf(net: PlainNamespace): readonly Socket[]
  sock_sendmsg(sock: Socket, msg: KernelMsghdr, data: GuestBytes, flags: number, nosec?: boolean): number
  sock_recvmsg(sock: Socket, msg: KernelMsghdr, buf: GuestBytes, flags: number, nosec?: boolean): number
  sk_alloc(family: number, type: number, protocol: number, sock: Socket | null): Sock | null
  baseState(sk: Sock, net: PlainNamespace): SockState
  sock_init(sk: Sock, state: SockState): void
  sock_put(sk: Sock): void
  sock_create(family: number, type: number, protocol: number, kern: boolean, net?: PlainNamespace): Socket | number
  netNs(): PlainNamespace
  sock_alloc(type: number): Socket | number
  sock_release(sock: Socket): void
  sock_alloc_file(sock: Socket, flags: number): File | number
  sock_map_fd(sock: Socket, flags: number): number
  sock_from_file(file: File): Socket | null
}
