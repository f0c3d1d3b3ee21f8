/** Sending and receiving over AF_UNIX: streams, datagrams, packets (unix_stream_sendmsg and its kin of af_unix.c). */
import {
  ECONNREFUSED, ECONNRESET, EINVAL, EISCONN, EMSGSIZE, ENOBUFS, ENOTCONN, EOPNOTSUPP, EPERM, EPIPE, ERESTARTSYS,
  MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB, MSG_PEEK, MSG_TRUNC, PAGE_SIZE, SIGPIPE, SO_PASSCRED, SO_PASSSEC, SOCK_SEQPACKET,
  SOCK_STREAM,
} from '@lsmkit/abi'
import type { File, SkBuff, Socket } from '@lsmkit/core'
import { copyIn, copyOut } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import type { ScmCreds } from '../../state/net/proto.ts'
import { COST } from '../../state/memory-costs.ts'
import type { Machine } from '../../machine.ts'
import type { KernelMsghdr } from '../../state/net/proto.ts'
import { READABLE, reportError, takeError, TCP_CLOSE, TCP_ESTABLISHED, WRITABLE } from '../../state/net/proto.ts'
import type { Scm } from '../scm.ts'
import { validateUnix, autobindUnix, findUnix } from './names.ts'
import { MAX_DGRAM_QLEN, truesizeOf, UnixSock } from '../../state/net/unix-sock.ts'
import type { UnixSkb } from '../../state/net/unix-sock.ts'
import { waitForInput, waitForRoom } from '../waits.ts'
import { refuseInFlight, sentInFlight, landedFromFlight } from './in-flight.ts'
import { ownCreds, dropFiles, scm_send, scm_recv } from '../scm.ts'
import { sock_hold, sock_put } from '../socks.ts'

const RCV_SHUTDOWN = 1
const SEND_SHUTDOWN = 2

/** The most bytes of a stream's message: in one piece, and in pages (SKB_MAX_HEAD(0), UNIX_SKB_FRAGS_SZ). */
const PIECE_HEAD = 3776
const PIECE_PAGED = 32768
/** The same for a datagram (SKB_MAX_ALLOC, MAX_SKB_FRAGS). If that is not enough, more is in one piece. */
const DATAGRAM_HEAD = 16064
const DATAGRAM_PAGED = 17 * PAGE_SIZE

const pageUp = (size: number): number => Math.ceil(size / PAGE_SIZE) * PAGE_SIZE
const pieceTruesize = (size: number): number => {
  const paged = Math.min(size, pageUp(Math.max(size - PIECE_HEAD, 0)))
  return truesizeOf(size - paged, paged)
}
const datagramTruesize = (size: number): number => {
  const paged = pageUp(Math.min(Math.max(size - DATAGRAM_HEAD, 0), DATAGRAM_PAGED))
  return truesizeOf(size - paged, paged)
}

const skbOf = (sock: UnixSock, data: Uint8Array, secid: number): SkBuff => ({
  sk: sock.sk, protocol: 0, len: data.length, data, secmark: 0, dev: null, saddr: '', daddr: '', sport: 0, dport: 0,
  ip_protocol: 0, netlabel: null, secid,
})

/** The credentials that a stream's reader gets if it finds no message. */
const ROOT: ScmCreds = { pid: null, uid: 0, gid: 0 }
/** As `unix_skb_scm_eq`: whether a reader may take both for one message. */
const isSameWriter = (a: UnixSkb, b: UnixSkb): boolean =>
  a.secid === b.secid && a.creds?.pid === b.creds?.pid && a.creds?.uid === b.creds?.uid && a.creds?.gid === b.creds?.gid

const receiveLater = (
  machine: Machine, sock: UnixSock, flags: number,
): number => waitForInput(machine, sock, (flags & MSG_DONTWAIT) !== 0)

const brokenPipe = (machine: Machine, flags: number): number => {
  if ((flags & MSG_NOSIGNAL) === 0) machine.sendSignal(machine.current.task, SIGPIPE)
  return -EPIPE
}

