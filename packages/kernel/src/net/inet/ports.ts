/** Ports of a network namespace, with the socks that are bound to them, by protocol (net/ipv4/inet_hashtables.c). */
import {
  CAP_NET_BIND_SERVICE, EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, AF_INET, AF_UNSPEC, SO_REUSEADDR,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import { ChurnMap } from '../../state/churn-map.ts'
import type { Machine } from '../../machine.ts'
import type { PlainNamespace } from '../../state/task/namespaces.ts'
import { TCP_CLOSE, TCP_LISTEN } from '../../state/net/proto.ts'
import { SIN6_LEN_RFC2133, SOCKADDR_IN_SIZE } from '../../state/net/sockaddr.ts'
import { anyOf, endpointOf, isAny, isLocal, isPeer } from '../../state/net/addresses.ts'
import type { Endpoint } from '../../state/net/addresses.ts'
import { answersFor } from '../../state/net/inet-sock.ts'
import type { InetSock } from '../../state/net/inet-sock.ts'
import { FIRST_EPHEMERAL } from '../../state/net/table.ts'

const PROT_SOCK = 1024
const LAST_EPHEMERAL = 60999
const NOBODY: ReadonlySet<InetSock> = new Set()

const keyOf = (protocol: number, port: number): string => `${protocol} ${port}`

const usersOf = (machine: Machine, net: PlainNamespace, protocol: number, port: number): ReadonlySet<InetSock> =>
  machine.netTable.ports.get(net)?.get(keyOf(protocol, port)) ?? NOBODY

const overlaps = (a: InetSock, sock: InetSock, addr: string): boolean =>
  answersFor(a, addr) || answersFor(sock, a.local.addr, addr)

const shares = ({ options }: InetSock): boolean => options.get(SO_REUSEADDR) === 1

/** Whether `sock` may bind the port: other socks on the same address must share it, and none of them may listen. */
const isFree = (machine: Machine, sock: InetSock, addr: string, port: number): boolean => {
  const isShared = shares(sock)
  for (const user of usersOf(machine, sock.net, sock.sk.sk_protocol, port)) {
    const goTogether = isShared && user.sk.sk_state !== TCP_LISTEN && shares(user)
    if (!goTogether && overlaps(user, sock, addr)) return false
  }
  return true
}

const take = (machine: Machine, sock: InetSock, addr: string, port: number): void => {
  sock.local = { addr, port }
  sock.bound = true
  sock.sk.sk_num = port
  const table = machine.netTable.ports.get(sock.net) ?? new ChurnMap<string, Set<InetSock>>()
  machine.netTable.ports.set(sock.net, table)
  const key = keyOf(sock.sk.sk_protocol, port)
  table.set(key, (table.get(key) ?? new Set()).add(sock))
}

/** As `inet_autobind`. */
export const autobindPort = (machine: Machine, sock: InetSock, addr = sock.local.addr): number => {
  if (sock.bound) return 0
  for (let tries = FIRST_EPHEMERAL; tries <= LAST_EPHEMERAL; tries++) {
    machine.netTable.nextPort = machine.netTable.nextPort >= LAST_EPHEMERAL
      ? FIRST_EPHEMERAL : machine.netTable.nextPort + 1
    if (!isFree(machine, sock, addr, machine.netTable.nextPort)) continue
    take(machine, sock, addr, machine.netTable.nextPort)
    return 0
  }
  return -EADDRINUSE
}

/** As `inet_bind` and `inet6_bind`. */
export const bindPort = (machine: Machine, sock: InetSock, raw: Uint8Array): number => {
  const { sk_family } = sock.sk
  if (raw.length < (sk_family === AF_INET ? SOCKADDR_IN_SIZE : SIN6_LEN_RFC2133)) return -EINVAL
  const { family } = endpointOf(raw)
  const addr = family === AF_UNSPEC ? anyOf(sk_family) : endpointOf(raw).addr
  // the port is at the same place in both families
  const port = (raw[2]! << 8) | raw[3]!
  // AF_INET accepts the any-address without a family
  const isAll = sk_family === AF_INET && family === AF_UNSPEC && raw.subarray(4, 8).every((byte) => byte === 0)
  if (family !== sk_family && !isAll) return -EAFNOSUPPORT
  // AF_INET checks the address first, AF_INET6 the port
  if (sk_family === AF_INET && !isLocal(addr)) return -EADDRNOTAVAIL
  const { user_ns } = sock.net
  if (port !== 0 && port < PROT_SOCK && !ns_capable(machine.lsm, machine.current, user_ns, CAP_NET_BIND_SERVICE))
    return -EACCES
  if (sock.bound || sock.sk.sk_state !== TCP_CLOSE) return -EINVAL
  if (!isLocal(addr)) return -EADDRNOTAVAIL
  if (port !== 0 && !isFree(machine, sock, addr, port)) return -EADDRINUSE
  if (port !== 0) take(machine, sock, addr, port)
  const rc = autobindPort(machine, sock, addr)
  if (rc !== 0) return rc
  sock.keepsAddr = !isAny(addr)
  sock.keepsPort = port !== 0
  return 0
}

export const releasePort = (machine: Machine, sock: InetSock): void => {
  if (!sock.bound) return
  sock.bound = false
  const table = machine.netTable.ports.get(sock.net)!
  const key = keyOf(sock.sk.sk_protocol, sock.local.port)
  const users = table.get(key)
  users?.delete(sock)
  // an unused port takes no memory
  if (users?.size === 0) table.delete(key)
}

/** The sock that receives packets to `addr` and `port`; null if there is none. */
export const findPort = (
  machine: Machine, net: PlainNamespace, protocol: number, addr: string, port: number,
): InetSock | null => {
  const users = [...usersOf(machine, net, protocol, port)].filter((user) => answersFor(user, addr))
  return users.find((user) => user.sk.sk_state === TCP_LISTEN) ?? users.find((user) => user.peer === null) ?? null
}

/**
 * As `__udp4_lib_lookup`: a sock bound to the address wins over one bound to all; one connected to the sender wins
 * first.
 */
export const findDatagram = (
  machine: Machine, net: PlainNamespace, protocol: number, from: Endpoint, to: Endpoint,
): InetSock | null => {
  const score = (sock: InetSock): number =>
    (sock.local.addr === to.addr ? 2 : answersFor(sock, to.addr) ? 0 : -8) +
    (sock.remote === null ? 0 : isPeer(sock.remote, from) ? 1 : -8)
  let found: InetSock | null = null
  let best = 0
  for (const user of usersOf(machine, net, protocol, to.port)) {
    const points = score(user)
    // of equal socks the last one wins
    if (points < best) continue
    found = user
    best = points
  }
  return found
}
