/** State of an AF_UNIX sock beside `struct sock`: its name, its peer, and its queue (struct unix_sock). */
import { PAGE_SIZE, SO_SNDBUF } from '@lsmkit/abi'
import type { File, Inode, SkBuff, Sock } from '@lsmkit/core'
import type { Holder } from '../host-memory.ts'
import type { ScmCreds } from './proto.ts'
import type { PlainNamespace } from '../task/namespaces.ts'
import { WaitQueue } from '../vfs/wait.ts'
import type { SockState } from './proto.ts'
import { stateOf, WRITABLE } from './proto.ts'

/** The default size of a send buffer, in bytes, and the datagrams that a socket holds. */
export const SNDBUF = 212992
export const MAX_DGRAM_QLEN = 10

const CACHE_LINE = 64
/** Bytes of the kernel's own for each message: `struct sk_buff`, and `struct skb_shared_info` behind the data. */
const SK_BUFF_SIZE = 256
const SHARED_INFO_SIZE = 320
const upTo = (size: number, unit: number): number => Math.ceil(size / unit) * unit

/** Bytes that a message takes of its sender's buffer: `head` in one piece, `paged` in pages (skb->truesize). */
export const truesizeOf = (head: number, paged: number): number =>
  2 ** Math.ceil(Math.log2(upTo(head, CACHE_LINE) + SHARED_INFO_SIZE)) + SK_BUFF_SIZE + upTo(paged, PAGE_SIZE)

/** A message, or a piece of a stream. */
export interface UnixSkb {
  readonly skb: SkBuff
  readonly data: Uint8Array
  /** Bytes that have been read. */
  read: number
  files: File[]
  readonly creds: ScmCreds | null
  readonly secid: number
  /** The sender, whose send buffer the message counts in. */
  readonly from: UnixSock
  readonly truesize: number
  /** Bytes that the sender's memory is charged with. */
  readonly cost: number
  /** The receiver, in whose queue it is, and the uid that its descriptors count for. */
  readonly to: UnixSock
  readonly payer: number
}

export class UnixSock implements SockState {
  readonly sk: Sock
  readonly net: PlainNamespace
  readonly wait = new WaitQueue()
  /** Others that wait for room: for a datagram in its queue, for a connection in its backlog. */
  readonly peer_wait = new WaitQueue()
  /** Ends `relayRoom`. */
  #relayed: (() => void) | null = null
  refs = 1
  readonly options = new Map<number, number>()
  error = 0
  filter: SockState['filter'] = null
  memory!: Holder
  peer: UnixSock | null = null
  /** sockaddr_un without the family: empty while it has no name. */
  name: Uint8Array = new Uint8Array()
  /** The file of a name that is a path. */
  inode: Inode | null = null
  readonly queue: UnixSkb[] = []
  /** Bytes of its own messages that are not read yet (sk_wmem_alloc). */
  wmem = 0
  /** Connections that were not accepted yet (a listener), and how many may be. */
  readonly backlog: UnixSock[] = []
  maxBacklog = 0
  /** The listener, while the connection is in its backlog. */
  listener: UnixSock | null = null
  /** RCV_SHUTDOWN 1, SEND_SHUTDOWN 2. */
  shutdown = 0
  dead = false
  /** Credentials of the peer at connect or listen, for SO_PEERCRED. */
  peerCreds: ScmCreds | null = null

  constructor(sk: Sock, net: PlainNamespace) {
    this.sk = sk
    this.net = net
  }

  static of(sk: Sock): UnixSock {
    return stateOf<UnixSock>(sk)
  }

  get sndbuf(): number {
    return this.options.get(SO_SNDBUF) ?? SNDBUF
  }
  /** As `unix_writable`, of one that does not listen: three quarters of the room are free. */
  get isWritable(): boolean {
    return (this.wmem + 1) * 4 <= this.sndbuf
  }
  /** As `unix_dgram_peer_wake_me`: room in the peer's queue wakes who polls this socket, once. */
  relayRoom(): void {
    this.#relayed ??= this.peer!.peer_wait.subscribe(() => {
      this.#relayed = null
      this.wait.wake(WRITABLE)
    })
  }

  /** As `unix_dgram_peer_wake_disconnect_wakeup`: the peer will not be the peer any more. */
  endRelay(): void {
    if (this.#relayed === null) return
    this.#relayed()
    this.#relayed = null
    this.wait.wake(WRITABLE)
  }

  has(option: number): boolean {
    return (this.options.get(option) ?? 0) !== 0
  }

  get bytes(): number {
    return this.queue.reduce((sum, { data, read }) => sum + data.length - read, 0)
  }
}
