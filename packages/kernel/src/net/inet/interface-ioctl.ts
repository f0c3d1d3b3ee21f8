/**
 * Asking about network devices through a socket (net/core/dev_ioctl.c, net/ipv4/devinet.c). The loopback device alone
 * has an address.
 */
import {
  AF_INET, CAP_NET_ADMIN, EADDRNOTAVAIL, EFAULT, EINVAL, ENODEV, ENOIOCTLCMD, EOPNOTSUPP, EPERM, SIOCADDMULTI,
  SIOCDELMULTI, SIOCGIFADDR, SIOCGIFBRDADDR, SIOCGIFDSTADDR, SIOCGIFFLAGS, SIOCGIFINDEX, SIOCGIFMTU, SIOCGIFNAME,
  SIOCGIFNETMASK, SIOCSIFADDR, SIOCSIFBRDADDR, SIOCSIFDSTADDR, SIOCSIFFLAGS, SIOCSIFHWADDR, SIOCSIFMETRIC, SIOCSIFMTU,
  SIOCSIFNAME, SIOCSIFNETMASK,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Current, AnyKeyMap } from '@lsmkit/core'
import type { PlainNamespace } from '../../state/task/namespaces.ts'
import { deviceNamed, devicesIn } from '../../state/net/devices.ts'
import type { NetDevice } from '../../state/net/devices.ts'
import { sockaddrIn } from '../../state/net/sockaddr.ts'

/** Addresses of the loopback device, by request. It is its own destination, and has no broadcast address. */
const ADDRESSES: ReadonlyMap<number, string> = new Map([
  [SIOCGIFADDR, '127.0.0.1'], [SIOCGIFDSTADDR, '127.0.0.1'], [SIOCGIFBRDADDR, '0.0.0.0'],
  [SIOCGIFNETMASK, '255.0.0.0'],
])
const QUESTIONS = new Set([SIOCGIFNAME, SIOCGIFFLAGS, SIOCGIFMTU, SIOCGIFINDEX, ...ADDRESSES.keys()])
const ADDRESS_CHANGES = new Set([SIOCSIFADDR, SIOCSIFDSTADDR, SIOCSIFBRDADDR, SIOCSIFNETMASK])
const CHANGES = new Set([
  ...ADDRESS_CHANGES, SIOCSIFFLAGS, SIOCSIFMTU, SIOCSIFMETRIC, SIOCSIFNAME, SIOCSIFHWADDR, SIOCADDMULTI, SIOCDELMULTI,
])

/** `struct ifreq`. */
export interface Ifreq {
  ifr_name: string
  ifr_flags?: number
  ifr_mtu?: number
  ifr_ifindex?: number
  /** A `struct sockaddr_in`. */
  ifr_addr?: Uint8Array
}

const isAddress = ({ ifr_addr = new Uint8Array() }: Ifreq): boolean =>
  ifr_addr.length >= 2 && (ifr_addr[0]! | (ifr_addr[1]! << 8)) === AF_INET

/** Flags and size can be set; addresses, names and the like stay as they are. */
const change = (device: NetDevice, cmd: number, ifr: Ifreq): number => {
  if (cmd === SIOCSIFFLAGS) device.flags = ifr.ifr_flags ?? 0
  else if (cmd === SIOCSIFMTU) {
    if ((ifr.ifr_mtu ?? -1) < 0) return -EINVAL
    device.mtu = ifr.ifr_mtu!
  } else return -EOPNOTSUPP
  return 0
}

export const interfaceIoctl = (
  lsm: AnyKeyMap, current: Current, net: PlainNamespace, cmd: number, arg: unknown,
): number => {
  const isChange = CHANGES.has(cmd)
  if (!isChange && !QUESTIONS.has(cmd)) return -ENOIOCTLCMD
  if (typeof arg !== 'object' || arg === null) return -EFAULT
  if (isChange && !ns_capable(lsm, current, net.user_ns, CAP_NET_ADMIN)) return -EPERM
  const ifr = arg as Ifreq
  if (ADDRESS_CHANGES.has(cmd) && !isAddress(ifr)) return -EINVAL
  if (cmd === SIOCGIFNAME) {
    const named = devicesIn(net).find(({ ifindex }) => ifindex === ifr.ifr_ifindex)
    if (named === undefined) return -ENODEV
    ifr.ifr_name = named.name
    return 0
  }
  const device = deviceNamed(net, ifr.ifr_name)
  if (device === null) return -ENODEV
  if (isChange) return change(device, cmd, ifr)
  const { flags, mtu, ifindex, hasAddress } = device
  const address = ADDRESSES.get(cmd)
  if (address === undefined) Object.assign(ifr, { ifr_flags: flags, ifr_mtu: mtu, ifr_ifindex: ifindex })
  else if (!hasAddress) return -EADDRNOTAVAIL
  else ifr.ifr_addr = sockaddrIn(address, 0)
  return 0
}
