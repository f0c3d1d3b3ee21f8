/** Messages of SCTP: sending and receiving (net/sctp/socket.c). */
import {
  EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, EINVAL, ENOBUFS, ENOTCONN, EPIPE, MSG_DONTWAIT, MSG_EOR, MSG_NOSIGNAL, MSG_PEEK,
  SCTP_SENDMSG_CONNECT, SIGPIPE,
} from '@lsmkit/abi'
import { copyIn, copyOut } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { COST } from '../../state/memory-costs.ts'
import type { Machine } from '../../machine.ts'
import { isFullOf, takeError, TCP_ESTABLISHED, TCP_LISTEN } from '../../state/net/proto.ts'
import type { KernelMsghdr } from '../../state/net/proto.ts'
import { decodeSockaddr } from '../../state/net/sockaddr.ts'
import { toSockaddr } from '../../state/net/addresses.ts'
import type { Endpoint } from '../../state/net/addresses.ts'
import { destination, RCV_SHUTDOWN, SEND_SHUTDOWN } from '../../state/net/inet-sock.ts'
import type { SctpSock } from '../../state/net/sctp-sock.ts'
import type { Association } from '../../state/net/sctp-sock.ts'
import { autobindPort } from './ports.ts'
import { deliverMessage } from './sctp-associations.ts'
import { waitForRoom, waitForInput } from '../waits.ts'
import { SIZES, openAssociation } from './sctp-connect.ts'

const BUFFER = 212992

const brokenPipe = (machine: Machine, sock: SctpSock, flags: number): number => {
  const error = takeError(sock)
  if (error !== 0) return -error
  if ((flags & MSG_NOSIGNAL) === 0) machine.sendSignal(machine.current.task, SIGPIPE)
  return -EPIPE
}

/** As `sctp_sendmsg_new_asoc`: a message to a new address opens an association. */
const openByMessage = (machine: Machine, sock: SctpSock, name: Uint8Array): Association | number => {
  if (sock.isOneToOne && sock.sk.sk_state === TCP_ESTABLISHED) return -EADDRNOTAVAIL
  const address = decodeSockaddr(name)
  const rc = machine.lsm.sctp_bind_connect.ask(sock.sk, SCTP_SENDMSG_CONNECT, address, SIZES.get(address.family)!)
  if (rc < 0) return rc
  return autobindPort(machine, sock) === 0
    ? openAssociation(machine, sock, destination(sock, name) as Endpoint) : -EAGAIN
}

/** The association that a message is for; -EPIPE if there is none. */
const associationFor = (machine: Machine, sock: SctpSock, name: Uint8Array | null): Association | number => {
  if (name === null || name.length === 0) {
    return sock.isOneToOne || sock.isPeeledOff ? (sock.associations[0] ?? -EPIPE) : -EPIPE
  }
  const to = destination(sock, name)
  if (typeof to === 'number') return to === -EAFNOSUPPORT ? -EINVAL : to
  return sock.associationWith(to) ?? openByMessage(machine, sock, name)
}

export const sendSctp = (
  machine: Machine, sock: SctpSock, { msg_name }: KernelMsghdr, data: GuestBytes, flags: number,
): number => {
  if (sock.isOneToOne && sock.sk.sk_state === TCP_LISTEN) return brokenPipe(machine, sock, flags)
  if (data.length === 0) return -EINVAL
  const asoc = associationFor(machine, sock, msg_name)
  if (asoc === -EPIPE || (sock.shutdown & SEND_SHUTDOWN) !== 0) return brokenPipe(machine, sock, flags)
  if (typeof asoc === 'number') return asoc
  const { peer } = asoc
  if (peer === null) return brokenPipe(machine, sock, flags)
  const { unread, messages } = peer.endpoint
  const fits = unread === 0 || unread + data.length <= BUFFER
  if (!fits || isFullOf(messages.length, BUFFER)) {
    return waitForRoom(machine, sock, peer.endpoint.wait, (flags & MSG_DONTWAIT) !== 0)
  }
  if (!peer.endpoint.memory.account.hasRoom(COST.skb + data.length)) return -ENOBUFS
  deliverMessage(machine, asoc, peer, copyIn(data))
  return data.length
}

export const receiveSctp = (
  machine: Machine, sock: SctpSock, msg: KernelMsghdr, buf: GuestBytes, flags: number,
): number => {
  if (sock.isOneToOne && sock.sk.sk_state === TCP_LISTEN) return -ENOTCONN
  const message = sock.messages[0]
  if (message === undefined) {
    const error = takeError(sock)
    if (error !== 0) return -error
    return (sock.shutdown & RCV_SHUTDOWN) !== 0 ? 0 : waitForInput(machine, sock, (flags & MSG_DONTWAIT) !== 0)
  }
  const left = message.data.subarray(message.read)
  const part = left.subarray(0, buf.length)
  copyOut(part, buf)
  if (msg.msg_name !== null) msg.msg_name = toSockaddr(sock.sk.sk_family, message.asoc.remote)
  // the next call reads what does not fit
  if (part.length === left.length) msg.msg_flags |= MSG_EOR
  if ((flags & MSG_PEEK) !== 0) return part.length
  if (part.length === left.length) sock.dequeueMessage()
  else message.read += part.length
  sock.wait.wake()
  return part.length
}
