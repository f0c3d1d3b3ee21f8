/** State of an SCTP sock beside `struct sock`: an endpoint, its associations, and messages (struct sctp_sock). */
import { SOCK_STREAM } from '@lsmkit/abi'
import type { SctpAssociation, Sock } from '@lsmkit/core'
import { skbCost } from './proto.ts'
import { stateOf } from './proto.ts'
import type { Endpoint } from './addresses.ts'
import { InetSock } from './inet-sock.ts'

export class Association implements SctpAssociation {
  base: { sk: Sock }
  secid = 0
  peer_secid = 0
  readonly id: number
  readonly remote: Endpoint
  /** The association of the other side; null if it has ended, or was never opened. */
  peer: Association | null = null

  constructor(sk: Sock, remote: Endpoint, id: number) {
    this.base = { sk }
    this.remote = remote
    this.id = id
  }

  get endpoint(): SctpSock {
    return SctpSock.of(this.base.sk)
  }
}

export interface SctpMessage {
  readonly asoc: Association
  readonly data: Uint8Array
  read: number
}

export class SctpSock extends InetSock {
  /** Associations; those of a one-to-one listener wait for accept(2). */
  readonly associations: Association[] = []
  readonly messages: SctpMessage[] = []
  /** Made for one association of a one-to-many socket (SCTP_SOCKOPT_PEELOFF). */
  isPeeledOff = false

  static override of(sk: Sock): SctpSock {
    return stateOf<SctpSock>(sk)
  }

  /** One association a socket, as of TCP; else many, as of UDP. */
  get isOneToOne(): boolean {
    return this.sk.sk_type === SOCK_STREAM
  }
  /** The first message has been read. */
  dequeueMessage(): void {
    const message = this.messages.shift()
    if (message !== undefined) this.memory.uncharge(skbCost(message.data))
  }
  get unread(): number {
    return this.messages.reduce((sum, { data, read }) => sum + data.length - read, 0)
  }
  associationWith({ addr, port }: Endpoint): Association | null {
    return this.associations.find(({ remote }) => remote.addr === addr && remote.port === port) ?? null
  }
}
