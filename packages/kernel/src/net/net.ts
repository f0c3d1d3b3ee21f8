/** Sockets of one machine, as the rest of the kernel sees them. */
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, AF_XDP } from '@lsmkit/abi'
import type { Net } from '../interfaces/net.ts'
import type { Machine } from '../machine.ts'
import { bound } from '../state/bound.ts'
import { NetTable } from '../state/net/table.ts'
import { createInet } from './inet/inet.ts'
import { inetOps } from './inet/operations.ts'
import { netlbl_req_setattr, netlbl_skbuff_err, netlbl_sock_setattr } from './inet/netlabel.ts'
import { sctpOps } from './inet/sctp.ts'
import { sock_recvmsg, sock_sendmsg } from './messages.ts'
import { cleanup_net, controlSocketsOf, setup_net } from './net-ns.ts'
import { attachNetlink, createNetlink, netlinkOps } from './netlink.ts'
import { createPacket, packetOps } from './packet.ts'
import {
  setUpSockfs, sock_alloc, SOCKET_I, sock_alloc_file, sock_from_file, sock_map_fd, sock_release, socketFileOps,
  socketInodeOps,
} from './sockfs.ts'
import { baseSockState, netNs, sk_alloc, sock_create, sock_init, sock_put } from './socks.ts'
import { deviceDir, linkDir, makeDeviceNodes } from './sysfs-nodes.ts'
import { createUnix, peerCreds, unixOps } from './unix/unix.ts'

const newTable = (machine: Machine): NetTable => {
  const inet = [inetOps(machine, AF_INET), inetOps(machine, AF_INET6)] as const
  return new NetTable({
    file: socketFileOps(machine),
    inode: socketInodeOps(machine),
    unix: unixOps(machine),
    netlink: netlinkOps(machine),
    packet: packetOps(machine),
    inet,
    sctp: [sctpOps(machine, inet[0]), sctpOps(machine, inet[1])],
  }, deviceDir(), linkDir())
}

const setUpFamilies = (machine: Machine): void => {
  const { families } = machine.netTable
  const { unix, netlink } = bound(machine, { unix: createUnix, netlink: createNetlink })
  families.set(AF_UNIX, unix)
  families.set(AF_NETLINK, netlink)
  for (const family of [AF_INET, AF_INET6]) families.set(family, createInet(machine, family))
  if (machine.without.has('packet')) return
  for (const family of [AF_PACKET, AF_XDP]) families.set(family, createPacket(machine, family))
}

/** Options that programs of the kernel set come with the system calls. */
export const createNet = (machine: Machine): Omit<Net, 'programOptions'> => {
  machine.netTable = newTable(machine)
  setUpFamilies(machine)
  return {
    ...bound(machine, {
      setUp: setUpSockfs, attachNetlink, makeDeviceNodes, setup_net, cleanup_net, controlSocketsOf,
      sock_sendmsg, sock_recvmsg, sk_alloc, baseState: baseSockState, sock_init, sock_put, sock_create, netNs,
      sock_alloc, sock_release, sock_alloc_file, sock_map_fd, sock_from_file,
    }),
    SOCKET_I,
    unix: { peerCreds },
    labels: { netlbl_sock_setattr, ...bound(machine, { netlbl_req_setattr, netlbl_skbuff_err }) },
  }
}
