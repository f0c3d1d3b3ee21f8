/** Addresses of IPv4 and IPv6 as bytes, and ranges of them. Other notations than the usual one are refused. */

/** 4 or 16 bytes, in network order. */
export type Address = readonly number[]

export interface Range {
  readonly bytes: Address
  /** Leading bits that count. */
  readonly bits: number
}

const PART = /^(0|[1-9]\d{0,2})$/
const WORD = /^[0-9a-f]{1,4}$/i
const V6_WORDS = 8

const parseV4 = (text: string): Address | null => {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => PART.test(part) && Number(part) < 256)) return null
  return parts.map(Number)
}

/** Words of one side of `::`; null if one is not a word. The last may be an address of IPv4. */
const wordsOf = (text: string): number[] | null => {
  if (text === '') return []
  const words: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (WORD.test(part)) {
      words.push(Number.parseInt(part, 16))
      continue
    }
    const v4 = i === parts.length - 1 ? parseV4(part) : null
    if (v4 === null) return null
    words.push(v4[0]! * 256 + v4[1]!, v4[2]! * 256 + v4[3]!)
  }
  return words
}

const parseV6 = (text: string): Address | null => {
  const sides = text.split('::')
  if (sides.length > 2 || (sides.length === 2 && sides[0]!.includes('.'))) return null
  const [head, tail = []] = sides.map(wordsOf)
  if (head === null || head === undefined || tail === null) return null
  const missing = V6_WORDS - head.length - tail.length
  if (sides.length === 1 ? missing !== 0 : missing < 1) return null
  return [...head, ...Array<number>(missing).fill(0), ...tail].flatMap((word) => [word >> 8, word & 0xff])
}

/**
 * The bytes of an address; null for anything else. IPv4 is four decimal numbers without leading zeros, IPv6 as RFC 4291
 * section 2.2 writes it, without a zone. It refuses `0x7f.1`, `0177.0.0.1` and `2130706433`.
 */
export const parseAddress = (text: string): Address | null => (text.includes(':') ? parseV6(text) : parseV4(text))

/** The longest run of two or more zero words: where it begins, and its length. */
const longestZeros = (words: readonly number[]): readonly [at: number, length: number] => {
  let best: readonly [number, number] = [-1, 1]
  for (let at = 0; at < words.length; at++) {
    let length = 0
    while (words[at + length] === 0) length++
    if (length > best[1]) best = [at, length]
  }
  return best
}

/** As RFC 5952 writes it. */
export const addressText = (address: Address): string => {
  if (address.length === 4) return address.join('.')
  const words = Array.from({ length: V6_WORDS }, (_, i) => address[2 * i]! * 256 + address[2 * i + 1]!)
  const hex = (some: readonly number[]): string => some.map((word) => word.toString(16)).join(':')
  const [at, length] = longestZeros(words)
  return at < 0 ? hex(words) : `${hex(words.slice(0, at))}::${hex(words.slice(at + length))}`
}

/** `10.0.0.0/8`, or an address alone. Null for anything else, and for bits that are set behind the prefix. */
export const parseRange = (text: string): Range | null => {
  const [, of = '', length] = /^([^/]*)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? []
  const bytes = parseAddress(of)
  if (bytes === null) return null
  const bits = length === undefined ? bytes.length * 8 : Number(length)
  if (bits > bytes.length * 8) return null
  const isClean = bytes.every((byte, i) => (byte & (0xff >> Math.min(8, Math.max(0, bits - i * 8)))) === 0)
  return isClean ? { bytes, bits } : null
}

/** An address of the other family is in no range. */
export const isInRange = (address: Address, { bytes, bits }: Range): boolean =>
  address.length === bytes.length && bytes.every((byte, i) => {
    const left = Math.min(8, Math.max(0, bits - i * 8))
    return (byte ^ address[i]!) >> (8 - left) === 0
  })

const MAPPED = parseRange('::ffff:0:0/96')!

/**
 * A host in the one notation that it is compared in: an address as RFC 5952 writes it, and an address of IPv4 that IPv6
 * maps (`::ffff:8.8.8.8`) as IPv4, since both reach one host. Other text stays.
 */
export const plainHost = (host: string): string => {
  const address = parseAddress(host)
  if (address === null) return host
  return addressText(isInRange(address, MAPPED) ? address.slice(12) : address)
}
