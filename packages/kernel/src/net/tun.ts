/**
 * /dev/net/tun: network devices whose other end is a program (drivers/net/tun.c). The loopback device alone has an
 * address, so nothing is ever sent by one of these, and what a program puts in leads to nobody.
 */
import {
  AF_UNSPEC, CAP_NET_ADMIN, EAGAIN, EBADFD, EBUSY, EEXIST, EFAULT, EINVAL, EIO, ENOMEM, ENOTTY, EPERM, EPOLLERR,
  EPOLLOUT, ERESTARTSYS, E2BIG, IFF_ATTACH_QUEUE, IFF_DETACH_QUEUE, IFF_MULTI_QUEUE, IFF_NAPI, IFF_NAPI_FRAGS,
  IFF_NOFILTER, IFF_NO_CARRIER, IFF_NO_PI, IFF_ONE_QUEUE, IFF_PERSIST, IFF_TAP, IFF_TUN, IFF_TUN_EXCL, IFF_VNET_HDR,
  O_NONBLOCK, TUNGETFEATURES, TUNGETIFF, TUNSETGROUP, TUNSETIFF, TUNSETNOCSUM, TUNSETOWNER, TUNSETPERSIST, TUNSETQUEUE,
} from '@lsmkit/abi'
import { capable, in_egroup, make_kgid, make_kuid, ns_capable } from '@lsmkit/core'
import type { File, KeyMap, Ref, Sock, TunDev } from '@lsmkit/core'
import { fasync_helper, fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'
import { fileState } from '../state/vfs/state.ts'
import { addDevice, deviceNamed, removeDevice, TAP, TUN } from '../state/net/devices.ts'
import type { NetDevice } from '../state/net/devices.ts'
import type { Ifreq } from './inet/interface-ioctl.ts'
import { stateOf } from '../state/net/proto.ts'

const FEATURES = IFF_NO_PI | IFF_ONE_QUEUE | IFF_VNET_HDR | IFF_MULTI_QUEUE | IFF_NAPI | IFF_NAPI_FRAGS
/** Bytes of a name, and of `struct tun_pi` and `struct virtio_net_hdr` before a packet. */
const IFNAMSIZ = 16
const PI_SIZE = 4
const VNET_HDR_SIZE = 10
const ETHERNET_HEADER = 14
const MOST_QUEUES = 256
/** Files that the driver adds to the device's (tun_attr_group). */
const OWN_FILES = ['tun_flags', 'owner', 'group']

/** `struct tun_struct`. */
class Tun implements TunDev {
  security: TunDev['security'] = null
  readonly net: PlainNamespace
  device!: NetDevice
  flags: number
  owner = -1
  group = -1
  queues = 0
  /** Queues that are detached and not closed. */
  disabled = 0

  constructor(net: PlainNamespace, flags: number) {
    this.net = net
    this.flags = flags
  }
}

/** `struct tun_file`: one queue of a device. */
interface Queue {
  readonly sk: Sock
  tun: Tun | null
  isDetached: boolean
}

/** The first free name of a pattern that ends in a number. */
const freeName = (net: PlainNamespace, prefix: string): string => {
  let n = 0
  while (deviceNamed(net, `${prefix}${n}`) !== null) n++
  return `${prefix}${n}`
}
const isName = (
  name: string,
): boolean => name.length < IFNAMSIZ && name !== '.' && name !== '..' && !/[/:\s]/.test(name)

export const tunDevice = (lsm: KeyMap, machine: Machine): FileOperations => {
  const { current } = machine
  const { sk_alloc, baseState, sock_init, sock_put, netNs, makeDeviceNodes } = machine.net
  const tuns = new WeakMap<NetDevice, Tun>()
  const queueOf = (file: File): Queue => fileState(file).data as Queue
  const netOf = ({ sk }: Queue): PlainNamespace => stateOf(sk).net
  const mayRule = (net: PlainNamespace): boolean => ns_capable(lsm, current, net.user_ns, CAP_NET_ADMIN)

  /** As `tun_permitted`: the owner and the group that were set, both where both were; else the administrator. */
  const isPermitted = ({ owner, group, net }: Tun): boolean => {
    const { cred } = current.task
    const isOwners = owner < 0 || cred.euid === owner
    const isGroups = group < 0 || in_egroup(cred, group)
    return ((owner >= 0 || group >= 0) && isOwners && isGroups) || mayRule(net)
  }

  /** As `tun_attach`. */
  const attach = (tun: Tun, queue: Queue): number => {
    const rc = lsm.tun_dev_attach.ask(queue.sk, tun)
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

  /** A device that there is gets one more end, or the one that it had none of. */
  const open = (tun: Tun, queue: Queue, flags: number): number => {
    if ((flags & IFF_TUN_EXCL) !== 0) return -EBUSY
    const isSame = (flags & tun.flags & (IFF_TUN | IFF_TAP)) !== 0
    if (!isSame || ((flags ^ tun.flags) & IFF_MULTI_QUEUE) !== 0) return -EINVAL
    if (!isPermitted(tun)) return -EPERM
    let rc = lsm.tun_dev_open.ask(tun)
    if (rc >= 0) rc = attach(tun, queue)
    if (rc < 0) return rc
    const isOneOfMany = (tun.flags & IFF_MULTI_QUEUE) !== 0 && tun.queues + tun.disabled > 1
    if (!isOneOfMany) tun.flags = (tun.flags & ~FEATURES) | (flags & FEATURES)
    return 0
  }

  /** As `register_netdevice` of one: what has been made goes where an LSM refuses the rest. */
  const register = (tun: Tun, queue: Queue, name: string): number => {
    let rc = lsm.tun_dev_alloc_security.ask(tun)
    if (rc < 0) return rc
    if (!(tun.net.memory ?? machine.memory).charge(COST.netDevice)) return -ENOMEM
    rc = attach(tun, queue)
    if (rc === 0) rc = makeDeviceNodes(name, OWN_FILES)
    if (rc === 0) {
      tun.device = addDevice(tun.net, name, (tun.flags & IFF_TUN) !== 0 ? TUN : TAP)
      tuns.set(tun.device, tun)
    } else {
      queue.tun = null
      ;(tun.net.memory ?? machine.memory).uncharge(COST.netDevice)
    }
    return rc
  }

  const make = (net: PlainNamespace, queue: Queue, ifr: Ifreq, flags: number): number => {
    if (!mayRule(net)) return -EPERM
    const rc = lsm.tun_dev_create.ask()
    if (rc < 0) return rc
    const kind = (flags & IFF_TUN) !== 0 ? IFF_TUN : flags & IFF_TAP
    if (kind === 0) return -EINVAL
    const pattern = ifr.ifr_name === '' ? (kind === IFF_TUN ? 'tun%d' : 'tap%d') : ifr.ifr_name
    if (!isName(pattern)) return -EINVAL
    const name = pattern.endsWith('%d') ? freeName(net, pattern.slice(0, -2)) : pattern
    return register(new Tun(net, kind | (flags & FEATURES)), queue, name)
  }

  /** As `tun_set_iff`. */
  const setIff = (queue: Queue, ifr: Ifreq): number => {
    if (queue.isDetached) return -EINVAL
    const flags = (ifr.ifr_flags ?? 0) & 0xffff
    if ((flags & IFF_NAPI_FRAGS) !== 0) {
      if (!capable(lsm, current, CAP_NET_ADMIN)) return -EPERM
      if ((flags & IFF_NAPI) === 0 || (flags & (IFF_TUN | IFF_TAP)) !== IFF_TAP) return -EINVAL
    }
    const net = netOf(queue)
    const device = deviceNamed(net, ifr.ifr_name)
    const known = device === null ? null : (tuns.get(device) ?? null)
    if (device !== null && known === null) return (flags & IFF_TUN_EXCL) !== 0 ? -EBUSY : -EINVAL
    const rc = known === null ? make(net, queue, ifr, flags) : open(known, queue, flags)
    if (rc < 0) return rc
    const { device: own } = queue.tun!
    own.hasCarrier = (flags & IFF_NO_CARRIER) === 0
    ifr.ifr_name = own.name
    return 0
  }

  /** As `tun_set_queue`: a queue of many rests, and comes back. */
  const setQueue = (queue: Queue, { ifr_flags = 0 }: Ifreq): number => {
    const { tun } = queue
    if ((ifr_flags & IFF_ATTACH_QUEUE) !== 0) {
      if (tun === null || !queue.isDetached) return -EINVAL
      const rc = lsm.tun_dev_attach_queue.ask(tun)
      return rc < 0 ? rc : attach(tun, queue)
    }
    const isOneOfMany = tun !== null && (tun.flags & IFF_MULTI_QUEUE) !== 0 && !queue.isDetached
    if ((ifr_flags & IFF_DETACH_QUEUE) === 0 || !isOneOfMany) return -EINVAL
    queue.isDetached = true
    tun.queues--
    tun.disabled++
    return 0
  }

  const setOwner = (tun: Tun, which: 'owner' | 'group', id: number): number => {
    const { user_ns } = current.task.cred
    const kid = which === 'owner' ? make_kuid(user_ns, id) : make_kgid(user_ns, id)
    if (kid < 0) return -EINVAL
    tun[which] = kid
    return 0
  }

  const getIff = ({ tun, isDetached }: Queue, ifr: Ifreq): number => {
    ifr.ifr_name = tun!.device.name
    ifr.ifr_flags = tun!.flags | (isDetached ? IFF_DETACH_QUEUE : 0) | IFF_NOFILTER
    return 0
  }

  /** `arg` is a `struct ifreq`, a Ref, or a number. */
  const ioctl = (file: File, cmd: number, arg: unknown): number => {
    const queue = queueOf(file)
    const isObject = typeof arg === 'object' && arg !== null
    if ([TUNSETIFF, TUNSETQUEUE, TUNGETIFF, TUNGETFEATURES].includes(cmd) && !isObject) return -EFAULT
    if (cmd === TUNGETFEATURES) {
      (arg as Ref<number>).value = IFF_TUN | IFF_TAP | IFF_NO_CARRIER | FEATURES
      return 0
    }
    if (cmd === TUNSETQUEUE) return setQueue(queue, arg as Ifreq)
    const tun = queue.isDetached ? null : queue.tun
    if (cmd === TUNSETIFF) return tun !== null ? -EEXIST : setIff(queue, arg as Ifreq)
    if (tun === null) return -EBADFD
    switch (cmd) {
      case TUNGETIFF: return getIff(queue, arg as Ifreq)
      case TUNSETNOCSUM: return 0
      case TUNSETPERSIST:
        tun.flags = Number(arg) !== 0 ? tun.flags | IFF_PERSIST : tun.flags & ~IFF_PERSIST
        return 0
      case TUNSETOWNER: return setOwner(tun, 'owner', Number(arg))
      case TUNSETGROUP: return setOwner(tun, 'group', Number(arg))
      default: return -ENOTTY
    }
  }

  return fileOperations({
    fasync: fasync_helper,
    open(_inode, file) {
      const sk = sk_alloc(AF_UNSPEC, 0, 0, null)
      if (sk === null) return -ENOMEM
      sock_init(sk, baseState(sk, netNs()))
      sk.sk_uid = current.task.cred.fsuid
      fileState(file).data = { sk, tun: null, isDetached: false } satisfies Queue
      return 0
    },
    release(_inode, file) {
      const queue = queueOf(file)
      const { tun } = queue
      if (tun !== null) {
        if (queue.isDetached) tun.disabled--
        else tun.queues--
        const isUnused = tun.queues === 0 && tun.disabled === 0
        if (isUnused) tun.device.hasCarrier = false
        if (isUnused && (tun.flags & IFF_PERSIST) === 0) {
          removeDevice(tun.net, tun.device)
          ;(tun.net.memory ?? machine.memory).uncharge(COST.netDevice)
        }
      }
      sock_put(queue.sk)
    },
    read(file, _buf, _off, len) {
      const queue = queueOf(file)
      if (queue.tun === null || queue.isDetached) return -EBADFD
      if (len === 0) return 0
      if ((file.f_flags & O_NONBLOCK) !== 0) return -EAGAIN
      machine.sleepOn = stateOf(queue.sk).wait
      return -ERESTARTSYS
    },
    write(file, _buf, _off, len) {
      const { tun, isDetached } = queueOf(file)
      if (tun === null || isDetached) return -EBADFD
      const { flags } = tun
      const head = ((flags & IFF_NO_PI) === 0 ? PI_SIZE : 0) + ((flags & IFF_VNET_HDR) !== 0 ? VNET_HDR_SIZE : 0) +
        ((flags & IFF_TAP) !== 0 ? ETHERNET_HEADER : 0)
      if (len < head) return -EINVAL
      return tun.device.isUp ? len : -EIO
    },
    poll: (file) => (queueOf(file).tun === null ? EPOLLERR : EPOLLOUT),
    ioctl,
  })
}
