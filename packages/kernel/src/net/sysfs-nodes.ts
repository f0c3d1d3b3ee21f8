/**
 * Nodes of sysfs for a network device (net/core/net-sysfs.c, drivers/base). sysfs shows only some attributes of the
 * loopback device, but the LSMs are asked about each node.
 */
import { S_IFDIR, S_IFLNK, S_IFREG } from '@lsmkit/abi'
import { isUnused } from '@lsmkit/core'
import type { KernfsNode } from '@lsmkit/core'
import type { Machine } from '../machine.ts'

const names = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Files of a network device, as they are made (net_class_attrs); with a star those that can be written. */
const DEVICE_FILES = names(`
  netdev_group* type dev_id dev_port iflink ifindex name_assign_type addr_assign_type addr_len link_mode address
  broadcast speed duplex dormant testing operstate carrier_changes ifalias* carrier* mtu* flags* tx_queue_len*
  gro_flush_timeout* napi_defer_hard_irqs* phys_port_id phys_port_name phys_switch_id proto_down* carrier_up_count
  carrier_down_count threaded*`)
/** Files about the port that a device is on: virtual ones are on none. */
const PORT_FILES: ReadonlySet<string> = new Set(['phys_port_id', 'phys_port_name', 'phys_switch_id'])
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
function* deviceNodes(
  devices: KernfsNode, links: KernfsNode, name: string, files: readonly string[],
): Generator<KernfsNode> {
  const device = newDir(devices, name)
  yield device
  yield fileNode(device, 'uevent*')
  yield newNode(device, 'subsystem', S_IFLNK | 0o777)
  yield newNode(links, name, S_IFLNK | 0o777)
  for (const file of files) yield fileNode(device, file)
  yield* groupNodes(device, 'statistics', STATISTICS)
  yield* groupNodes(device, 'power', POWER)
  const queues = newDir(device, 'queues')
  yield queues
  yield* groupNodes(queues, 'rx-0', RX_QUEUE)
  yield* groupNodes(queues, 'tx-0', TX_QUEUE)
}

/** /sys/devices/virtual/net. */
export const deviceDir = (): KernfsNode => newDir(newDir(newDir(null, 'devices'), 'virtual'), 'net')
/** /sys/class/net. */
export const linkDir = (): KernfsNode => newDir(newDir(null, 'class'), 'net')

/** `ownFiles` are those of the device's driver. 0, or -errno where an LSM will not have one of them. */
export const makeDeviceNodes = (machine: Machine, name: string, ownFiles: readonly string[] = []): number => {
  if (isUnused(machine.lsm.kernfs_init_security)) return 0
  const files = DEVICE_FILES.filter((file) => machine.rules.allShowPorts || !PORT_FILES.has(file)).concat(ownFiles)
  for (const node of deviceNodes(machine.netTable.deviceNodes, machine.netTable.linkNodes, name, files)) {
    const rc = machine.lsm.kernfs_init_security.ask(node.parent!, node)
    if (rc !== 0) return rc
  }
  return 0
}
