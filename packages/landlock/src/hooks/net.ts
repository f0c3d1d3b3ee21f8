/** Ports of TCP (current_check_access_socket): binding to them, connecting to them. */
import {
  AF_INET, AF_INET6, AF_UNSPEC, EACCES, EAFNOSUPPORT, EINVAL, IPPROTO_TCP, LANDLOCK_ACCESS_NET_BIND_TCP,
  LANDLOCK_ACCESS_NET_CONNECT_TCP, MSG_FASTOPEN, SOCK_STREAM,
} from '@lsmkit/abi'
import type { HookTable, Sock, Sockaddr, Socket } from '@lsmkit/core'
import { refuse, topLayer } from '../denial.ts'
import { rightNames } from '../rights.ts'
import { currentDomain } from '../state.ts'
import type { Landlock } from '../state.ts'

const FAMILY_SIZE = 2
const SOCKADDR_IN_SIZE = 16
/** The last field of sockaddr_in6 came later. */
const SIN6_LEN_RFC2133 = 24

/** As `sk_is_tcp`. */
const isTcp = ({ sk_family, sk_type, sk_protocol }: Sock): boolean =>
  (sk_family === AF_INET || sk_family === AF_INET6) && sk_type === SOCK_STREAM && sk_protocol === IPPROTO_TCP

/** `INADDR_ANY` in the place where an IPv4 address has it. */
const isAnyAddress = ({ raw }: Sockaddr): boolean => (raw[4]! | raw[5]! | raw[6]! | raw[7]!) === 0

/** The port in network order where both families have it. */
const portOf = ({ raw }: Sockaddr): number => (raw[2]! << 8) | raw[3]!

/**
 * A port that the rules are asked about, or -errno as the network stack would answer it: a refusal must not hide that
 * the address was no good. Null: no business of Landlock.
 */
const portAsked = (family: number, address: Sockaddr, length: number, isConnect: boolean): number | null => {
  if (length < FAMILY_SIZE) return -EINVAL
  const of = address.raw[0]! | (address.raw[1]! << 8)
  if (of === AF_UNSPEC) {
    // connecting to nobody lets the peer go
    if (isConnect) return null
    if (family !== AF_INET) return length < SIN6_LEN_RFC2133 ? -EINVAL : -EAFNOSUPPORT
    if (length < SOCKADDR_IN_SIZE) return -EINVAL
    return isAnyAddress(address) ? portOf(address) : -EAFNOSUPPORT
  }
  if (of !== AF_INET && of !== AF_INET6) return null
  if (length < (of === AF_INET ? SOCKADDR_IN_SIZE : SIN6_LEN_RFC2133)) return -EINVAL
  return of === family ? portOf(address) : -EINVAL
}

const check = (landlock: Landlock, { sk }: Socket, address: Sockaddr, length: number, right: number): number => {
  const domain = currentDomain(landlock)
  if (domain === null || domain.all.net === 0 || sk === null || !isTcp(sk)) return 0
  const isConnect = right === LANDLOCK_ACCESS_NET_CONNECT_TCP
  const port = portAsked(sk.sk_family, address, length, isConnect)
  if (port === null) return 0
  if (port < 0) return port
  const layers = domain.refusalsAt(port, right)
  if (layers === 0) {
    landlock.watch?.grantedPort(domain, port, right)
    return 0
  }
  const { family, addr } = address
  const end = isConnect ? { daddr: addr, dest: port } : { saddr: addr, source: port }
  const blockers = rightNames('net', right)
  return refuse(landlock, {
    rc: -EACCES, domain, depth: topLayer(layers), blockers, kind: 'net', object: { family, ...end },
  })
}

export const netHooks: HookTable<Landlock> = {
  socket_bind: (landlock, sock, address, length) =>
    check(landlock, sock, address, length, LANDLOCK_ACCESS_NET_BIND_TCP),
  socket_connect: (landlock, sock, address, length) =>
    check(landlock, sock, address, length, LANDLOCK_ACCESS_NET_CONNECT_TCP),
  socket_sendmsg(landlock, sock, { msg_name, msg_flags }) {
    if ((msg_flags & MSG_FASTOPEN) === 0 || msg_name === null) return 0
    return check(landlock, sock, msg_name, msg_name.raw.length, LANDLOCK_ACCESS_NET_CONNECT_TCP)
  },
}
