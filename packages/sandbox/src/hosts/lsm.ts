/** The module `hosts`: refuses TCP connections that leave the machine for a host that the policy does not name. */
import {
  AF_INET, AF_INET6, EACCES, MSG_FASTOPEN, SOCK_STREAM,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Lsm, LsmContext, Sockaddr, Socket } from '@lsmkit/core'
import { plainHost } from './address.ts'
import { isLocal } from './guard.ts'
import type { HostGuard } from './guard.ts'

/** The name of the module, and of whoever refuses a host. */
export const HOSTS = 'hosts'

const isTcp = ({ sk }: Socket): boolean =>
  sk !== null && (sk.sk_family === AF_INET || sk.sk_family === AF_INET6) && sk.sk_type === SOCK_STREAM

const check = (guard: HostGuard, { audit, current }: LsmContext, sock: Socket, address: Sockaddr): number => {
  if (!isTcp(sock) || (address.family !== AF_INET && address.family !== AF_INET6)) return 0
  const [addr, port] = [plainHost(address.addr), address.port]
  if (isLocal(addr)) {
    const { loopback } = guard.peersOf(current.task)
    if (loopback === null || loopback.includes(port)) return 0
    return audit.deny(-EACCES, 'the port is not in connect', { port })
  }
  const target = guard.targetOf(addr, port)
  const decision = guard.decide(current.task, target)
  return 'rules' in decision ? 0 : audit.deny(-EACCES, decision.why, { host: target.host, port })
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
      // such a message connects without connect(2)
      return (msg_flags & MSG_FASTOPEN) === 0 || msg_name === null ? 0 : check(guard, ctx, sock, msg_name)
    },
  }),
})
