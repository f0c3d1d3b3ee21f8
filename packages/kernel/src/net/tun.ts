/**
 * /dev/net/tun: network devices whose other end is a program (drivers/net/tun.c). Only the loopback device has an
 * address, so no packet is ever sent through these devices, and packets that a program writes are dropped.
 */
import {
  AF_UNSPEC, EBADFD, EEXIST, EFAULT, EINVAL, EIO, ENOMEM, ENOTTY, EPOLLERR, EPOLLOUT, IFF_DETACH_QUEUE, IFF_NOFILTER,
  IFF_NO_CARRIER, IFF_NO_PI, IFF_PERSIST, IFF_TAP, IFF_TUN, IFF_VNET_HDR, TUNGETFEATURES, TUNGETIFF, TUNSETGROUP,
  TUNSETIFF, TUNSETNOCSUM, TUNSETOWNER, TUNSETPERSIST, TUNSETQUEUE,
} from '@lsmkit/abi'
import { make_kgid, make_kuid } from '@lsmkit/core'
import type { File, Inode, Ref } from '@lsmkit/core'
import { fasync_helper, fileOperations } from '../state/vfs/driver.ts'
import { bound } from '../state/bound.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { fileState } from '../state/vfs/state.ts'
import type { Tun } from '../state/net/tun.ts'
import type { TunQueue } from '../state/net/tun.ts'
import { baseSockState, netNs, sk_alloc, sock_init, sock_put } from './socks.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { removeDevice } from '../state/net/devices.ts'
import type { Ifreq } from './inet/interface-ioctl.ts'
import { stateOf } from '../state/net/proto.ts'
import { FEATURES, tun_set_queue, tun_set_iff } from './tun-devices.ts'

const PI_SIZE = 4
const VNET_HDR_SIZE = 10

const ETHERNET_HEADER = 14

const queueOf = (file: File): TunQueue => fileState(file).data as TunQueue

const setOwner = (machine: Machine, tun: Tun, which: 'owner' | 'group', id: number): number => {
  const { user_ns } = machine.current.task.cred
  const kid = which === 'owner' ? make_kuid(user_ns, id) : make_kgid(user_ns, id)
  if (kid < 0) return -EINVAL
  tun[which] = kid
  return 0
}

const getIff = ({ tun, isDetached }: TunQueue, ifr: Ifreq): number => {
  ifr.ifr_name = tun!.device.name
  ifr.ifr_flags = tun!.flags | (isDetached ? IFF_DETACH_QUEUE : 0) | IFF_NOFILTER
  return 0
}

/** `arg` is a `struct ifreq`, a Ref, or a number. */
const tun_ioctl = (machine: Machine, file: File, cmd: number, arg: unknown): number => {
  const queue = queueOf(file)
  const isObject = typeof arg === 'object' && arg !== null
  if ([TUNSETIFF, TUNSETQUEUE, TUNGETIFF, TUNGETFEATURES].includes(cmd) && !isObject) return -EFAULT
  if (cmd === TUNGETFEATURES) {
    (arg as Ref<number>).value = IFF_TUN | IFF_TAP | IFF_NO_CARRIER | FEATURES
    return 0
  }
  if (cmd === TUNSETQUEUE) return tun_set_queue(machine, queue, arg as Ifreq)
  const tun = queue.isDetached ? null : queue.tun
  if (cmd === TUNSETIFF) return tun !== null ? -EEXIST : tun_set_iff(machine, queue, arg as Ifreq)
  if (tun === null) return -EBADFD
  switch (cmd) {
    case TUNGETIFF: return getIff(queue, arg as Ifreq)
    case TUNSETNOCSUM: return 0
    case TUNSETPERSIST:
      tun.flags = Number(arg) !== 0 ? tun.flags | IFF_PERSIST : tun.flags & ~IFF_PERSIST
      return 0
    case TUNSETOWNER: return setOwner(machine, tun, 'owner', Number(arg))
    case TUNSETGROUP: return setOwner(machine, tun, 'group', Number(arg))
    default: return -ENOTTY
  }
}

const tun_open = (machine: Machine, _inode: Inode, file: File): number => {
  const sk = sk_alloc(machine, AF_UNSPEC, 0, 0, null)
  if (sk === null) return -ENOMEM
  sock_init(machine, sk, baseSockState(machine, sk, netNs(machine)))
  sk.sk_uid = machine.current.task.cred.fsuid
  fileState(file).data = { sk, tun: null, isDetached: false } satisfies TunQueue
  return 0
}

/** As `__tun_detach`: the last queue takes the device with it, unless that is persistent. */
const detach = (machine: Machine, tun: Tun, queue: TunQueue): void => {
  if (queue.isDetached) tun.disabled--
  else tun.queues--
  if (tun.queues !== 0 || tun.disabled !== 0) return
  tun.device.hasCarrier = false
  if ((tun.flags & IFF_PERSIST) !== 0) return
  removeDevice(tun.net, tun.device)
  ;(tun.net.memory ?? machine.memory).uncharge(COST.netDevice)
}

const tun_release = (machine: Machine, _inode: Inode, file: File): void => {
  const queue = queueOf(file)
  if (queue.tun !== null) detach(machine, queue.tun, queue)
  sock_put(machine, queue.sk)
}

/** No packet ever arrives: the call fails with -EAGAIN or sleeps. */
const tun_read = (machine: Machine, file: File, _buf: GuestBytes, _off: number, len: number): number => {
  const queue = queueOf(file)
  if (queue.tun === null || queue.isDetached) return -EBADFD
  if (len === 0) return 0
  return machine.sleepUnlessNonblock(file, stateOf(queue.sk).wait)
}

/** The headers in front of a packet are checked, and the packet is dropped. */
const tun_write = (file: File, _buf: GuestBytes, _off: number, len: number): number => {
  const { tun, isDetached } = queueOf(file)
  if (tun === null || isDetached) return -EBADFD
  const { flags } = tun
  const head = ((flags & IFF_NO_PI) === 0 ? PI_SIZE : 0) + ((flags & IFF_VNET_HDR) !== 0 ? VNET_HDR_SIZE : 0) +
    ((flags & IFF_TAP) !== 0 ? ETHERNET_HEADER : 0)
  if (len < head) return -EINVAL
  return tun.device.isUp ? len : -EIO
}

export const tunDevice = (machine: Machine): FileOperations => fileOperations({
  fasync: fasync_helper,
  write: tun_write,
  poll: (file) => (queueOf(file).tun === null ? EPOLLERR : EPOLLOUT),
  ...bound(machine, { open: tun_open, release: tun_release, read: tun_read, ioctl: tun_ioctl }),
})
