/**
 * TCP connections that leave the machine, where the host has opened a gateway. The LSMs have agreed to connect(2) by
 * then, and every packet that comes back is asked about. What stands for the other side is as the caller's own: no
 * module has a label for it.
 */
import { ECONNRESET, ENOMEM, ETIMEDOUT } from '@lsmkit/abi'
import type { OutsideConnection } from '../../interfaces/net.ts'
import type { Machine } from '../../machine.ts'
import { copyIn } from '../../state/guest-bytes.ts'
import { TCP_ESTABLISHED, TCP_SYN_SENT } from '../../state/net/proto.ts'
import { InetSock, RCV_SHUTDOWN } from '../../state/net/inet-sock.ts'
import { NOTHING, receivesPacket } from './packets.ts'
import { sk_alloc, sock_init, sock_put } from '../socks.ts'
import { abortTcp } from './tcp-end.ts'

/** Bytes that wait to be read, before the host is told to stop. */
const BUFFER = 212_992

/** The end that stands for the other side; null where there is no memory. */
const openEnd = (machine: Machine, sock: InetSock): InetSock | null => {
  const sk = sk_alloc(machine, sock.sk.sk_family, sock.sk.sk_type, sock.sk.sk_protocol, null)
  if (sk === null) return null
  machine.cgroups.sk_clone(sk, sock.sk)
  machine.lsm.sk_clone_security.tell(sock.sk, sk)
  const end = new InetSock(sk, sock.net)
  sock_init(machine, sk, end)
  sk.sk_state = TCP_ESTABLISHED
  end.local = sock.remote!
  end.remote = sock.local
  end.peer = sock
  sock.peer = end
  return end
}

/** Hands what the program sends to the host, a piece at a time, until either side is done. */
const pump = (machine: Machine, end: InetSock, connection: OutsideConnection): void => {
  const [skb] = end.queue
  if (skb !== undefined) {
    const bytes = skb.data.slice(skb.read)
    end.dequeue()
    // who waits for room does so at this end, who polls at the other
    end.wait.wake()
    end.peer?.wait.wake()
    return connection.write(bytes, () => pump(machine, end, connection))
  }
  if (end.peer === null) {
    connection.destroy()
    sock_put(machine, end.sk)
  } else {
    if ((end.shutdown & RCV_SHUTDOWN) !== 0) connection.end()
    end.wait.subscribe(() => queueMicrotask(() => pump(machine, end, connection)))
  }
}

/** Tells the host that the program has gone, whatever is still on its way. */
const watch = (end: InetSock, connection: OutsideConnection): void => {
  if (end.peer === null) connection.leave()
  // a wake comes in the middle of a call
  else end.wait.subscribe(() => queueMicrotask(() => watch(end, connection)))
}

/** Sends the first packet; the answer comes later. */
export const openOutside = (machine: Machine, sock: InetSock): boolean => {
  const to = sock.remote!
  let end: InetSock | null = null
  let connection: OutsideConnection | null = null
  /** A sock may have given up, and wait for another connection by now. */
  const isWaiting = (): boolean => sock.sk.sk_state === TCP_SYN_SENT && sock.remote === to
  /** Calls come from the host, in the middle of nothing. */
  const settle = (step: () => void): void => {
    step()
    machine.runRcu()
  }
  const breakOff = (errno: number): void => {
    end!.peer = null
    abortTcp(machine, sock, errno)
    end!.wait.wake()
  }
  const watchOpening = (): void => {
    if (end !== null) return
    if (isWaiting()) sock.wait.subscribe(watchOpening)
    else connection!.destroy()
  }
  connection = machine.gateway!(to, {
    opened: () => settle(() => {
      if (!isWaiting()) return connection?.destroy()
      const isLetIn = machine.softirq(() => receivesPacket(machine, sock, { local: to, netlabel: null }, NOTHING))
      end = isLetIn ? openEnd(machine, sock) : null
      if (end === null) {
        abortTcp(machine, sock, isLetIn ? ENOMEM : ETIMEDOUT)
        return connection?.destroy()
      }
      sock.sk.sk_state = TCP_ESTABLISHED
      sock.wait.wake()
      watch(end, connection!)
      pump(machine, end, connection!)
    }),
    failed: (errno) => settle(() => {
      if (isWaiting()) abortTcp(machine, sock, errno)
      else if (end?.peer === sock) breakOff(errno === 0 ? ECONNRESET : errno)
    }),
    data(bytes) {
      if (end === null || end.peer !== sock) return true
      const own = copyIn(bytes)
      settle(() => {
        // nothing is sent again: what is refused, or has no room, is missed
        const isIn = machine.softirq(() => receivesPacket(machine, sock, end!, own)) &&
          (sock.append(own) || sock.enqueue(own, end!.local))
        if (isIn) sock.wait.wake()
        else breakOff(ETIMEDOUT)
      })
      if (sock.bytes < BUFFER) return true
      const whenRead = (): void => {
        if (sock.bytes < BUFFER || end?.peer !== sock) connection?.resume()
        else end.wait.subscribe(() => queueMicrotask(whenRead))
      }
      end.wait.subscribe(() => queueMicrotask(whenRead))
      return false
    },
    ended: () => settle(() => {
      if (end?.peer !== sock) return
      if (machine.softirq(() => receivesPacket(machine, sock, end!, NOTHING))) sock.shutdown |= RCV_SHUTDOWN
      sock.wait.wake()
    }),
  })
  if (connection !== null) watchOpening()
  return connection !== null
}
