/** Making devices of /dev/net/tun, and attaching queues to them (drivers/net/tun.c). */
import {
  CAP_NET_ADMIN, EBUSY, EINVAL, ENOMEM, EPERM, E2BIG, IFF_ATTACH_QUEUE, IFF_DETACH_QUEUE, IFF_MULTI_QUEUE, IFF_NAPI,
  IFF_NAPI_FRAGS, IFF_NO_CARRIER, IFF_NO_PI, IFF_ONE_QUEUE, IFF_TAP, IFF_TUN, IFF_TUN_EXCL, IFF_VNET_HDR,
} from '@lsmkit/abi'
import { capable, in_egroup, ns_capable } from '@lsmkit/core'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'
import { Tun } from '../state/net/tun.ts'
import type { TunQueue } from '../state/net/tun.ts'
import { makeDeviceNodes } from './sysfs-nodes.ts'
import { addDevice, deviceNamed, TAP, TUN } from '../state/net/devices.ts'
import type { Ifreq } from './inet/interface-ioctl.ts'
import { stateOf } from '../state/net/proto.ts'

export const FEATURES = IFF_NO_PI | IFF_ONE_QUEUE | IFF_VNET_HDR | IFF_MULTI_QUEUE | IFF_NAPI | IFF_NAPI_FRAGS

/** Bytes of a name, and of `struct tun_pi` and `struct virtio_net_hdr` before a packet. */
const IFNAMSIZ = 16
const MOST_QUEUES = 256

/** Files that the driver adds to the device's (tun_attr_group). */
const OWN_FILES = ['tun_flags', 'owner', 'group']

/** The first free name of a pattern that ends in a number. */
const freeName = (net: PlainNamespace, prefix: string): string => {
  let n = 0
  while (deviceNamed(net, `${prefix}${n}`) !== null) n++
  return `${prefix}${n}`
}

const isName = (
  name: string,
): boolean => name.length < IFNAMSIZ && name !== '.' && name !== '..' && !/[/:\s]/.test(name)

const mayAdminister = (
  machine: Machine, net: PlainNamespace,
): boolean => ns_capable(machine.lsm, machine.current, net.user_ns, CAP_NET_ADMIN)

/** As `tun_permitted`: the owner, the group (both if both are set), or a task with CAP_NET_ADMIN. */
const tun_permitted = (machine: Machine, { owner, group, net }: Tun): boolean => {
  const { cred } = machine.current.task
  const isOwners = owner < 0 || cred.euid === owner
  const isGroups = group < 0 || in_egroup(cred, group)
  const isOwned = owner >= 0 || group >= 0 || machine.rules.tunWithoutOwner === 'everybody'
  return (isOwned && isOwners && isGroups) || mayAdminister(machine, net)
}

/** As `tun_attach`. */
const tun_attach = (machine: Machine, tun: Tun, queue: TunQueue): number => {
  const rc = machine.lsm.tun_dev_attach.ask(queue.sk, tun)
  if (rc < 0) return rc
  if (queue.tun !== null && !queue.isDetached) return -EINVAL
  if ((tun.flags & IFF_MULTI_QUEUE) === 0 && tun.queues === 1) return -EBUSY
  if (!queue.isDetached && tun.queues + tun.disabled === MOST_QUEUES) return -E2BIG
  if (queue.isDetached) tun.disabled--
  queue.isDetached = false
  queue.tun = tun
  tun.queues++
  return 0
}

/** Attaches a queue to a device that exists already. */
const reopen = (machine: Machine, tun: Tun, queue: TunQueue, flags: number): number => {
  if ((flags & IFF_TUN_EXCL) !== 0) return -EBUSY
  const isSame = (flags & tun.flags & (IFF_TUN | IFF_TAP)) !== 0
  if (!isSame || ((flags ^ tun.flags) & IFF_MULTI_QUEUE) !== 0) return -EINVAL
  if (!tun_permitted(machine, tun)) return -EPERM
  let rc = machine.lsm.tun_dev_open.ask(tun)
  if (rc >= 0) rc = tun_attach(machine, tun, queue)
  if (rc < 0) return rc
  const isOneOfMany = (tun.flags & IFF_MULTI_QUEUE) !== 0 && tun.queues + tun.disabled > 1
  if (!isOneOfMany) tun.flags = (tun.flags & ~FEATURES) | (flags & FEATURES)
  return 0
}

