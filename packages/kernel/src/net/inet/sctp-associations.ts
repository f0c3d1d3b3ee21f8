/**
 * SCTP associations: the four packets that open one, their end, and their move to a socket of their own
 * (net/sctp/sm_statefuns.c, sctp_sock_migrate of socket.c). As in tcp-connect.ts, a packet is answered within the call
 * and never sent again.
 */
import { ECONNREFUSED, ETIMEDOUT, IPPROTO_SCTP } from '@lsmkit/abi'
import type { Sock } from '@lsmkit/core'
import { COST } from '../../state/memory-costs.ts'
import type { Machine } from '../../machine.ts'
import { copyOptions, skbCost, TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN } from '../../state/net/proto.ts'
import { isAny, loopbackFor } from '../../state/net/addresses.ts'
import type { Endpoint } from '../../state/net/addresses.ts'
import { packetOf, RCV_SHUTDOWN } from '../../state/net/inet-sock.ts'
import type { Sender } from './netlabel.ts'
import { NOTHING, receivesPacket, receivePacket } from './packets.ts'
import { Association, SctpSock } from '../../state/net/sctp-sock.ts'
import { findPort } from './ports.ts'
import { sock_init } from '../socks.ts'
import { inet_sk_set_state } from './sk-state.ts'

/** The sender of packets, with the address that the machine uses. */
const from = ({ local, netlabel }: SctpSock): Sender => {
  const addr = isAny(local.addr) ? loopbackFor(local.addr) : local.addr
  return { local: { addr, port: local.port }, netlabel }
}

const listenerAt = (machine: Machine, sock: SctpSock, to: Endpoint): SctpSock | null => {
  const found = findPort(machine, sock.net, IPPROTO_SCTP, to.addr, to.port)
  return found instanceof SctpSock && found.sk.sk_state === TCP_LISTEN ? found : null
}

/** INIT, INIT ACK, COOKIE ECHO, COOKIE ACK: 0 or -errno. */
const exchange = (machine: Machine, sock: SctpSock, asoc: Association): number => {
  const to = asoc.remote
  const client = from(sock)
  const server = listenerAt(machine, sock, to)
  if (server === null) {
    const abort = { local: to, netlabel: sock.netlabel }
    return receivesPacket(machine, sock, abort, NOTHING) ? -ECONNREFUSED : -ETIMEDOUT
  }
  const answer: Sender = { local: to, netlabel: server.netlabel }
  const seen = packetOf(server.sk, client, to, NOTHING)
  const rc = receivePacket(machine, server, client, NOTHING)
  if (rc !== 0) return rc
  // the server keeps no state of the first packet: the cookie brings it back
  if (machine.lsm.sctp_assoc_request.ask(new Association(server.sk, client.local, 0), seen) !== 0) return -ETIMEDOUT
  if (!receivesPacket(machine, sock, answer, NOTHING) || !receivesPacket(machine, server, client, NOTHING))
    return -ETIMEDOUT
  if (server.isOneToOne && server.associations.length > server.maxBacklog) {
    return receivesPacket(machine, sock, answer, NOTHING) ? -ECONNREFUSED : -ETIMEDOUT
  }
  const theirs = new Association(server.sk, client.local, ++machine.netTable.lastAssociation)
  if (machine.lsm.sctp_assoc_request.ask(theirs, seen) !== 0) return -ETIMEDOUT
  server.associations.push(theirs)
  server.wait.wake()
  if (!receivesPacket(machine, sock, answer, NOTHING)) return -ETIMEDOUT
  theirs.peer = asoc
  asoc.peer = theirs
  return 0
}

/** Opens an association with `to`: the association, or -errno. */
export const associate = (machine: Machine, sock: SctpSock, to: Endpoint): Association | number => {
  const asoc = new Association(sock.sk, to, ++machine.netTable.lastAssociation)
  let rc = machine.softirq(() => exchange(machine, sock, asoc))
  if (rc === 0) {
    const answer = packetOf(sock.sk, { local: to, netlabel: asoc.peer!.endpoint.netlabel }, from(sock).local, NOTHING)
    if (machine.lsm.sctp_assoc_established.ask(asoc, answer) !== 0) rc = -ETIMEDOUT
  }
  if (rc !== 0) {
    if (asoc.peer !== null) asoc.peer.peer = null
    return rc
  }
  sock.associations.push(asoc)
  return asoc
}

const forget = (asoc: Association): void => {
  const { associations } = asoc.endpoint
  associations.splice(associations.indexOf(asoc), 1)
}

/** The other side has ended the association. One that waits for accept(2) stays in the queue. */
const receiveEnd = (machine: Machine, asoc: Association): void => {
  const { endpoint } = asoc
  asoc.peer = null
  if (endpoint.isOneToOne && endpoint.sk.sk_state === TCP_LISTEN) return
  forget(asoc)
  if (endpoint.isOneToOne) {
    endpoint.shutdown |= RCV_SHUTDOWN
    inet_sk_set_state(machine, endpoint.sk, TCP_CLOSE)
  }
  endpoint.wait.wake()
}

export const endAssociation = (machine: Machine, asoc: Association): void => {
  const { endpoint, peer } = asoc
  forget(asoc)
  if (peer === null) return
  asoc.peer = null
  machine.softirq(() => {
    if (receivesPacket(machine, peer.endpoint, from(endpoint), NOTHING)) receiveEnd(machine, peer)
    else peer.peer = null
  })
}

/** As `sctp_copy_sock` and `sctp_sock_migrate`: moves the association and its messages to `own`, a new sock. */
export const migrateAssociation = (machine: Machine, asoc: Association, own: SctpSock): void => {
  const old = asoc.endpoint
  if (machine.rules.sctpCopiesSocks) machine.lsm.sk_clone_security.tell(old.sk, own.sk)
  machine.lsm.sctp_sk_clone.tell(asoc, old.sk, own.sk)
  forget(asoc)
  asoc.base = { sk: own.sk }
  own.associations.push(asoc)
  copyOptions(old, own)
  own.local = old.local
  own.remote = asoc.remote
  own.sk.sk_dport = asoc.remote.port
  inet_sk_set_state(machine, own.sk, TCP_ESTABLISHED)
  for (const message of old.messages.splice(0)) {
    const to = message.asoc === asoc ? own : old
    to.messages.push(message)
    old.memory.uncharge(skbCost(message.data))
    to.memory.force(skbCost(message.data))
  }
  if (own.isOneToOne && asoc.peer === null) own.shutdown |= RCV_SHUTDOWN
}

/** Sends a message to the other side, which acknowledges it. */
export const deliverMessage = (machine: Machine, asoc: Association, peer: Association, data: Uint8Array): void => {
  const [own, other] = [asoc.endpoint, peer.endpoint]
  machine.softirq(() => {
    if (!receivesPacket(machine, other, from(own), data)) return
    if (!other.memory.charge(COST.skb + data.length)) return
    other.messages.push({ asoc: peer, data, read: 0 })
    other.wait.wake()
    receivesPacket(machine, own, { local: asoc.remote, netlabel: other.netlabel }, NOTHING)
  })
}

/** Makes the sock of an accepted association. */
export const sockFor = (machine: Machine, sk: Sock, { net }: SctpSock): SctpSock => {
  const own = new SctpSock(sk, net)
  sock_init(machine, sk, own)
  return own
}
