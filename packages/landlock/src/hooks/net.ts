/** Ports of TCP and UDP (current_check_access_socket): binding to them, connecting and sending to them. */
import {
  AF_INET, AF_INET6, AF_UNSPEC, EACCES, EAFNOSUPPORT, EINVAL, IPPROTO_TCP, LANDLOCK_ACCESS_NET_BIND_TCP,
  LANDLOCK_ACCESS_NET_BIND_UDP, LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP, LANDLOCK_ACCESS_NET_CONNECT_TCP, IPPROTO_UDP,
  MSG_FASTOPEN, SOCK_DGRAM, SOCK_STREAM,
} from '@lsmkit/abi'
import type { AuditSources, HookTable, Sock, Sockaddr } from '@lsmkit/core'
import { refuse, topLayer } from '../denial.ts'
import { rightNames } from '../rights.ts'
import type { Domain } from '../domain.ts'
import { currentDomain } from '../state.ts'
import type { Landlock } from '../state.ts'

const FAMILY_SIZE = 2
const SOCKADDR_IN_SIZE = 16
/** The last field of sockaddr_in6 came later. */
const SIN6_LEN_RFC2133 = 24

/** As `sk_is_tcp`. */
const isTcp = ({ sk_family, sk_type, sk_protocol }: Sock): boolean =>
  (sk_family === AF_INET || sk_family === AF_INET6) && sk_type === SOCK_STREAM && sk_protocol === IPPROTO_TCP

/** As `sk_is_udp`. */
const isUdp = ({ sk_family, sk_type, sk_protocol }: Sock): boolean =>
  (sk_family === AF_INET || sk_family === AF_INET6) && sk_type === SOCK_DGRAM && sk_protocol === IPPROTO_UDP

/** `INADDR_ANY` in the place where an IPv4 address has it. */
const isAnyAddress = ({ raw }: Sockaddr): boolean => (raw[4]! | raw[5]! | raw[6]! | raw[7]!) === 0

/** The port in network order where both families have it. */
const portOf = ({ raw }: Sockaddr): number => (raw[2]! << 8) | raw[3]!

/** The kind of request: connecting and sending name the other end, and UDP may send to nobody in particular. */
interface Request {
  readonly right: number
  readonly isConnect: boolean
}

const namesOther = ({ right }: Request): boolean =>
  right === LANDLOCK_ACCESS_NET_CONNECT_TCP || right === LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP

/** The answer for an address of AF_UNSPEC: a port, -errno, or null where Landlock does not decide. */
const unspecified = (family: number, address: Sockaddr, length: number, request: Request): number | null => {
  // connecting to nobody lets the peer go
  if (request.isConnect) return null
  if (namesOther(request)) {
    // IPv6 takes it for no address, and the socket may become one of IPv4 meanwhile: refused whatever the rules are
    if (family === AF_INET6) return -EACCES
    return length < SOCKADDR_IN_SIZE ? -EINVAL : portOf(address)
  }
  if (family !== AF_INET) return length < SIN6_LEN_RFC2133 ? -EINVAL : -EAFNOSUPPORT
  if (length < SOCKADDR_IN_SIZE) return -EINVAL
  return isAnyAddress(address) ? portOf(address) : -EAFNOSUPPORT
}

/**
 * A port that the rules are asked about, or -errno as the network stack would answer it: a refusal must not hide that
 * the address was no good. Null: Landlock does not decide.
 */
const portAsked = (family: number, address: Sockaddr, length: number, request: Request): number | null => {
  if (length < FAMILY_SIZE) return -EINVAL
  const of = address.raw[0]! | (address.raw[1]! << 8)
  if (of === AF_UNSPEC) return unspecified(family, address, length, request)
  if (of !== AF_INET && of !== AF_INET6) return null
  if (length < (of === AF_INET ? SOCKADDR_IN_SIZE : SIN6_LEN_RFC2133)) return -EINVAL
  return of === family ? portOf(address) : -EINVAL
}

/** The end that a record names. */
const netObject = (port: number | null, request: Request, address: Sockaddr | null): AuditSources['net'] => {
  const family = address?.family ?? AF_UNSPEC
  if (port === null) return { family }
  const addr = address?.addr
  if (namesOther(request)) return { family, dest: port, ...(addr === undefined ? {} : { daddr: addr }) }
  return { family, source: port, ...(addr === undefined ? {} : { saddr: addr }) }
}

