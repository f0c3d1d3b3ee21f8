/** `wasi:sockets`: the network itself, and names of hosts. */
import type { Answer } from '../../../waiting/waits.ts'
import { hostText, lookUp } from '../../../name-lookup.ts'
import type { Callee } from '../../callee.ts'
import { Resource } from '../../handles.ts'
import { Pollable } from '../pollable.ts'
import { IoError } from '../streams.ts'
import { putIp } from './addresses.ts'
import { putSocketResult, socketError, socketErrorNumber } from './errors.ts'
import { Network } from './socket.ts'

export const instanceNetworkFunctions = (callee: Callee) => ({
  'instance-network': () => callee.hand(new Network()),
})

export const networkFunctions = (callee: Callee) => ({
  /** `option<error-code>`: what a stream of a socket has failed with. */
  'network-error-code'(error: number, ret: number) {
    const code = socketError(callee.resource(error, IoError).rc)
    callee.put8(ret, code === null ? 0 : 1)
    if (code !== null) callee.put8(ret + 1, socketErrorNumber(code))
    return 0
  },
})

/** The addresses of a name, one after another. */
class Addresses extends Resource {
  readonly #left: string[]
  readonly isUnknown: boolean

  constructor(addresses: readonly string[]) {
    super()
    this.#left = [...addresses]
    this.isUnknown = addresses.length === 0
  }

  next(): string | null {
    return this.#left.shift() ?? null
  }
}

const decoder = new TextDecoder()

export const nameLookupFunctions = (callee: Callee) => ({
  'resolve-addresses'(network: number, at: number, length: number, ret: number) {
    callee.resource(network, Network)
    const name = hostText(decoder.decode(callee.bytes(at, length).slice()))
    if (!putSocketResult(callee, ret, name === null ? 'invalid-argument' : null, 4)) return 0
    const found = name!.includes(':') ? name : lookUp(callee.process, name!)
    callee.put32(ret + 4, callee.hand(new Addresses(found === null ? [] : [found])))
    return 0
  },
  /** `result<option<ip-address>, error-code>`. */
  '[method]resolve-address-stream.resolve-next-address'(self: number, ret: number): Answer {
    const addresses = callee.resource(self, Addresses)
    if (!putSocketResult(callee, ret, addresses.isUnknown ? 'name-unresolvable' : null, 2)) return 0
    const next = addresses.next()
    callee.put8(ret + 2, next === null ? 0 : 1)
    if (next !== null) putIp(callee, ret + 4, next)
    return 0
  },
  /** The name service of the machine answers at once. */
  '[method]resolve-address-stream.subscribe'(self: number) {
    callee.resource(self, Addresses)
    return callee.hand(new Pollable({ isReady: () => true, queues: () => [] }))
  },
})