/** As `register_netdevice`: 0 or -errno. A failure, also of an LSM, undoes what was made. */
const registerTun = (machine: Machine, tun: Tun, queue: TunQueue, name: string): number => {
  let rc = machine.lsm.tun_dev_alloc_security.ask(tun)
  if (rc < 0) return rc
  if (!(tun.net.memory ?? machine.memory).charge(COST.netDevice)) return -ENOMEM
  rc = tun_attach(machine, tun, queue)
  if (rc === 0) rc = makeDeviceNodes(machine, name, OWN_FILES)
  if (rc === 0) {
    tun.device = addDevice(tun.net, name, (tun.flags & IFF_TUN) !== 0 ? TUN : TAP)
    machine.netTable.tuns.set(tun.device, tun)
  } else {
    queue.tun = null
    ;(tun.net.memory ?? machine.memory).uncharge(COST.netDevice)
  }
  return rc
}

const makeTun = (machine: Machine, net: PlainNamespace, queue: TunQueue, ifr: Ifreq, flags: number): number => {
  if (!mayAdminister(machine, net)) return -EPERM
  const rc = machine.lsm.tun_dev_create.ask()
  if (rc < 0) return rc
  const kind = (flags & IFF_TUN) !== 0 ? IFF_TUN : flags & IFF_TAP
  if (kind === 0) return -EINVAL
  const pattern = ifr.ifr_name === '' ? (kind === IFF_TUN ? 'tun%d' : 'tap%d') : ifr.ifr_name
  if (!isName(pattern)) return -EINVAL
  const name = pattern.endsWith('%d') ? freeName(net, pattern.slice(0, -2)) : pattern
  return registerTun(machine, new Tun(net, kind | (flags & FEATURES)), queue, name)
}

/** As `tun_set_iff`. */
export const tun_set_iff = (machine: Machine, queue: TunQueue, ifr: Ifreq): number => {
  if (queue.isDetached) return -EINVAL
  const flags = (ifr.ifr_flags ?? 0) & 0xffff
  if ((flags & IFF_NAPI_FRAGS) !== 0) {
    if (!capable(machine.lsm, machine.current, CAP_NET_ADMIN)) return -EPERM
    if ((flags & IFF_NAPI) === 0 || (flags & (IFF_TUN | IFF_TAP)) !== IFF_TAP) return -EINVAL
  }
  const net = stateOf(queue.sk).net
  const device = deviceNamed(net, ifr.ifr_name)
  const known = device === null ? null : (machine.netTable.tuns.get(device) ?? null)
  if (device !== null && known === null) return (flags & IFF_TUN_EXCL) !== 0 ? -EBUSY : -EINVAL
  const rc = known === null ? makeTun(machine, net, queue, ifr, flags) : reopen(machine, known, queue, flags)
  if (rc < 0) return rc
  const { device: own } = queue.tun!
  own.hasCarrier = (flags & IFF_NO_CARRIER) === 0
  ifr.ifr_name = own.name
  return 0
}

/** As `tun_set_queue`: detaches one of several queues, or attaches it again. */
export const tun_set_queue = (machine: Machine, queue: TunQueue, { ifr_flags = 0 }: Ifreq): number => {
  const { tun } = queue
  if ((ifr_flags & IFF_ATTACH_QUEUE) !== 0) {
    if (tun === null || !queue.isDetached) return -EINVAL
    const rc = machine.lsm.tun_dev_attach_queue.ask(tun)
    return rc < 0 ? rc : tun_attach(machine, tun, queue)
  }
  const isOneOfMany = tun !== null && (tun.flags & IFF_MULTI_QUEUE) !== 0 && !queue.isDetached
  if ((ifr_flags & IFF_DETACH_QUEUE) === 0 || !isOneOfMany) return -EINVAL
  queue.isDetached = true
  tun.queues--
  tun.disabled++
  return 0
}
