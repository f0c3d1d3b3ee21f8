/**
 * The name service of a box. Each name that a program asks for gets an address of its own that means nothing outside:
 * so a connection says which name it is for, however many names share a server, and a program learns no address of the
 * network. No look-up leaves the machine: names are resolved when a connection is opened that the policy allows.
 */
import { hostName } from './host-name.ts'

/** RFC 2544 keeps 198.18.0.0/15 for benchmarks: no host has such an address. */
const FIRST = [198, 18] as const
const MOST_NAMES = 4096
const LOOPBACK = '127.0.0.1'

/** RFC 6761: names of the machine itself. */
const isLocalhost = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost')

export class Names {
  readonly #addresses = new Map<string, string>()
  readonly #names = new Map<string, string>()

  /** The address that stands for a name; null for a text that cannot be a name, and beyond 4,096 names. */
  addressOf(text: string): string | null {
    const name = hostName(text)
    if (name === null) return null
    if (isLocalhost(name)) return LOOPBACK
    const known = this.#addresses.get(name)
    if (known !== undefined) return known
    const number = this.#addresses.size + 1
    if (number > MOST_NAMES) return null
    const address = [...FIRST, number >> 8, number & 0xff].join('.')
    this.#addresses.set(name, address)
    this.#names.set(address, name)
    return address
  }

  /** The name that an address stands for, or the address itself. */
  hostOf(address: string): string {
    return this.#names.get(address) ?? address
  }
}
