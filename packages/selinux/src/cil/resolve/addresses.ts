/** Numbers and addresses as statements write them. */

/** Digits of one number, decimal, `0x…` or `0…` when `anyBase`; null for anything else or more than 32 bits. */
export const parseNumber = (text: string, anyBase = false): number | null => {
  const decimal = /^\d+$/.test(text)
  let value: number
  if (anyBase && /^0[xX][\da-fA-F]+$/.test(text)) value = Number.parseInt(text.slice(2), 16)
  else if (anyBase && /^0[0-7]+$/.test(text)) value = Number.parseInt(text, 8)
  else if (decimal && !(anyBase && text.length > 1 && text.startsWith('0'))) value = Number.parseInt(text, 10)
  else return null
  return value <= 0xffffffff ? value : null
}

/** 4 or 16 bytes in network order, null for no address (inet_pton). */
export const parseAddress = (text: string): Uint8Array | null => text.includes(':') ? ipv6(text) : ipv4(text)

const ipv4 = (text: string): Uint8Array | null => {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) return null
  return Uint8Array.from(parts, Number)
}

const ipv6 = (text: string): Uint8Array | null => {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const groups = halves.map((half) => half === '' ? [] : groupsOf(half.split(':')))
  const [head, tail = []] = groups
  if (head === null || tail === null || head === undefined) return null
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  const all = [...head, ...Array.from({ length: missing }, () => 0), ...tail]
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

/** 16-bit groups; the last two may be written as an IPv4 address. */
const groupsOf = (parts: readonly string[]): number[] | null => {
  const groups: number[] = []
  for (const [i, part] of parts.entries()) {
    if (part.includes('.') && i === parts.length - 1) {
      const v4 = ipv4(part)
      if (v4 === null) return null
      groups.push((v4[0]! << 8) | v4[1]!, (v4[2]! << 8) | v4[3]!)
    } else if (/^[\da-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return null
  }
  return groups
}