const refusePort = (
  landlock: Landlock, domain: Domain, port: number | null, request: Request, address: Sockaddr | null, layers: number,
): number => {
  const { right } = request
  return refuse(landlock, {
    rc: -EACCES, domain, depth: topLayer(layers), blockers: rightNames('net', right), kind: 'net',
    object: netObject(port, request, address),
    quiet: { of: 'net', missing: right, layers: port === null ? 0 : domain.quietLayers(port) },
  })
}

const TCP = LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP

/** The domain of the task, if one of its layers asks about the right; before ABI 7 about any right of TCP. */
const domainAsking = (landlock: Landlock, right: number): Domain | null => {
  const domain = currentDomain(landlock)
  const rights = landlock.abi < 7 && (right & TCP) !== 0 ? TCP : right
  return domain === null || (domain.all.net & rights) === 0 ? null : domain
}

const check = (landlock: Landlock, sk: Sock, address: Sockaddr, length: number, request: Request): number => {
  const { right } = request
  const domain = domainAsking(landlock, right)
  if (domain === null) return 0
  const port = portAsked(sk.sk_family, address, length, request)
  if (port === null) return 0
  if (port === -EACCES) return refusePort(landlock, domain, null, request, null, domain.layersWith(right))
  if (port < 0) return port
  return checkPort(landlock, domain, port, request, address)
}

const checkPort = (
  landlock: Landlock, domain: Domain, port: number, request: Request, address: Sockaddr | null,
): number => {
  const layers = domain.refusalsAt(port, request.right)
  if (layers !== 0) return refusePort(landlock, domain, port, request, address, layers)
  landlock.watch?.grantedPort(domain, port, request.right)
  return 0
}

/** A socket without a port gets one by connecting and sending: it needs the right to bind to any, which is port 0. */
const checkAutobind = (landlock: Landlock, sk: Sock): number => {
  const domain = domainAsking(landlock, LANDLOCK_ACCESS_NET_BIND_UDP)
  if (domain === null || sk.sk_num !== 0) return 0
  return checkPort(landlock, domain, 0, { right: LANDLOCK_ACCESS_NET_BIND_UDP, isConnect: false }, null)
}

const isUnspecified = ({ raw }: Sockaddr): boolean => (raw[0]! | (raw[1]! << 8)) === AF_UNSPEC

export const netHooks: HookTable<Landlock> = {
  socket_bind(landlock, { sk }, address, length) {
    if (sk === null || (!isTcp(sk) && !isUdp(sk))) return 0
    const right = isTcp(sk) ? LANDLOCK_ACCESS_NET_BIND_TCP : LANDLOCK_ACCESS_NET_BIND_UDP
    return check(landlock, sk, address, length, { right, isConnect: false })
  },
  socket_connect(landlock, { sk }, address, length) {
    if (sk === null) return 0
    if (isTcp(sk)) {
      return check(landlock, sk, address, length, { right: LANDLOCK_ACCESS_NET_CONNECT_TCP, isConnect: true })
    }
    if (!isUdp(sk)) return 0
    const request = { right: LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP, isConnect: true }
    const rc = check(landlock, sk, address, length, request)
    if (rc !== 0 || length < FAMILY_SIZE || isUnspecified(address)) return rc
    return checkAutobind(landlock, sk)
  },
  socket_sendmsg(landlock, { sk }, { msg_name, msg_flags }) {
    if (sk === null) return 0
    if (isTcp(sk)) {
      if ((msg_flags & MSG_FASTOPEN) === 0 || msg_name === null) return 0
      const request = { right: LANDLOCK_ACCESS_NET_CONNECT_TCP, isConnect: true }
      return check(landlock, sk, msg_name, msg_name.raw.length, request)
    }
    if (!isUdp(sk)) return 0
    const request = { right: LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP, isConnect: false }
    const rc = msg_name === null ? 0 : check(landlock, sk, msg_name, msg_name.raw.length, request)
    return rc !== 0 ? rc : checkAutobind(landlock, sk)
  },
}
