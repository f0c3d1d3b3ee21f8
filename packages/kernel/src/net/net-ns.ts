/**
 * What each network namespace gets of the kernel's own: sockets that protocols keep for themselves, and its loopback
 * device with the device's nodes in sysfs (setup_net of net/core/net_namespace.c). There is no sysfs to see the nodes
 * in; LSMs are asked about them all the same.
 *
 * In the order in which a kernel that is built as Debian's registers its parts, IPsec and SCTP loaded. The sockets go
 * with the namespace, without a word to the LSMs: nobody counts who is in one.
 */
import {
  AF_INET, AF_INET6, AF_NETLINK, ENOMEM, IPPROTO_ICMPV6, IPPROTO_IP, IPPROTO_SCTP, IPPROTO_TCP, NETLINK_AUDIT,
  NETLINK_FIB_LOOKUP, NETLINK_GENERIC, NETLINK_KOBJECT_UEVENT, NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_XFRM,
  S_IFDIR, S_IFLNK, S_IFREG, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET,
} from '@lsmkit/abi'
import type { KernfsNode, KeyMap, Socket } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { PlainNamespace } from '../task/namespaces.ts'
import { addLoopback } from './inet/loopback.ts'
import type { Netlink } from './netlink.ts'
import type { Sockfs } from './sockfs.ts'
import type { Socks } from './socks.ts'

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
  // resets of connections that are none (tcpv6_net_init; those of IPv4 are sent from one a processor)
  [AF_INET6, SOCK_RAW, IPPROTO_TCP],
  [AF_NETLINK, SOCK_DGRAM, NETLINK_XFRM],
  // packets that belong to no association (sctp_ctrlsock_init)
  [AF_INET6, SOCK_SEQPACKET, IPPROTO_SCTP],
]

const names = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Files of a network device, as they are made (net_class_attrs); with a star those that can be written. */
const DEVICE_FILES = names(`
  netdev_group* type dev_id dev_port iflink ifindex name_assign_type addr_assign_type addr_len link_mode address
  broadcast speed duplex dormant testing operstate carrier_changes ifalias* carrier* mtu* flags* tx_queue_len*
  gro_flush_timeout* napi_defer_hard_irqs* phys_port_id phys_port_name phys_switch_id proto_down* carrier_up_count
  carrier_down_count threaded*`)
const STATISTICS = names(`
  rx_packets tx_packets rx_bytes tx_bytes rx_errors tx_errors rx_dropped tx_dropped multicast collisions
  rx_length_errors rx_over_errors rx_crc_errors rx_frame_errors rx_fifo_errors rx_missed_errors tx_aborted_errors
  tx_carrier_errors tx_fifo_errors tx_heartbeat_errors tx_window_errors rx_compressed tx_compressed rx_nohandler`)
/** Of every device (power_attrs and runtime_attrs of drivers/base/power). */
const POWER = names(`
  async* runtime_status runtime_usage runtime_active_kids runtime_enabled control* runtime_suspended_time
  runtime_active_time autosuspend_delay_ms*`)
const RX_QUEUE = names('rps_cpus* rps_flow_cnt*')
const TX_QUEUE = names('tx_timeout traffic_class xps_cpus* xps_rxqs* tx_maxrate*')

const newNode = (parent: KernfsNode | null, name: string, mode: number): KernfsNode =>
  ({ name, parent, mode, xattrs: new Map() })
const newDir = (parent: KernfsNode | null, name: string): KernfsNode => newNode(parent, name, S_IFDIR | 0o755)

const fileNode = (parent: KernfsNode, name: string): KernfsNode =>
  name.endsWith('*') ? newNode(parent, name.slice(0, -1), S_IFREG | 0o644) : newNode(parent, name, S_IFREG | 0o444)

function* groupNodes(parent: KernfsNode, name: string, files: readonly string[]): Generator<KernfsNode> {
  const dir = newDir(parent, name)
  yield dir
  for (const file of files) yield fileNode(dir, file)
}

/** The nodes of a device with one queue each way, as they are made (device_add, register_queue_kobjects). */
function* deviceNodes(devices: KernfsNode, links: KernfsNode, name: string): Generator<KernfsNode> {
  const device = newDir(devices, name)
  yield device
  yield fileNode(device, 'uevent*')
  yield newNode(device, 'subsystem', S_IFLNK | 0o777)
  yield newNode(links, name, S_IFLNK | 0o777)
  for (const file of DEVICE_FILES) yield fileNode(device, file)
  yield* groupNodes(device, 'statistics', STATISTICS)
  yield* groupNodes(device, 'power', POWER)
  const queues = newDir(device, 'queues')
  yield queues
  yield* groupNodes(queues, 'rx-0', RX_QUEUE)
  yield* groupNodes(queues, 'tx-0', TX_QUEUE)
}

export const netNamespaces = (
  lsm: KeyMap, machine: Machine, { sock_release }: Sockfs, { sock_create }: Socks, { netlink_kernel_create }: Netlink,
) => {
  const controlSockets = new WeakMap<PlainNamespace, readonly Socket[]>()
  /** /sys/devices/virtual/net and /sys/class/net. */
  const devices = newDir(newDir(newDir(null, 'devices'), 'virtual'), 'net')
  const links = newDir(newDir(null, 'class'), 'net')

  const make = (net: PlainNamespace, [family, type, protocol]: ControlSocket): Socket | number =>
    family === AF_NETLINK
      ? (netlink_kernel_create(net, protocol) ?? -ENOMEM)
      : sock_create(family, type, protocol, true, net)

  /** Those that the kernel is built without are left out. */
  const wanted = ([family, , protocol]: ControlSocket): boolean =>
    family !== AF_NETLINK || protocol !== NETLINK_XFRM || machine.config.XFRM_USER

  const makeNodes = (): number => {
    for (const node of deviceNodes(devices, links, 'lo')) {
      const rc = lsm.kernfs_init_security.ask(node.parent!, node)
      if (rc !== 0) return rc
    }
    return 0
  }

  /** All of it or, with what was made released again, -errno. */
  const setup_net = (net: PlainNamespace): number => {
    const made: Socket[] = []
    const undo = (rc: number): number => {
      for (const sock of made.reverse()) sock_release(sock)
      return rc
    }
    for (const control of CONTROL_SOCKETS.filter(wanted)) {
      const sock = make(net, control)
      if (typeof sock === 'number') return undo(sock)
      made.push(sock)
    }
    const rc = makeNodes()
    if (rc !== 0) return undo(rc)
    controlSockets.set(net, made)
    addLoopback(net, false)
    return 0
  }

  return { setup_net }
}
