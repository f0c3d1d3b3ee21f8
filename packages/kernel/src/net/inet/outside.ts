/**
 * TCP connections that leave the machine through the gateway of the host. The LSMs have allowed connect(2) before, and
 * they check each packet that comes back. The sock that stands for the other side has the labels of the caller's own,
 * because no module has a label for the outside.
 */
import { EACCES, ECONNRESET, ENETUNREACH, ENOMEM, ETIMEDOUT } from '@lsmkit/abi'
import type { OutsideConnection } from '../../interfaces/net.ts'
import type { Machine } from '../../machine.ts'
import { copyIn } from '../../state/guest-bytes.ts'
import type { Endpoint } from '../../state/net/addresses.ts'
import { TCP_ESTABLISHED, TCP_SYN_SENT } from '../../state/net/proto.ts'
import { InetSock, RCV_SHUTDOWN } from '../../state/net/inet-sock.ts'
import { NOTHING, receivesPacket } from './packets.ts'
import { sk_alloc, sock_init, sock_put } from '../socks.ts'
import { abortTcp } from './tcp-end.ts'
import { inet_sk_set_state } from './sk-state.ts'

/** When so many bytes wait to be read, the host stops sending. */
const BUFFER = 212_992

/** Makes the sock that stands for the other side; null if there is no memory. */
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

/** Passes what the program sends to the host, one piece after another, until a side ends the connection. */
const pump = (machine: Machine, end: InetSock, connection: OutsideConnection): void => {
  const [skb] = end.queue
  if (skb !== undefined) {
    const bytes = skb.data.slice(skb.read)
    end.dequeue()
    // a sender waits for room at this end, poll(2) at the other
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

/** Calls `leave` of the host once the program has closed its socket, even if bytes are still on their way. */
const watch = (end: InetSock, connection: OutsideConnection): void => {
  if (end.peer === null) connection.leave()
  // a wake comes in the middle of a call
  else end.wait.subscribe(() => queueMicrotask(() => watch(end, connection)))
}

/** A connection that is being opened, or is open. */
interface OutsideTcp {
  readonly machine: Machine
  /** The program's own. */
  readonly sock: InetSock
  readonly to: Endpoint
  /** Stands for the other side; null until it has answered. */
  end: InetSock | null
  connection: OutsideConnection | null
}

/** False if the program has given up, even if the sock waits for another connection by now. */
const isOpening = ({ sock, to }: OutsideTcp): boolean => sock.sk.sk_state === TCP_SYN_SENT && sock.remote === to

/** Runs a step for the host, which calls between two system calls. */
const settle = (machine: Machine, step: () => void): void => {
  step()
  machine.runRcu()
}

const breakOff = ({ machine, sock, end }: OutsideTcp, errno: number): void => {
  end!.peer = null
  abortTcp(machine, sock, errno)
  end!.wait.wake()
}

/** Ends the attempt of the host if the program gives up first. */
const watchOpening = (tcp: OutsideTcp): void => {
  if (tcp.end !== null) return
  if (isOpening(tcp)) tcp.sock.wait.subscribe(() => watchOpening(tcp))
  else tcp.connection!.destroy()
}

const opened = (tcp: OutsideTcp): void => {
  const { machine, sock, to } = tcp
  if (!isOpening(tcp)) return tcp.connection?.destroy()
  const isLetIn = machine.softirq(() => receivesPacket(machine, sock, { local: to, netlabel: null }, NOTHING))
  const end = isLetIn ? openEnd(machine, sock) : null
  if (end === null) {
    abortTcp(machine, sock, isLetIn ? ENOMEM : ETIMEDOUT)
    return tcp.connection?.destroy()
  }
  tcp.end = end
  inet_sk_set_state(machine, sock.sk, TCP_ESTABLISHED)
  sock.wait.wake()
  watch(end, tcp.connection!)
  pump(machine, end, tcp.connection!)
}

const failed = (tcp: OutsideTcp, errno: number): void => {
  if (isOpening(tcp)) abortTcp(tcp.machine, tcp.sock, errno)
  else if (tcp.end?.peer === tcp.sock) breakOff(tcp, errno === 0 ? ECONNRESET : errno)
}

/** Lets the host go on once the program has read enough, or has gone. */
const resumeWhenRead = (tcp: OutsideTcp): void => {
  const { sock, end, connection } = tcp
  if (sock.bytes < BUFFER || end?.peer !== sock) connection?.resume()
  else end.wait.subscribe(() => queueMicrotask(() => resumeWhenRead(tcp)))
}

/** Bytes from the other side; false asks the host to stop until `resume`. */
const received = (tcp: OutsideTcp, bytes: Uint8Array): boolean => {
  const { machine, sock, end } = tcp
  if (end === null || end.peer !== sock) return true
  const own = copyIn(bytes)
  settle(machine, () => {
    // nothing is sent again: a refused packet, or one without room, breaks the connection
    const isIn = machine.softirq(() => receivesPacket(machine, sock, end, own)) &&
      (sock.append(own) || sock.enqueue(own, end.local))
    if (isIn) sock.wait.wake()
    else breakOff(tcp, ETIMEDOUT)
  })
  if (sock.bytes < BUFFER) return true
  end.wait.subscribe(() => queueMicrotask(() => resumeWhenRead(tcp)))
  return false
}

const ended = ({ machine, sock, end }: OutsideTcp): void => {
  if (end === null || end.peer !== sock) return
  if (machine.softirq(() => receivesPacket(machine, sock, end, NOTHING))) sock.shutdown |= RCV_SHUTDOWN
  sock.wait.wake()
}

/** Asks the host to connect to `sock.remote`: 0, or -errno if it refuses. The answer comes later. */
export const openOutside = (machine: Machine, sock: InetSock): number => {
  const tcp: OutsideTcp = { machine, sock, to: sock.remote!, end: null, connection: null }
  const answer = machine.gateway!(tcp.to, {
    opened: () => settle(machine, () => opened(tcp)),
    failed: (errno) => settle(machine, () => failed(tcp, errno)),
    data: (bytes) => received(tcp, bytes),
    ended: () => settle(machine, () => ended(tcp)),
  })
  if (answer === null) return -ENETUNREACH
  if (typeof answer === 'number') return answer < 0 ? answer : -EACCES
  tcp.connection = answer
  watchOpening(tcp)
  return 0
}
