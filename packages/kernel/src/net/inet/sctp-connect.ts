/** Opening SCTP associations, and the addresses of an endpoint (net/sctp/socket.c). */
import {
  AF_INET, AF_INET6, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, EBUSY, EINPROGRESS, EINVAL, EISCONN, O_NONBLOCK,
  SCTP_SOCKOPT_BINDX_ADD, SCTP_SOCKOPT_CONNECTX,
} from '@lsmkit/abi'
import type { Socket } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { reportError, TCP_ESTABLISHED, TCP_LISTEN } from '../../state/net/proto.ts'
import { decodeSockaddr, SOCKADDR_IN6_SIZE, SOCKADDR_IN_SIZE } from '../../state/net/sockaddr.ts'
import type { Endpoint } from '../../state/net/addresses.ts'
import { destination } from '../../state/net/inet-sock.ts'
import { SctpSock } from '../../state/net/sctp-sock.ts'
import type { Association } from '../../state/net/sctp-sock.ts'
import { autobindPort, bindPort } from './ports.ts'
import { associate } from './sctp-associations.ts'
import { inet_sk_set_state } from './sk-state.ts'

export const SIZES: ReadonlyMap<number, number> = new Map([[AF_INET, SOCKADDR_IN_SIZE], [AF_INET6, SOCKADDR_IN6_SIZE]])

/** Splits addresses that are packed end to end; null if one is not valid. */
const unpack = (raw: Uint8Array): readonly Uint8Array[] | null => {
  const all: Uint8Array[] = []
  for (let at = 0; at < raw.length; at += all.at(-1)!.length) {
    const size = at + 2 > raw.length ? undefined : SIZES.get(raw[at]! | (raw[at + 1]! << 8))
    if (size === undefined || at + size > raw.length) return null
    all.push(raw.subarray(at, at + size))
  }
  return all.length === 0 ? null : all
}

export const sctpSockOf = (socket: Socket): SctpSock => SctpSock.of(socket.sk!)

/** The checks of `__sctp_connect` before the first packet: the address, or -errno. */
const mayConnect = (machine: Machine, sock: SctpSock, raw: Uint8Array): Endpoint | number => {
  const { sk_state } = sock.sk
  if (sk_state === TCP_ESTABLISHED || (sock.isOneToOne && sk_state === TCP_LISTEN)) return -EISCONN
  const to = destination(sock, raw)
  if (typeof to === 'number') return to === -EAFNOSUPPORT ? -EINVAL : to
  if (sock.associationWith(to) !== null) return -EISCONN
  return autobindPort(machine, sock) === 0 ? to : -EAGAIN
}

export const openAssociation = (machine: Machine, sock: SctpSock, to: Endpoint): Association | number => {
  const asoc = associate(machine, sock, to)
  if (typeof asoc === 'number') {
    reportError(sock, -asoc)
    return asoc
  }
  sock.error = 0
  sock.remote = to
  sock.sk.sk_dport = to.port
  if (sock.isOneToOne) {
    sock.shutdown = 0
    inet_sk_set_state(machine, sock.sk, TCP_ESTABLISHED)
  }
  return asoc
}

/** Connects, and returns what `give` makes of the association; a call that does not wait gets -EINPROGRESS. */
const connectTo = (
  machine: Machine, sock: SctpSock, raw: Uint8Array, nonblock: boolean, give: (asoc: Association) => number,
): number => {
  const to = mayConnect(machine, sock, raw)
  if (typeof to === 'number') return to
  const asoc = openAssociation(machine, sock, to)
  if (nonblock) return -EINPROGRESS
  return typeof asoc === 'number' ? asoc : give(asoc)
}

export const bindx = (machine: Machine, sock: SctpSock, raw: Uint8Array, adds: boolean): number => {
  const all = unpack(raw)
  if (all === null) return -EINVAL
  // the last address cannot be removed, and there is only one
  if (!adds) return -EBUSY
  const rc = machine.lsm.sctp_bind_connect.ask(sock.sk, SCTP_SOCKOPT_BINDX_ADD, decodeSockaddr(raw), raw.length)
  if (rc !== 0) return rc
  for (const one of all) {
    const error = sock.bound ? mayAdd(sock, one) : bindPort(machine, sock, one)
    if (error !== 0) return error
  }
  return 0
}

const mayAdd = (sock: SctpSock, raw: Uint8Array): number => {
  const { port } = decodeSockaddr(raw)
  if (port !== 0 && port !== sock.local.port) return -EINVAL
  return typeof destination(sock, raw) === 'number' ? -EADDRNOTAVAIL : 0
}

export const connectx = (machine: Machine, sock: SctpSock, raw: Uint8Array, givesId: boolean): number => {
  if (raw.length < 2) return -EINVAL
  const rc = machine.lsm.sctp_bind_connect.ask(sock.sk, SCTP_SOCKOPT_CONNECTX, decodeSockaddr(raw), raw.length)
  if (rc !== 0) return rc
  const nonblock = ((sock.sk.sk_socket?.file?.f_flags ?? 0) & O_NONBLOCK) !== 0
  const first = unpack(raw)?.[0]
  return first === undefined ? -EINVAL : connectTo(machine, sock, first, nonblock, (asoc) => (givesId ? asoc.id : 0))
}

export const sctp_connect = (machine: Machine, socket: Socket, raw: Uint8Array, nonblock: boolean): number => {
  return raw.length < 2 ? -EINVAL : connectTo(machine, sctpSockOf(socket), raw, nonblock, () => 0)
}
