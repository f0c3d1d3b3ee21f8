/** Options of SCTP sockets, and peeling off an association (net/sctp/socket.c). */
import {
  EFAULT, EINVAL, ENOMEM, EOPNOTSUPP, IPPROTO_SCTP, SCTP_GET_ASSOC_ID_LIST, SCTP_SOCKOPT_BINDX_ADD,
  SCTP_SOCKOPT_BINDX_REM,
  SCTP_SOCKOPT_CONNECTX, SCTP_SOCKOPT_CONNECTX_OLD, SCTP_SOCKOPT_PEELOFF, SCTP_SOCKOPT_PEELOFF_FLAGS, SOCK_CLOEXEC,
  SOCK_NONBLOCK, SOCK_SEQPACKET, SOL_SCTP,
} from '@lsmkit/abi'
import type { Socket } from '@lsmkit/core'
import { copyIn, copyOut, isGuestBytes } from '../../state/guest-bytes.ts'
import type { Machine } from '../../machine.ts'
import type { Association, SctpSock } from '../../state/net/sctp-sock.ts'
import { inet_getsockopt, inet_setsockopt } from './options.ts'
import { migrateAssociation, sockFor } from './sctp-associations.ts'
import { opsOf, setOps } from '../../state/net/proto.ts'
import { sock_release } from '../sockfs.ts'
import { netNs, sk_alloc, sock_create, sock_create_lite, sock_graft } from '../socks.ts'
import { bindx, sctpSockOf, connectx } from './sctp-connect.ts'

/** Bytes of `sctp_peeloff_arg_t`: an identifier and the descriptor, in the second form with flags. */
const PEELOFF_SIZES: ReadonlyMap<number, number> =
  new Map([[SCTP_SOCKOPT_PEELOFF, 8], [SCTP_SOCKOPT_PEELOFF_FLAGS, 12]])

const setOption = (machine: Machine, socket: Socket, name: number, value: unknown): number | null => {
  const isAddresses = [
    SCTP_SOCKOPT_BINDX_ADD, SCTP_SOCKOPT_BINDX_REM, SCTP_SOCKOPT_CONNECTX, SCTP_SOCKOPT_CONNECTX_OLD,
  ].includes(name)
  if (!isAddresses) return null
  if (!isGuestBytes(value)) return -EFAULT
  const addresses = copyIn(value)
  return name === SCTP_SOCKOPT_BINDX_ADD || name === SCTP_SOCKOPT_BINDX_REM
    ? bindx(machine, sctpSockOf(socket), addresses, name === SCTP_SOCKOPT_BINDX_ADD)
    : connectx(machine, sctpSockOf(socket), addresses, name === SCTP_SOCKOPT_CONNECTX)
}

/** A socket as programs make it, which gets the association. */
const moved = (machine: Machine, asoc: Association, family: number): Socket | number => {
  const socket = sock_create(machine, family, SOCK_SEQPACKET, IPPROTO_SCTP, false)
  if (typeof socket !== 'number') migrateAssociation(machine, asoc, sctpSockOf(socket))
  return socket
}

/** A copy of the sock that the association was on, in a socket of the kernel's. */
const copied = (machine: Machine, asoc: Association, from: Socket): Socket | number => {
  const { sk } = from
  const socket = sock_create_lite(machine, sk!.sk_family, SOCK_SEQPACKET, IPPROTO_SCTP)
  if (typeof socket === 'number') return socket
  const copy = sk_alloc(machine, sk!.sk_family, SOCK_SEQPACKET, IPPROTO_SCTP, null)
  if (copy === null) {
    sock_release(machine, socket)
    return -ENOMEM
  }
  migrateAssociation(machine, asoc, sockFor(machine, copy, sctpSockOf(from)))
  setOps(socket, opsOf(from))
  sock_graft(machine, copy, socket)
  return socket
}

/** As `sctp_do_peeloff`: moves the association to a socket of its own, and returns its descriptor. */
const peelOff = (machine: Machine, sock: SctpSock, id: number, flags: number): number => {
  const asoc = sock.associations.find((one) => one.id === id)
  const { sk } = sock
  const isMany = !sock.isOneToOne && !sock.isPeeledOff
  if (asoc === undefined || !isMany || netNs(machine) !== sock.net) return -EINVAL
  const socket = machine.rules.sctpCopiesSocks ? copied(machine, asoc, sk.sk_socket as Socket)
    : moved(machine, asoc, sk.sk_family)
  if (typeof socket === 'number') return socket
  sctpSockOf(socket).isPeeledOff = true
  return machine.net.sock_map_fd(socket, flags & (SOCK_CLOEXEC | SOCK_NONBLOCK))
}

const idList = (sock: SctpSock): number | Uint8Array | { readonly rc: number } => {
  if (sock.isOneToOne) return { rc: -EOPNOTSUPP }
  const ids = Uint32Array.of(sock.associations.length, ...sock.associations.map(({ id }) => id))
  return new Uint8Array(ids.buffer)
}

export const sctp_setsockopt = (
  machine: Machine, socket: Socket, level: number, name: number, value: unknown,
): number =>
  (level === SOL_SCTP ? setOption(machine, socket, name, value) : null) ??
    inet_setsockopt(machine, socket, level, name, value)

export const sctp_getsockopt = (
  machine: Machine, socket: Socket, level: number, name: number, given: unknown,
): number | Uint8Array | { readonly rc: number } => {
  if (level !== SOL_SCTP) return inet_getsockopt(socket, level, name)
  if (name === SCTP_GET_ASSOC_ID_LIST) return idList(sctpSockOf(socket))
  const size = PEELOFF_SIZES.get(name)
  if (size === undefined) return inet_getsockopt(socket, level, name)
  if (!isGuestBytes(given) || given.length < size) return { rc: -EINVAL }
  const view = new DataView(copyIn(given, 0, size).buffer)
  const flags = name === SCTP_SOCKOPT_PEELOFF ? 0 : view.getInt32(8, true)
  const fd = peelOff(machine, sctpSockOf(socket), view.getInt32(0, true), flags)
  if (fd >= 0) copyOut(new Uint8Array(Int32Array.of(fd).buffer), given, 4)
  return { rc: fd }
}