/** As `sock_alloc_send_pskb`: 0 when the sender has room for one more message, however large. */
const takeRoom = (machine: Machine, sock: UnixSock, flags: number): number => {
  const error = takeError(sock)
  if (error !== 0) return -error
  if ((sock.shutdown & SEND_SHUTDOWN) !== 0) return -EPIPE
  return sock.wmem < sock.sndbuf ? 0 : waitForRoom(machine, sock, sock.wait, (flags & MSG_DONTWAIT) !== 0)
}

const attach = (machine: Machine, { files }: Scm): number => (files.length === 0 ? 0 : refuseInFlight(machine))

/**
 * Queues a message, with its sender's credentials if either side asks for them (maybe_add_creds). 0, or -ENOBUFS
 * without memory.
 */
const enqueue = (
  machine: Machine, from: UnixSock, to: UnixSock, data: Uint8Array<ArrayBuffer>, scm: Scm, truesize: number,
): number => {
  const cost = COST.skb + data.length + scm.files.length * COST.skbFile
  if (!from.memory.charge(cost)) return -ENOBUFS
  const isWanted = from.has(SO_PASSCRED) || to.has(SO_PASSCRED) || to.sk.sk_socket === null
  const { secid } = scm
  const message: UnixSkb = {
    skb: skbOf(from, data, secid), data, read: 0, files: scm.files, secid, from, truesize, cost, to,
    creds: scm.creds ?? (isWanted ? ownCreds(machine) : null), payer: machine.current.task.cred.uid,
  }
  scm.files = []
  to.queue.push(message)
  sentInFlight(machine, message)
  sock_hold(from.sk)
  from.wmem += truesize
  to.wait.wake(READABLE)
  return 0
}

/** A message leaves the queue: its sender has room again, and may be freed. */
const release = (machine: Machine, { from, truesize, cost }: UnixSkb): void => {
  from.wmem -= truesize
  from.memory.uncharge(cost)
  if (from.isWritable) from.wait.wake(WRITABLE)
  sock_put(machine, from.sk)
}

/** Discards all messages that were not read. */
export const discardUnread = (machine: Machine, sock: UnixSock): void => {
  for (const skb of sock.queue.splice(0)) {
    release(machine, skb)
    dropFiles(machine, { files: landedFromFlight(machine, skb) })
  }
}

/** A message that has taken room is dropped before it is queued: the room is told of, as any other (sock_wfree). */
const drop = (sock: UnixSock, rc: number): number => {
  if (sock.isWritable) sock.wait.wake(WRITABLE)
  return rc
}

/** As much as there is room for, in pieces. Descriptors go with the first. */
const sendStream = (machine: Machine, sock: UnixSock, data: GuestBytes, scm: Scm, flags: number): number => {
  const other = sock.peer
  if (other === null) return -ENOTCONN
  if ((sock.shutdown & SEND_SHUTDOWN) !== 0) return brokenPipe(machine, flags)
  const most = Math.min((sock.sndbuf >> 1) - 64, PIECE_HEAD + PIECE_PAGED)
  let sent = 0
  while (sent < data.length) {
    // a part that was sent is returned, without waiting for more room
    if (sent > 0 && sock.wmem >= sock.sndbuf) break
    const rc = takeRoom(machine, sock, flags) || attach(machine, scm)
    if (rc !== 0) return rc
    if (other.dead || (other.shutdown & RCV_SHUTDOWN) !== 0) return drop(sock, brokenPipe(machine, flags))
    const piece = copyIn(data, sent, most)
    const full = enqueue(machine, sock, other, piece, scm, pieceTruesize(piece.length))
    if (full !== 0) return sent > 0 ? sent : full
    sent += piece.length
  }
  return sent
}

/** As `unix_dgram_disconnected`: unread messages are discarded. A peer that is connected back gets ECONNRESET. */
export const disconnectedUnix = (machine: Machine, sock: UnixSock, other: UnixSock): void => {
  if (sock.queue.length === 0) return
  discardUnread(machine, sock)
  sock.peer_wait.wake()
  if (other.dead || other.peer !== sock) return
  reportError(other, ECONNRESET)
}

