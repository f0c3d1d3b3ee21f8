/**
 * AF_PACKET and AF_XDP: only the permission to make such sockets. Packets that are sent are dropped (net/packet,
 * net/xdp).
 */
import {
  AF_PACKET, AF_XDP, CAP_NET_RAW, EINVAL, ENODEV, ENOIOCTLCMD, ENOMEM, EOPNOTSUPP, EPERM, EPOLLOUT, ESOCKTNOSUPPORT,
  MSG_DONTWAIT, SOCK_DGRAM, SOCK_PACKET, SOCK_RAW,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { ProtoOps } from '../state/net/proto.ts'
import { setOps } from '../state/net/proto.ts'
import { stateOf } from '../state/net/proto.ts'
import type { Family } from '../state/net/proto.ts'
import { sk_alloc, sock_init, baseSockState, sock_put } from './socks.ts'
import { waitForInput } from './waits.ts'

/** Bytes of sockaddr_ll up to its address; where the device's number is. */
const SOCKADDR_LL_HEAD = 12
const IFINDEX_AT = 4
const LOOPBACK = 1

export const packetOps = (machine: Machine): ProtoOps => ({
  family: AF_PACKET,
  release(socket) {
    const sk = socket.sk!
    socket.sk = null
    sock_put(machine, sk)
  },
  bind(_socket, addr) {
    if (addr.length < SOCKADDR_LL_HEAD) return -EINVAL
    const index = new DataView(addr.buffer, addr.byteOffset).getInt32(IFINDEX_AT, true)
    return index === 0 || index === LOOPBACK ? 0 : -ENODEV
  },
  connect: () => -EOPNOTSUPP,
  socketpair: () => -EOPNOTSUPP,
  accept: () => -EOPNOTSUPP,
  getname: () => new Uint8Array([AF_PACKET, 0, ...new Uint8Array(SOCKADDR_LL_HEAD - 2)]),
  listen: () => -EOPNOTSUPP,
  shutdown: () => -EOPNOTSUPP,
  setsockopt: () => 0,
  getsockopt: () => 0,
  sendmsg: (_socket, _msg, data) => data.length,
  recvmsg: (socket, _msg, _buf, flags) => waitForInput(machine, stateOf(socket.sk!), (flags & MSG_DONTWAIT) !== 0),
  poll: () => EPOLLOUT,
  inq: () => 0,
  ioctl: () => -ENOIOCTLCMD,
})

/** As `packet_create` and `xsk_create`. */
export const createPacket = (machine: Machine, family: number): Family => (socket, protocol, _kern, net) => {
  if (!ns_capable(machine.lsm, machine.current, net.user_ns, CAP_NET_RAW)) return -EPERM
  const types = family === AF_XDP ? [SOCK_RAW] : [SOCK_DGRAM, SOCK_RAW, SOCK_PACKET]
  if (!types.includes(socket.type)) return -ESOCKTNOSUPPORT
  const sk = sk_alloc(machine, family, socket.type, protocol, socket)
  if (sk === null) return -ENOMEM
  sock_init(machine, sk, baseSockState(machine, sk, net))
  setOps(socket, machine.netTable.operations.packet)
  return 0
}
