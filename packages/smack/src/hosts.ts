/** Hosts with one label for all they send and receive: sorted by length of prefix, the longest first. */
import type { Label } from './label.ts'
import { isIpv6Loopback } from './ip-address.ts'
import type { Ipv6 } from './ip-address.ts'

/** One prefix, with what it leaves of an address. Label 0: `-CIPSO`, packets are labelled after all; or `-DELETE`. */
export interface HostEntry<A> {
  readonly address: A
  readonly prefix: number
  readonly mask: A
  label: Label
}

/** Behind all entries of the same or a longer prefix (smk_net4addr_insert). */
const insert = <A>(entries: HostEntry<A>[], entry: HostEntry<A>): void => {
  const at = entries.findIndex(({ prefix }) => entry.prefix > prefix)
  entries.splice(at < 0 ? entries.length : at, 0, entry)
}

const ipv4Mask = (prefix: number): number => (prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0)
const hasIpv4 = ({ address, mask }: HostEntry<number>, host: number): boolean => (host & mask) >>> 0 === address

/** smackfs/netlabel. */
export class Ipv4Hosts {
  readonly entries: HostEntry<number>[] = []

  /** Host bits are cleared; an equal prefix is replaced. `label` 0 is `-CIPSO`. */
  set(host: number, prefix: number, label: Label): void {
    const mask = ipv4Mask(prefix)
    const address = (host & mask) >>> 0
    const known = this.entries.find((entry) => entry.address === address && entry.prefix === prefix)
    if (known) known.label = label
    else insert(this.entries, { address, prefix, mask, label })
  }

  /** As `smack_ipv4host_label`: 0 when packets to it are labelled as usual. 0.0.0.0 is not a host. */
  labelOf(host: number): Label {
    return host === 0 ? 0 : (this.entries.find((entry) => hasIpv4(entry, host))?.label ?? 0)
  }

  /** The label of an unlabelled packet from there: NetLabel only has entries with a label, and skips the others. */
  labelOfSender(host: number): Label {
    return this.entries.find((entry) => entry.label !== 0 && hasIpv4(entry, host))?.label ?? 0
  }
}

/**
 * The low byte in memory is the high one of the group: little-endian machines count the bits of a part group from
 * there.
 */
const swapBytes = (group: number): number => ((group & 0xff) << 8) | (group >>> 8)

/** Where a prefix ends inside a group the kernel's mask is not the usual one: it counts bits as they lie in memory. */
const ipv6Mask = (prefix: number): Ipv6 =>
  Array.from({ length: 8 }, (_, i) => swapBytes((1 << Math.min(16, Math.max(0, prefix - 16 * i))) - 1))

const masked = (host: Ipv6, mask: Ipv6): Ipv6 => host.map((group, i) => group & mask[i]!)
const equal = (a: Ipv6, b: Ipv6): boolean => a.every((group, i) => group === b[i])

/** smackfs/ipv6host. */
export class Ipv6Hosts {
  readonly entries: HostEntry<Ipv6>[] = []

  /** `label` 0 is `-DELETE`: the entry stays, and is passed over. */
  set(host: Ipv6, prefix: number, label: Label): void {
    const mask = ipv6Mask(prefix)
    const address = masked(host, mask)
    const known = this.entries.find((entry) => entry.prefix === prefix && equal(entry.address, address))
    if (known) known.label = label
    else insert(this.entries, { address, prefix, mask, label })
  }

  /** As `smack_ipv6host_label`: 0 when the address is not listed. ::1 never is. */
  labelOf(host: Ipv6): Label {
    if (isIpv6Loopback(host)) return 0
    const matches = ({ address, mask }: HostEntry<Ipv6>): boolean => equal(masked(host, mask), address)
    return this.entries.find((entry) => entry.label !== 0 && matches(entry))?.label ?? 0
  }
}
