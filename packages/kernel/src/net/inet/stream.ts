/** Bytes of TCP connections: sending and receiving (net/ipv4/tcp.c). */
import {
  EAGAIN, EINVAL, ENOBUFS, ENOTCONN, EPIPE, MSG_DONTWAIT, MSG_ERRQUEUE, MSG_NOSIGNAL, MSG_PEEK, SIGPIPE,
} from '@lsmkit/abi'
import { copyIn, copyOut } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { COST } from '../../state/memory-costs.ts'
import type { Machine } from '../../machine.ts'
import { READABLE, takeError, TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN, TCP_SYN_SENT } from '../../state/net/proto.ts'
import type { InetSock} from '../../state/net/inet-sock.ts'
import { RCV_SHUTDOWN, SEND_SHUTDOWN } from '../../state/net/inet-sock.ts'
import { NOTHING, receivesPacket } from './packets.ts'
import { waitForInput, waitForRoom } from '../waits.ts'
import { BUFFER } from './socks.ts'

const brokenPipe = (machine: Machine, flags: number): number => {
  if ((flags & MSG_NOSIGNAL) === 0) machine.sendSignal(machine.current.task, SIGPIPE)
  return -EPIPE
}

/** Waits as the options of the program's own socket say. */
export const receiveLater = (machine: Machine, sock: InetSock, flags: number): number =>
  waitForInput(machine, sock.msk ?? sock, (flags & MSG_DONTWAIT) !== 0)

const sendLater = (machine: Machine, sock: InetSock, to: InetSock, flags: number): number =>
  waitForRoom(machine, sock.msk ?? sock, to.wait, (flags & MSG_DONTWAIT) !== 0)

/** Queues data at the receiver. The caller has checked `hasRoom`. */
const deliver = (to: InetSock, from: InetSock, data: Uint8Array): void => {
  if (to.append(data) || to.enqueue(data, from.local)) to.wait.wake(READABLE)
}

export const sendStream = (
  machine: Machine, sock: InetSock, data: GuestBytes, flags: number, control: () => number,
): number => {
  const { peer } = sock
  const { sk_state } = sock.sk
  if (sk_state === TCP_SYN_SENT) return sendLater(machine, sock, sock, flags)
  if (sk_state === TCP_ESTABLISHED && control() !== 0) return -EINVAL
  if (peer === null || (sock.shutdown & SEND_SHUTDOWN) !== 0) {
    const error = takeError(sock)
    return error !== 0 ? -error : brokenPipe(machine, flags)
  }
  if (data.length === 0) return 0
  const room = Math.min(data.length, BUFFER - peer.bytes)
  if (room <= 0) return sendLater(machine, sock, peer, flags)
  // nothing is sent again, so data that were sent must not be lost
  if (!peer.memory.account.hasRoom(COST.skb + room)) return -ENOBUFS
  const part = copyIn(data, 0, room)
  machine.softirq(() => {
    if (!receivesPacket(machine, peer, sock, part)) return 0
    deliver(peer, sock, part)
    receivesPacket(machine, sock, peer, NOTHING)
    return 0
  })
  return room
}

const takeStream = (sock: InetSock, buf: GuestBytes, peek: boolean): number => {
  let done = 0
  for (let at = 0; done < buf.length;) {
    const skb = sock.queue[at]
    if (skb === undefined) break
    const part = skb.data.subarray(skb.read, skb.read + buf.length - done)
    copyOut(part, buf, done)
    done += part.length
    if (peek) at++
    else {
      skb.read += part.length
      if (skb.read < skb.data.length) break
      sock.dequeue()
    }
  }
  return done
}

/** As `tcp_recvmsg`: the number of bytes, or -errno. */
export const receiveStream = (machine: Machine, sock: InetSock, buf: GuestBytes, flags: number): number => {
  if ((flags & MSG_ERRQUEUE) !== 0) return -EAGAIN
  if (sock.sk.sk_state === TCP_LISTEN) return -ENOTCONN
  const isQueued = sock.queue.length > 0
  const done = takeStream(sock, buf, (flags & MSG_PEEK) !== 0)
  if (isQueued) {
    sock.wait.wake()
    // the other side has room again
    sock.peer?.wait.wake()
    return done
  }
  const error = takeError(sock)
  if (error !== 0) return -error
  if ((sock.shutdown & RCV_SHUTDOWN) !== 0) return 0
  return sock.sk.sk_state === TCP_CLOSE ? -ENOTCONN : receiveLater(machine, sock, flags)
}

/** Sends the end of the stream to the peer, as a packet that its LSMs check. */
export const sendEnd = (machine: Machine, sock: InetSock): void => {
  const { peer } = sock
  if (peer === null) return
  machine.softirq(() => {
    if (receivesPacket(machine, peer, sock, NOTHING)) peer.shutdown |= RCV_SHUTDOWN
    return 0
  })
  peer.wait.wake()
}
