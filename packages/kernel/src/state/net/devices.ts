/** Network devices of a namespace: its loopback device, and those that programs make (net/tun.ts). */
import type { PlainNamespace } from '../task/namespaces.ts'

const IFF_UP = 1
const IFF_BROADCAST = 2
const IFF_LOOPBACK = 8
const IFF_POINTOPOINT = 0x10
const IFF_RUNNING = 0x40
const IFF_NOARP = 0x80
const IFF_MULTICAST = 0x1000

export interface DeviceKind {
  /** ARPHRD_*. */
  readonly type: number
  readonly flags: number
  readonly mtu: number
}
const LOOPBACK: DeviceKind = { type: 772, flags: IFF_LOOPBACK, mtu: 65536 }
export const TUN: DeviceKind = { type: 0xfffe, flags: IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST, mtu: 1500 }
export const TAP: DeviceKind = { type: 1, flags: IFF_BROADCAST | IFF_MULTICAST, mtu: 1500 }

export class NetDevice {
  readonly name: string
  readonly ifindex: number
  readonly kind: DeviceKind
  mtu: number
  isUp = false
  /** Somebody is at the other end. */
  hasCarrier = true
  /** Whether it has an address: only the loopback device gets one, when it first comes up. */
  hasAddress = false

  constructor(name: string, ifindex: number, kind: DeviceKind) {
    this.name = name
    this.ifindex = ifindex
    this.kind = kind
    this.mtu = kind.mtu
  }

  get flags(): number {
    return this.kind.flags | (this.isUp ? IFF_UP | (this.hasCarrier ? IFF_RUNNING : 0) : 0)
  }
  set flags(flags: number) {
    this.isUp = (flags & IFF_UP) !== 0
    this.hasAddress ||= this.isUp && this.kind === LOOPBACK
  }
}

interface Devices {
  /** By their numbers; the loopback device is the first. */
  readonly all: NetDevice[]
  lastIndex: number
}
const namespaces = new WeakMap<PlainNamespace, Devices>()

/** The first device of a namespace: up in the first namespace, down in a new one. */
export const addLoopback = (net: PlainNamespace, isUp: boolean): Devices => {
  const lo = new NetDevice('lo', 1, LOOPBACK)
  lo.isUp = lo.hasAddress = isUp
  const devices = { all: [lo], lastIndex: 1 }
  namespaces.set(net, devices)
  return devices
}
const devicesOf = (net: PlainNamespace): Devices => namespaces.get(net) ?? addLoopback(net, true)

export const devicesIn = (net: PlainNamespace): readonly NetDevice[] => devicesOf(net).all
export const loopbackIn = (net: PlainNamespace): NetDevice => devicesOf(net).all[0]!
export const deviceNamed = (net: PlainNamespace, name: string): NetDevice | null =>
  devicesOf(net).all.find((device) => device.name === name) ?? null

export const addDevice = (net: PlainNamespace, name: string, kind: DeviceKind): NetDevice => {
  const devices = devicesOf(net)
  const device = new NetDevice(name, ++devices.lastIndex, kind)
  devices.all.push(device)
  return device
}
export const removeDevice = (net: PlainNamespace, device: NetDevice): void => {
  const { all } = devicesOf(net)
  all.splice(all.indexOf(device), 1)
}
