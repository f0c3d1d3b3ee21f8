/** Addresses as numbers: an IPv4 address is one unsigned 32-bit number, an IPv6 address eight groups of 16 bits. */

export type Ipv6 = readonly number[]

/** `10.1.2.3`; null for anything else. */
export const parseIpv4 = (text: string): number | null => {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  let address = 0
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return null
    address = address * 256 + Number(part)
  }
  return address
}

export const ipv4Text = (address: number): string =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')

/** `fe80::1`, `::ffff:10.1.2.3`; a zone (`%eth0`) is left out. null for anything else. */
export const parseIpv6 = (text: string): Ipv6 | null => {
  const [bare = ''] = text.split('%')
  const halves = bare.split('::')
  if (halves.length > 2) return null
  const [head, tail] = halves.map((half, i) => (half === '' ? [] : groupsOf(half, i === halves.length - 1)))
  if (head === null || head === undefined || tail === null) return null
  if (tail === undefined) return head.length === 8 ? head : null
  const zeros = 8 - head.length - tail.length
  return zeros < 1 ? null : [...head, ...Array<number>(zeros).fill(0), ...tail]
}

/** An address may end in an IPv4 one. */
const groupsOf = (text: string, isEnd: boolean): number[] | null => {
  const groups: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    const ipv4 = isEnd && part.includes('.') && i === parts.length - 1 ? parseIpv4(part) : null
    if (ipv4 !== null) groups.push(ipv4 >>> 16, ipv4 & 0xffff)
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return null
  }
  return groups
}

/** All eight groups with four digits each, as `%pI6` prints them. */
export const ipv6Text = (address: Ipv6): string =>
  address.map((group) => group.toString(16).padStart(4, '0')).join(':')

/** ::1 */
export const isIpv6Loopback = (address: Ipv6): boolean => address.every((group, i) => group === (i === 7 ? 1 : 0))
