/** Labels of ports, interfaces and addresses that were asked before (netport.c, netif.c, netnode.c). */
import { AF_INET } from '@lsmkit/abi'
import type { Server } from './server-type.ts'

/** More than this of a kind, and all of it is forgotten. */
const LIMIT = 65536

/** Answers by key; refusals (-errno) are not kept. */
class SidCache<K> {
  readonly #sids = new Map<K, number>()

  get(key: K, ask: () => number): number {
    const known = this.#sids.get(key)
    if (known !== undefined) return known
    const sid = ask()
    if (sid < 0) return sid
    if (this.#sids.size >= LIMIT) this.#sids.clear()
    this.#sids.set(key, sid)
    return sid
  }

  clear(): void {
    this.#sids.clear()
  }
}

export class NetCaches {
  readonly #server: Server
  readonly #ports = new SidCache<number>()
  readonly #interfaces = new SidCache<string>()
  readonly #nodes = new SidCache<string>()

  constructor(server: Server) {
    this.#server = server
  }

  /** As `sel_netport_sid`: IPPROTO_* and a port in host order. */
  portSid(protocol: number, port: number): number {
    return this.#ports.get(protocol * 65536 + port, () => this.#server.portSid(protocol, port))
  }

  /** As `sel_netif_sid`. */
  netifSid(name: string): number {
    return this.#interfaces.get(name, () => this.#server.netifSid(name))
  }

  /** As `sel_netnode_sid`: AF_INET and 4 bytes, or AF_INET6 and 16. */
  nodeSid(family: number, address: Uint8Array): number {
    return this.#nodes.get(`${family === AF_INET ? 4 : 6}:${address.join('.')}`, () =>
      this.#server.nodeSid(family, address))
  }

  flush(): void {
    this.#ports.clear()
    this.#interfaces.clear()
    this.#nodes.clear()
  }
}
