/** The loopback device of a network namespace: up in the one the kernel boots with, down in a new one. */
import type { PlainNamespace } from '../../task/namespaces.ts'

const IFF_UP = 1
const IFF_LOOPBACK = 8
const IFF_RUNNING = 0x40

export class Loopback {
  mtu = 65536
  isUp: boolean
  /** It gets its address when it comes up first. */
  hasAddress: boolean

  constructor(isUp: boolean) {
    this.isUp = this.hasAddress = isUp
  }

  get flags(): number {
    return this.isUp ? IFF_UP | IFF_LOOPBACK | IFF_RUNNING : IFF_LOOPBACK
  }
  set flags(flags: number) {
    this.isUp = (flags & IFF_UP) !== 0
    this.hasAddress ||= this.isUp
  }
}

const devices = new WeakMap<PlainNamespace, Loopback>()

export const addLoopback = (net: PlainNamespace, isUp: boolean): Loopback => {
  const device = new Loopback(isUp)
  devices.set(net, device)
  return device
}

export const loopbackIn = (net: PlainNamespace): Loopback => devices.get(net) ?? addLoopback(net, true)