/** Sends a datagram that has room to the socket of that name, or to the peer. */
const postDatagram = (
  machine: Machine, sock: UnixSock, name: Uint8Array | null, data: Uint8Array<ArrayBuffer>, scm: Scm, flags: number,
): number => {
  if (name === null && sock.peer === null) return -ENOTCONN
  const other = name === null ? sock.peer! : findUnix(machine, sock.net, name, sock.sk.sk_type)
  if (typeof other === 'number') return other
  // a message that the receiver's LSMs refuse is dropped, and the sender gets no error
  if (machine.lsm.socket_sock_rcv_skb.ask(other.sk, skbOf(sock, data, scm.secid)) !== 0) return data.length
  if (other.peer !== null && other.peer !== sock) return -EPERM
  if (other.dead) return loseDead(machine, sock, other)
  if ((other.shutdown & RCV_SHUTDOWN) !== 0) return -EPIPE
  if (sock.sk.sk_type !== SOCK_SEQPACKET) {
    const rc = machine.lsm.unix_may_send.ask(sock.sk.sk_socket!, other.sk.sk_socket!)
    if (rc !== 0) return rc
  }
  if (other !== sock && other.peer !== sock && other.queue.length > MAX_DGRAM_QLEN)
    return waitForRoom(machine, sock, other.peer_wait, (flags & MSG_DONTWAIT) !== 0)
  return enqueue(machine, sock, other, data, scm, datagramTruesize(data.length)) || data.length
}

const sendDatagram = (
  machine: Machine, sock: UnixSock, name: Uint8Array | null, given: GuestBytes, scm: Scm, flags: number,
): number => {
  const isAlone = name === null && sock.peer === null
  let rc = name !== null ? validateUnix(name) : isAlone && !machine.rules.unixRoomFirst ? -ENOTCONN : 0
  if (rc === 0 && sock.has(SO_PASSCRED)) rc = autobindUnix(machine, sock)
  if (rc !== 0) return rc
  if (given.length > sock.sndbuf - 32) return -EMSGSIZE
  rc = takeRoom(machine, sock, flags)
  if (rc !== 0) return rc
  rc = attach(machine, scm) || postDatagram(machine, sock, name, copyIn(given), scm, flags)
  return rc < 0 && rc !== -ERESTARTSYS ? drop(sock, rc) : rc
}

/** The peer has ended: the sender is not connected any more. */
const loseDead = (machine: Machine, sock: UnixSock, other: UnixSock): number => {
  sock.peer = null
  sock.endRelay()
  sock.sk.sk_state = TCP_CLOSE
  disconnectedUnix(machine, sock, other)
  sock_put(machine, other.sk)
  return -ECONNREFUSED
}

export const sendUnix = (
  machine: Machine, socket: Socket, msg: KernelMsghdr, data: GuestBytes, flags: number,
): number => {
  const sock = UnixSock.of(socket.sk!)
  const type = sock.sk.sk_type
  if (type === SOCK_SEQPACKET) {
    const error = takeError(sock)
    if (error !== 0) return -error
    if (sock.sk.sk_state !== TCP_ESTABLISHED) return -ENOTCONN
  }
  const scm = scm_send(machine, socket, msg)
  if (typeof scm === 'number') return scm
  const hasName = msg.msg_name !== null && msg.msg_name.length > 0
  let rc: number
  if ((flags & MSG_OOB) !== 0) rc = -EOPNOTSUPP
  else if (type === SOCK_STREAM) {
    if (hasName) rc = sock.sk.sk_state === TCP_ESTABLISHED ? -EISCONN : -EOPNOTSUPP
    else rc = sendStream(machine, sock, data, scm, flags)
  } else rc = sendDatagram(machine, sock, hasName && type !== SOCK_SEQPACKET ? msg.msg_name : null, data, scm, flags)
  dropFiles(machine, scm)
  return rc
}

/** A peek leaves the descriptors where they are. */
const filesOf = (machine: Machine, skb: UnixSkb, peek: boolean): readonly File[] => {
  if (!peek) return landedFromFlight(machine, skb)
  for (const file of skb.files) file.f_count++
  return skb.files
}

/** Returns the sender's name, if it has one. */
const setName = (msg: KernelMsghdr, { from: { name } }: UnixSkb): void => {
  if (msg.msg_name !== null && name.length > 0) msg.msg_name = addressOf(name)
}

