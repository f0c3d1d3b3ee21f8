/** Asking about network devices through a socket: there is the loopback device alone (net/core/dev_ioctl.c). */
import { CAP_NET_ADMIN, EFAULT, ENODEV, ENOIOCTLCMD, EOPNOTSUPP, EPERM } from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Current, KeyMap } from '@lsmkit/core'
import type { PlainNamespace } from '../../task/namespaces.ts'

const SIOCGIFNAME = 0x8910
const SIOCGIFFLAGS = 0x8913
const SIOCSIFFLAGS = 0x8914
const SIOCGIFMTU = 0x8921
const SIOCGIFINDEX = 0x8933
/** SIOCSIF*: what changes a device. */
const CHANGES = new Set([SIOCSIFFLAGS, 0x8916, 0x8918, 0x891a, 0x891c, 0x8922, 0x8923, 0x8924, 0x8926, 0x8943])
/** UP, LOOPBACK, RUNNING. */
const LO_FLAGS = 0x49
const LO_MTU = 65536

/** `struct ifreq`. */
export interface Ifreq {
  ifr_name: string
  ifr_flags?: number
  ifr_mtu?: number
  ifr_ifindex?: number
}

export const interfaceIoctl = (
  lsm: KeyMap, current: Current, net: PlainNamespace, cmd: number, arg: unknown,
): number => {
  const isChange = CHANGES.has(cmd)
  if (!isChange && ![SIOCGIFNAME, SIOCGIFFLAGS, SIOCGIFMTU, SIOCGIFINDEX].includes(cmd)) return -ENOIOCTLCMD
  if (typeof arg !== 'object' || arg === null) return -EFAULT
  if (isChange && !ns_capable(lsm, current, net.user_ns, CAP_NET_ADMIN)) return -EPERM
  const ifr = arg as Ifreq
  if (cmd === SIOCGIFNAME) {
    if (ifr.ifr_ifindex !== 1) return -ENODEV
    ifr.ifr_name = 'lo'
    return 0
  }
  if (ifr.ifr_name !== 'lo') return -ENODEV
  if (isChange) return -EOPNOTSUPP
  Object.assign(ifr, { ifr_flags: LO_FLAGS, ifr_mtu: LO_MTU, ifr_ifindex: 1 })
  return 0
}
