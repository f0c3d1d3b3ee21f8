/**
 * Addresses that are not a host of the public internet: no name leads there unless the policy names the address. The
 * rows are those of IANA's special-purpose address registries (RFC 6890, as of RFC 9780) that are not globally
 * reachable, and multicast; protocol assignments of IPv6 are refused as one block.
 */
import { isInRange, parseRange } from './address.ts'
import type { Address, Range } from './address.ts'

interface SpecialRow {
  readonly range: string
  /** As a sentence calls such an address: "which is …". */
  readonly what: string
  readonly source: string
}
const row = (range: string, what: string, source: string): SpecialRow => ({ range, what, source })

/** The narrower range is in front of the wider one. */
export const specialAddresses: readonly SpecialRow[] = [
  row('0.0.0.0/8', 'this network', 'RFC 791, section 3.2'),
  row('10.0.0.0/8', 'private', 'RFC 1918'),
  row('100.64.0.0/10', 'shared by a carrier', 'RFC 6598'),
  row('127.0.0.0/8', 'loopback', 'RFC 1122, section 3.2.1.3'),
  row('168.63.129.16/32', 'a cloud service of the host', 'Azure virtual public IP'),
  row('169.254.169.254/32', 'a metadata service', 'link-local, RFC 3927'),
  row('169.254.0.0/16', 'link-local', 'RFC 3927'),
  row('172.16.0.0/12', 'private', 'RFC 1918'),
  row('192.0.0.0/24', 'reserved for protocols', 'RFC 6890, section 2.1'),
  row('192.0.2.0/24', 'documentation', 'RFC 5737'),
  row('192.88.99.0/24', 'a 6to4 relay', 'RFC 7526'),
  row('192.168.0.0/16', 'private', 'RFC 1918'),
  row('198.18.0.0/15', 'for benchmarks', 'RFC 2544'),
  row('198.51.100.0/24', 'documentation', 'RFC 5737'),
  row('203.0.113.0/24', 'documentation', 'RFC 5737'),
  row('224.0.0.0/4', 'multicast', 'RFC 5771'),
  row('255.255.255.255/32', 'broadcast', 'RFC 8190'),
  row('240.0.0.0/4', 'reserved', 'RFC 1112, section 4'),
  row('::/128', 'unspecified', 'RFC 4291'),
  row('::1/128', 'loopback', 'RFC 4291'),
  row('::ffff:0:0/96', 'an address of IPv4 in IPv6', 'RFC 4291'),
  row('::/96', 'an address of IPv4 in IPv6', 'RFC 4291, deprecated'),
  row('64:ff9b::/96', 'translated to IPv4', 'RFC 6052'),
  row('64:ff9b:1::/48', 'translated to IPv4', 'RFC 8215'),
  row('100::/64', 'discarded', 'RFC 6666'),
  row('100:0:0:1::/64', 'a dummy', 'RFC 9780'),
  row('2001::/32', 'Teredo', 'RFC 4380'),
  row('2001::/23', 'reserved for protocols', 'RFC 2928'),
  row('2001:db8::/32', 'documentation', 'RFC 3849'),
  row('2002::/16', '6to4', 'RFC 3056'),
  row('3fff::/20', 'documentation', 'RFC 9637'),
  row('5f00::/16', 'a segment identifier', 'RFC 9602'),
  row('fc00::/7', 'private', 'RFC 4193'),
  row('fe80::/10', 'link-local', 'RFC 4291'),
  row('fec0::/10', 'site-local', 'RFC 3879'),
  row('ff00::/8', 'multicast', 'RFC 4291'),
]

interface Known {
  readonly ranges: readonly (readonly [Range, SpecialRow])[]
  /** Of IPv6 only this is given out for hosts (RFC 4291, section 2.4). */
  readonly globalUnicast: Range
}

let read: Known | null = null
/** The table as ranges, read at the first question: most boxes reach no hosts. */
const known = (): Known => (read ??= {
  ranges: specialAddresses.map((one) => [parseRange(one.range)!, one]), globalUnicast: parseRange('2000::/3')!,
})

/** Multicast and broadcast: a datagram to it has no one receiver. */
export const isForMany = (address: Address): boolean =>
  known().ranges.some(([range, { what }]) =>
    (what === 'multicast' || what === 'broadcast') && isInRange(address, range))

/** Why an address is not a host of the public internet; null if it is one. */
export const specialOf = (address: Address): string | null => {
  const { ranges, globalUnicast } = known()
  const found = ranges.find(([range]) => isInRange(address, range))
  if (found !== undefined) return `${found[1].what} (${found[1].source})`
  return address.length === 16 && !isInRange(address, globalUnicast) ? 'not given out (RFC 4291)' : null
}
