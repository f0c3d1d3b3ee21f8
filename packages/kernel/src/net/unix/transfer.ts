/** Sending and receiving over AF_UNIX: streams, datagrams, packets (unix_stream_sendmsg and its kin of af_unix.c). */
import {
  ECONNREFUSED, EINVAL, EISCONN, EMSGSIZE, ENOTCONN, EOPNOTSUPP, EPERM, EPIPE,
  MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB, MSG_PEEK, MSG_TRUNC, SIGPIPE, SO_PASSCRED, SO_PASSSEC,
  SOCK_SEQPACKET, SOCK_STREAM,
} from '@lsmkit/abi'
import type { KeyMap, SkBuff, Socket } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { UserMsghdr } from '../proto.ts'
import { isFullOf, takeError, TCP_ESTABLISHED } from '../proto.ts'
import type { Scm, ScmParts } from '../scm.ts'
import type { SocketWaits } from '../waits.ts'
import { validateUnix } from './names.ts'
import type { UnixNames } from './names.ts'
import { MAX_DGRAM_QLEN, SNDBUF, UnixSock } from './unix-sock.ts'
import type { UnixSkb } from './unix-sock.ts'

const RCV_SHUTDOWN = 1
const SEND_SHUTDOWN = 2

const skbOf = (sock: UnixSock, data: Uint8Array, secid: number): SkBuff => ({
  sk: sock.sk, protocol: 0, len: data.length, data, secmark: 0, dev: null, saddr: '', daddr: '', sport: 0, dport: 0,
  ip_protocol: 0, netlabel: null, secid,
})

