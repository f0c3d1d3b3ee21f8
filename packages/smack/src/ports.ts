/** IPv6 ports of this machine with the labels of who is bound to them (smk_ipv6_port_label). */
import type { SockState } from './blobs.ts'
import type { Label } from './label.ts'

interface Port {
  readonly port: number
  /** SOCK_STREAM, SOCK_DGRAM… */
  readonly type: number
  sock: object
  in: Label
  out: Label
  /** Its socket is gone: the next one of the same port and type takes the entry over. */
  free: boolean
}

export class PortTable {
  /** Newest first. */
  readonly #ports: Port[] = []

  /** The first who binds keeps the port until its socket goes. Port 0 stands for no port. */
  bind(sock: object, type: number, port: number, labels: SockState): void {
    if (port === 0) return
    const entry = this.find(type, port)
    if (entry === undefined) {
      this.#ports.unshift({ port, type, sock, in: labels.in, out: labels.out, free: false })
    } else if (entry.free) {
      Object.assign(entry, { sock, in: labels.in, out: labels.out, free: false })
    }
  }

  /** The labels of a bound socket have changed. */
  relabel(sock: object, labels: SockState): void {
    const entry = this.#ports.find((port) => port.sock === sock)
    if (entry) Object.assign(entry, { in: labels.in, out: labels.out })
  }

  release(sock: object): void {
    const entry = this.#ports.find((port) => port.sock === sock)
    if (entry) entry.free = true
  }

  find(type: number, port: number): Readonly<Port> | undefined {
    return this.#ports.find((entry) => entry.port === port && entry.type === type)
  }
}
