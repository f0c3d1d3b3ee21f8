/**
 * The module `hosts`: refuses TCP connections and datagrams that leave the machine for a host that the policy does not
 * name.
 */
import {
  AF_INET, AF_INET6, AF_UNSPEC, EACCES, IPPROTO_UDP, MSG_FASTOPEN, SOCK_STREAM,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Lsm, LsmContext, Sockaddr, Socket } from '@lsmkit/core'
import { plainHost } from './address.ts'
import { isLocal } from './guard.ts'
import type { HostGuard } from './guard.ts'
import type { Protocol } from './host-rule.ts'

/** The name of the module, and of whoever refuses a host. */
export const HOSTS = 'hosts'

/** Null for a socket that reaches no host. */
const protocolOf = ({ sk }: Socket): Protocol | null => {
  if (sk === null || (sk.sk_family !== AF_INET && sk.sk_family !== AF_INET6)) return null
  return sk.sk_type === SOCK_STREAM ? 'tcp' : sk.sk_protocol === IPPROTO_UDP ? 'udp' : null
}

const check = (guard: HostGuard, { audit, current }: LsmContext, sock: Socket, address: Sockaddr): number => {
  const protocol = protocolOf(sock)
  if (protocol === null || (address.family !== AF_INET && address.family !== AF_INET6)) return 0
  const [addr, port] = [plainHost(address.addr), address.port]
  if (isLocal(addr)) {
    const { loopback } = guard.peersOf(current.task)
    if (loopback === null) return 0
    if (protocol === 'udp') return audit.deny(-EACCES, 'datagrams are for hosts alone', { port, protocol })
    if (loopback.includes(port)) return 0
    return audit.deny(-EACCES, 'the port is not in connect', { port })
  }
  const target = guard.targetOf(addr, port, protocol)
  const decision = guard.decide(current.task, target)
  return 'rules' in decision ? 0 : audit.deny(-EACCES, decision.why, {
    host: target.host, port, ...(protocol === 'udp' ? { protocol } : {}),
  })
}

/** A fresh module for one stack. */
export const hostsLsm = (guard: HostGuard): Lsm<'hosts'> => defineLsm({
  name: HOSTS,
  abi: '1.0',
  package: '@lsmkit/sandbox',
  id: 2000,
  hooks: (ctx) => ({
    socket_connect: (sock: Socket, address: Sockaddr) => check(guard, ctx, sock, address),
    socket_sendmsg(sock: Socket, { msg_name, msg_flags }) {
      if (msg_name === null) return 0
      const isDatagram = protocolOf(sock) === 'udp'
      // a message of TCP with this flag connects without connect(2)
      if (!isDatagram && (msg_flags & MSG_FASTOPEN) === 0) return 0
      if (isDatagram && msg_name.family === AF_UNSPEC)
        return ctx.audit.deny(-EACCES, 'the address of a datagram needs its family', { protocol: 'udp' })
      return check(guard, ctx, sock, msg_name)
    },
  }),
})
