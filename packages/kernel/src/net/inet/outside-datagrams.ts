/**
 * Datagrams of UDP that leave the machine through the gateway of the host. The LSMs have allowed connect(2) or
 * sendto(2) before, and they check each datagram that comes back, as from a sender without a label.
 */
import { EACCES, ENETUNREACH } from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import { copyIn } from '../../state/guest-bytes.ts'
import { reportError } from '../../state/net/proto.ts'
import { isPeer } from '../../state/net/addresses.ts'
import type { Endpoint } from '../../state/net/addresses.ts'
import type { DatagramWay, InetSock } from '../../state/net/inet-sock.ts'
import { deliver } from './delivery.ts'
import { receivePacket } from './packets.ts'

/** Runs a step for the host, which calls between two system calls; not for a way that was closed meanwhile. */
const settle = (machine: Machine, ways: ReadonlyMap<string, DatagramWay>, sock: InetSock, step: () => void): void => {
  if (sock.ways !== ways) return
  step()
  machine.runRcu()
}

const openWay = (machine: Machine, sock: InetSock, to: Endpoint, ways: Map<string, DatagramWay>) =>
  machine.datagrams?.(to, {
    data: (bytes) => settle(machine, ways, sock, () => machine.softirq(() => {
      const own = copyIn(bytes)
      if (receivePacket(machine, sock, { local: to, netlabel: null }, own) === 0) deliver(sock, own, to)
    })),
    failed: (errno) => settle(machine, ways, sock, () => {
      // as for an answer of ICMP: a socket that is connected gets it at its next call
      if (sock.remote === null || !isPeer(sock.remote, to)) return
      reportError(sock, errno)
    }),
  }) ?? -ENETUNREACH

/** 0, or -errno. */
export const sendOutside = (machine: Machine, sock: InetSock, to: Endpoint, data: Uint8Array): number => {
  const ways = (sock.ways ??= new Map())
  const key = `${to.addr} ${to.port}`
  let way = ways.get(key)
  if (way === undefined) {
    const opened = openWay(machine, sock, to, ways)
    if (typeof opened === 'number') return opened < 0 ? opened : -EACCES
    way = opened
    ways.set(key, way)
  }
  return way.send(data)
}

/** The socket is closed, or asks for another peer: nothing of the old ones comes any more. */
export const closeWays = (sock: InetSock): void => {
  const { ways } = sock
  sock.ways = null
  for (const way of ways?.values() ?? []) way.close()
}
