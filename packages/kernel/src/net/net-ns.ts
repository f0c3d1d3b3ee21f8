/**
 * A network namespace begins with sockets of the kernel's protocols and a loopback device (setup_net and cleanup_net of
 * net/core/net_namespace.c).
 *
 * The order is that in which Debian's kernel registers its parts, with IPsec and SCTP loaded.
 */
import {
  AF_INET, AF_INET6, AF_NETLINK, ENOMEM, IPPROTO_ICMPV6, IPPROTO_IP, IPPROTO_SCTP, IPPROTO_TCP, NETLINK_AUDIT,
  NETLINK_FIB_LOOKUP, NETLINK_GENERIC, NETLINK_KOBJECT_UEVENT, NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_XFRM,
  SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET,
} from '@lsmkit/abi'
import type { Socket } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'
import { addLoopback } from '../state/net/devices.ts'
import { netlink_kernel_create } from './netlink.ts'
import { sock_create } from './socks.ts'
import { sock_release } from './sockfs.ts'
import { makeDeviceNodes } from './sysfs-nodes.ts'
import { xfrm_net_exit } from './xfrm/messages.ts'

type ControlSocket = readonly [family: number, type: number, protocol: number]

const CONTROL_SOCKETS: readonly ControlSocket[] = [
  [AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE],
  [AF_NETLINK, SOCK_DGRAM, NETLINK_AUDIT],
  [AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT],
  [AF_NETLINK, SOCK_DGRAM, NETLINK_GENERIC],
  [AF_NETLINK, SOCK_DGRAM, NETLINK_FIB_LOOKUP],
  // groups that addresses join by themselves (igmp_net_init)
  [AF_INET, SOCK_DGRAM, IPPROTO_IP],
  [AF_NETLINK, SOCK_DGRAM, NETLINK_SOCK_DIAG],
  // neighbours, and groups by requests and by addresses (ndisc_net_init, igmp6_net_init)
  [AF_INET6, SOCK_RAW, IPPROTO_ICMPV6],
  [AF_INET6, SOCK_RAW, IPPROTO_ICMPV6],
  [AF_INET6, SOCK_DGRAM, IPPROTO_IP],
  // resets for packets without a connection (tcpv6_net_init; IPv4 has one sock for each processor)
  [AF_INET6, SOCK_RAW, IPPROTO_TCP],
  [AF_NETLINK, SOCK_DGRAM, NETLINK_XFRM],
  // packets that belong to no association (sctp_ctrlsock_init)
  [AF_INET6, SOCK_SEQPACKET, IPPROTO_SCTP],
]

const make = (machine: Machine, net: PlainNamespace, [family, type, protocol]: ControlSocket): Socket | number =>
  family === AF_NETLINK
    ? (netlink_kernel_create(machine, net, protocol) ?? -ENOMEM)
    : sock_create(machine, family, type, protocol, true, net)

/** Those that the kernel is built without are left out. */
const wanted = (machine: Machine, [family, , protocol]: ControlSocket): boolean => {
  if (family !== AF_NETLINK) return protocol !== IPPROTO_SCTP || !machine.without.has('sctp')
  return protocol !== NETLINK_XFRM || machine.config.XFRM_USER
}

/** Makes all of them: 0, or -errno with everything released again. */
export const setup_net = (machine: Machine, net: PlainNamespace): number => {
  const made: Socket[] = []
  const undo = (rc: number): number => {
    for (const sock of made.reverse()) sock_release(machine, sock)
    return rc
  }
  for (const control of CONTROL_SOCKETS.filter((one) => wanted(machine, one))) {
    const sock = make(machine, net, control)
    if (typeof sock === 'number') return undo(sock)
    made.push(sock)
  }
  const rc = makeDeviceNodes(machine, 'lo')
  if (rc !== 0) return undo(rc)
  machine.netTable.controlSockets.set(net, made)
  // they go with it, and do not keep it
  net.users = 0
  addLoopback(net, false)
  return 0
}

/** Ends a namespace without tasks: a worker of the kernel removes what is left, the last made first. */
export const cleanup_net = (machine: Machine, net: PlainNamespace): void => {
  const own = machine.netTable.controlSockets.get(net)
  if (own === undefined) return
  machine.netTable.controlSockets.delete(net)
  machine.callRcu(() => {
    for (const sock of [...own].reverse()) sock_release(machine, sock)
    xfrm_net_exit(machine, net)
    machine.namespaces.endPlainNs(net)
  })
}

/** Those that a namespace has of the kernel's own. */
export const controlSocketsOf = (
  machine: Machine, net: PlainNamespace,
): readonly Socket[] => machine.netTable.controlSockets.get(net) ?? []