const deliver = (machine: Machine, sock: UnixSock, scm: Scm, msg: KernelMsghdr, flags: number): void =>
  scm_recv(machine, scm, msg, flags, sock.has(SO_PASSCRED), sock.has(SO_PASSSEC))

/** Why there is nothing to be read: an error, the end, or nothing yet. */
const nothing = (machine: Machine, sock: UnixSock, flags: number): number => {
  const error = takeError(sock)
  if (error !== 0) return -error
  return (sock.shutdown & RCV_SHUTDOWN) !== 0 ? 0 : receiveLater(machine, sock, flags)
}

/**
 * Reads consecutive pieces. A piece of another writer ends the read if the reader asks for credentials; so do
 * descriptors.
 */
const receiveStream = (machine: Machine, sock: UnixSock, msg: KernelMsghdr, buf: GuestBytes, flags: number): number => {
  if (sock.sk.sk_state !== TCP_ESTABLISHED) return -EINVAL
  if ((flags & MSG_OOB) !== 0) return -EINVAL
  const peek = (flags & MSG_PEEK) !== 0
  const first = sock.queue[0]
  const scm: Scm = { files: [], creds: ROOT, secid: 0 }
  let done = first === undefined ? nothing(machine, sock, flags) : 0
  if (done === -ERESTARTSYS) return done
  if (first !== undefined && sock.has(SO_PASSCRED)) Object.assign(scm, { creds: first.creds, secid: first.secid })
  for (let at = 0, skb = first; skb !== undefined; skb = sock.queue[at]) {
    if (sock.has(SO_PASSCRED) && !isSameWriter(skb, first!)) break
    setName(msg, skb)
    const part = skb.data.subarray(skb.read, skb.read + buf.length - done)
    copyOut(part, buf, done)
    done += part.length
    scm.files.push(...filesOf(machine, skb, peek))
    if (peek) at++
    else {
      skb.read += part.length
      if (skb.read < skb.data.length) break
      release(machine, sock.queue.shift()!)
    }
    if (scm.files.length > 0 || done === buf.length) break
  }
  deliver(machine, sock, scm, msg, flags)
  return done
}

const receiveDatagram = (
  machine: Machine, sock: UnixSock, msg: KernelMsghdr, buf: GuestBytes, flags: number,
): number => {
  const error = takeError(sock)
  if (error !== 0) return -error
  const skb = sock.queue[0]
  if (skb === undefined) {
    // a read of a datagram that does not wait never returns the end
    const hasEnd = sock.sk.sk_type === SOCK_SEQPACKET || (flags & MSG_DONTWAIT) === 0
    return hasEnd && (sock.shutdown & RCV_SHUTDOWN) !== 0 ? 0 : receiveLater(machine, sock, flags)
  }
  const peek = (flags & MSG_PEEK) !== 0
  const part = skb.data.subarray(0, buf.length)
  copyOut(part, buf)
  if (part.length < skb.data.length) msg.msg_flags |= MSG_TRUNC
  setName(msg, skb)
  deliver(machine, sock, { files: [...filesOf(machine, skb, peek)], creds: skb.creds, secid: skb.secid }, msg, flags)
  if (!peek) {
    release(machine, sock.queue.shift()!)
    sock.peer_wait.wake(WRITABLE)
  }
  return (flags & MSG_TRUNC) !== 0 ? skb.data.length : part.length
}

export const receiveUnix = (
  machine: Machine, socket: Socket, msg: KernelMsghdr, buf: GuestBytes, flags: number,
): number => {
  const sock = UnixSock.of(socket.sk!)
  if (sock.sk.sk_type === SOCK_STREAM) return receiveStream(machine, sock, msg, buf, flags)
  if (sock.sk.sk_type === SOCK_SEQPACKET && sock.sk.sk_state !== TCP_ESTABLISHED) return -ENOTCONN
  return (flags & MSG_OOB) !== 0 ? -EOPNOTSUPP : receiveDatagram(machine, sock, msg, buf, flags)
}

/** `struct sockaddr_un` of a name. */
export const addressOf = (name: Uint8Array): Uint8Array => new Uint8Array([1, 0, ...name])
