/** Devices of /dev/net/tun, and the queues that programs have of them (drivers/net/tun.c). */
import type { Sock, TunDev } from '@lsmkit/core'
import type { PlainNamespace } from '../task/namespaces.ts'
import type { NetDevice } from './devices.ts'

/** `struct tun_struct`. */
export class Tun implements TunDev {
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
export interface TunQueue {
  readonly sk: Sock
  tun: Tun | null
  isDetached: boolean
}
