/** What an AF_UNIX sock is beside `struct sock`: its name, its peer, what waits in it (struct unix_sock). */
import type { File, Inode, SkBuff, Sock } from '@lsmkit/core'
import type { PlainNamespace } from '../../task/namespaces.ts'
import { WaitQueue } from '../../vfs/wait.ts'
import type { SockState } from '../proto.ts'
import type { ScmCreds } from '../scm.ts'
import { stateOf } from '../socks.ts'

/** Default room for what was not read yet, in bytes; datagrams a socket holds. */
export const SNDBUF = 212992
export const MAX_DGRAM_QLEN = 10

/** A message, or a piece of a stream. */
export interface UnixSkb {
  readonly skb: SkBuff
  readonly data: Uint8Array
  /** What of it has been read. */
  read: number
  files: File[]
  readonly creds: ScmCreds
  readonly secid: number
  /** The sender's name. */
  readonly from: Uint8Array
}

export class UnixSock implements SockState {
  readonly sk: Sock
  readonly net: PlainNamespace
  readonly wait = new WaitQueue()
  refs = 1
  readonly options = new Map<number, number>()
  error = 0
  filter: SockState['filter'] = null
  peer: UnixSock | null = null
  /** sockaddr_un without the family: empty while it has no name. */
  name: Uint8Array = new Uint8Array()
  /** The file of a name that is a path. */
  inode: Inode | null = null
  readonly queue: UnixSkb[] = []
  /** Connections that were not accepted yet (a listener), and how many may be. */
  readonly backlog: UnixSock[] = []
  maxBacklog = 0
  /** RCV_SHUTDOWN 1, SEND_SHUTDOWN 2. */
  shutdown = 0
  dead = false
  /** For SO_PEERCRED: who the peer was at connect or listen. */
  peerCreds: ScmCreds | null = null

  constructor(sk: Sock, net: PlainNamespace) {
    this.sk = sk
    this.net = net
  }

  static of(sk: Sock): UnixSock {
    return stateOf<UnixSock>(sk)
  }

  get bytes(): number {
    return this.queue.reduce((sum, { data, read }) => sum + data.length - read, 0)
  }
}