export const unixTransfer = (
  lsm: KeyMap, machine: Machine, waits: SocketWaits, { scm_send, scm_recv, dropFiles }: ScmParts,
  { autobind, find }: UnixNames,
) => {
  const receiveLater = (sock: UnixSock, flags: number): number => waits.forInput(sock, (flags & MSG_DONTWAIT) !== 0)
  const sendLater = (sock: UnixSock, to: UnixSock, flags: number): number =>
    waits.forRoom(sock, to.wait, (flags & MSG_DONTWAIT) !== 0)

  const brokenPipe = (flags: number): number => {
    if ((flags & MSG_NOSIGNAL) === 0) machine.sendSignal(machine.current.task, SIGPIPE)
    return -EPIPE
  }

  const enqueue = (from: UnixSock, to: UnixSock, data: Uint8Array, scm: Scm): void => {
    const { files, creds, secid } = scm
    const message: UnixSkb =
      { skb: skbOf(from, data, secid), data: data.slice(), read: 0, files: [...files], creds, secid, from: from.name }
    scm.files = []
    to.queue.push(message)
    to.wait.wake()
  }

  /** As much as there is room for. What goes with a message goes with its first byte. */
  const sendStream = (sock: UnixSock, data: Uint8Array, scm: Scm, flags: number): number => {
    const other = sock.peer
    if (other === null) return -ENOTCONN
    if ((sock.shutdown & SEND_SHUTDOWN) !== 0) return brokenPipe(flags)
    if (data.length === 0) return 0
    if (other.dead || (other.shutdown & RCV_SHUTDOWN) !== 0) return brokenPipe(flags)
    const room = Math.min(data.length, SNDBUF - other.bytes)
    if (room <= 0 || isFullOf(other.queue.length, SNDBUF)) return sendLater(sock, other, flags)
    enqueue(sock, other, data.subarray(0, room), scm)
    return room
  }

  /** Whom a datagram goes to: the address given, or the peer. */
  const receiverOf = (sock: UnixSock, name: Uint8Array | null): UnixSock | number => {
    if (name === null || name.length === 0) return sock.peer ?? -ENOTCONN
    const rc = validateUnix(name)
    return rc !== 0 ? rc : find(sock.net, name, sock.sk.sk_type)
  }

  const sendDatagram = (
    sock: UnixSock, msg: UserMsghdr, data: Uint8Array, scm: Scm, flags: number,
  ): number => {
    if ((sock.options.get(SO_PASSCRED) ?? 0) !== 0) autobind(sock)
    if (data.length > SNDBUF - 32) return -EMSGSIZE
    const other = receiverOf(sock, msg.msg_name)
    if (typeof other === 'number') return other
    // what the receiver's LSMs will not have is lost without a word
    if (lsm.socket_sock_rcv_skb.ask(other.sk, skbOf(sock, data, scm.secid)) !== 0) return data.length
    if (other.peer !== null && other.peer !== sock) return -EPERM
    if (other.dead) {
      if (sock.peer === other) sock.peer = null
      return -ECONNREFUSED
    }
    if ((other.shutdown & RCV_SHUTDOWN) !== 0) return brokenPipe(flags)
    if (sock.sk.sk_type !== SOCK_SEQPACKET) {
      const rc = lsm.unix_may_send.ask(sock.sk.sk_socket!, other.sk.sk_socket!)
      if (rc !== 0) return rc
    }
    if (other.peer !== sock && other.queue.length > MAX_DGRAM_QLEN) return sendLater(sock, other, flags)
    if (other.bytes + data.length > SNDBUF || isFullOf(other.queue.length, SNDBUF)) return sendLater(sock, other, flags)
    enqueue(sock, other, data, scm)
    return data.length
  }

  const sendmsg = (socket: Socket, msg: UserMsghdr, data: Uint8Array, flags: number): number => {
    const sock = UnixSock.of(socket.sk!)
    const type = sock.sk.sk_type
    const hasName = msg.msg_name !== null && msg.msg_name.length > 0
    if (type === SOCK_SEQPACKET && sock.sk.sk_state !== TCP_ESTABLISHED) return -ENOTCONN
    const scm = scm_send(socket, msg)
    if (typeof scm === 'number') return scm
    let rc: number
    if ((flags & MSG_OOB) !== 0 || (type === SOCK_STREAM && hasName)) {
      rc = (flags & MSG_OOB) !== 0 ? -EOPNOTSUPP : sock.sk.sk_state === TCP_ESTABLISHED ? -EISCONN : -EOPNOTSUPP
    } else if (type === SOCK_STREAM) rc = sendStream(sock, data, scm, flags)
    else {
      const to = type === SOCK_SEQPACKET ? { ...msg, msg_name: null } : msg
      rc = (sock.shutdown & SEND_SHUTDOWN) !== 0 ? brokenPipe(flags) : sendDatagram(sock, to, data, scm, flags)
    }
    dropFiles(scm)
    return rc
  }

  /** What goes with the message, once; a peek leaves the original where it is. */
  const receiveScm = (sock: UnixSock, skb: UnixSkb, msg: UserMsghdr, flags: number): void => {
    const files = (flags & MSG_PEEK) !== 0 ? [...skb.files] : skb.files.splice(0)
    if ((flags & MSG_PEEK) !== 0) for (const file of files) file.f_count++
    const has = (option: number): boolean => (sock.options.get(option) ?? 0) !== 0
    scm_recv({ files, creds: skb.creds, secid: skb.secid }, msg, flags, has(SO_PASSCRED), has(SO_PASSSEC))
  }

  /** Consecutive pieces of one sender; descriptors end a read. */
  const receiveStream = (sock: UnixSock, msg: UserMsghdr, buf: Uint8Array, flags: number): number => {
    if (sock.sk.sk_state !== TCP_ESTABLISHED) return -EINVAL
    let done = 0
    let at = 0
    while (done < buf.length || (buf.length === 0 && at === 0)) {
      const skb = sock.queue[at]
      if (skb === undefined) break
      if (at > 0 && (flags & MSG_PEEK) === 0) break
      const isFirst = done === 0
      if (!isFirst && skb.files.length > 0) break
      const part = skb.data.subarray(skb.read, skb.read + buf.length - done)
      buf.set(part, done)
      done += part.length
      if (isFirst) receiveScm(sock, skb, msg, flags)
      if ((flags & MSG_PEEK) !== 0) at++
      else {
        skb.read += part.length
        if (skb.read < skb.data.length) break
        sock.queue.shift()
        if (skb.files.length > 0) break
      }
    }
    if (done > 0 || buf.length === 0) {
      sock.peer?.wait.wake()
      sock.wait.wake()
      return done
    }
    const error = takeError(sock)
    if (error !== 0) return -error
    if ((sock.shutdown & RCV_SHUTDOWN) !== 0) return 0
    return receiveLater(sock, flags)
  }

  const receiveDatagram = (sock: UnixSock, msg: UserMsghdr, buf: Uint8Array, flags: number): number => {
    const error = takeError(sock)
    if (error !== 0) return -error
    const skb = sock.queue[0]
    if (skb === undefined) {
      const asksOnly = sock.sk.sk_type !== SOCK_SEQPACKET && (flags & MSG_DONTWAIT) !== 0
      return !asksOnly && (sock.shutdown & RCV_SHUTDOWN) !== 0 ? 0 : receiveLater(sock, flags)
    }
    const part = skb.data.subarray(0, buf.length)
    buf.set(part)
    if (part.length < skb.data.length) msg.msg_flags |= MSG_TRUNC
    if (msg.msg_name !== null) msg.msg_name = addressOf(skb.from)
    receiveScm(sock, skb, msg, flags)
    if ((flags & MSG_PEEK) === 0) {
      sock.queue.shift()
      sock.wait.wake()
    }
    return (flags & MSG_TRUNC) !== 0 ? skb.data.length : part.length
  }

  const recvmsg = (socket: Socket, msg: UserMsghdr, buf: Uint8Array, flags: number): number => {
    const sock = UnixSock.of(socket.sk!)
    if ((flags & MSG_OOB) !== 0) return sock.sk.sk_type === SOCK_STREAM ? -EINVAL : -EOPNOTSUPP
    if (sock.sk.sk_type === SOCK_STREAM) return receiveStream(sock, msg, buf, flags)
    if (sock.sk.sk_type === SOCK_SEQPACKET && sock.sk.sk_state !== TCP_ESTABLISHED) return -ENOTCONN
    return receiveDatagram(sock, msg, buf, flags)
  }

  return { sendmsg, recvmsg }
}
export type UnixTransfer = ReturnType<typeof unixTransfer>

/** `struct sockaddr_un` of a name. */
export const addressOf = (name: Uint8Array): Uint8Array => new Uint8Array([1, 0, ...name])
