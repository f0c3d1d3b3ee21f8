/** Addresses of the Internet from text, as they lie in memory. */

const ipv4Bytes = (text: string): Uint8Array | null => {
  const parts = text.split('.')
  const isAddress = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)
  return isAddress ? Uint8Array.from(parts, Number) : null
}

const groupsOf = (text: string): number[] | null => {
  if (text === '') return []
  const groups = text.split(':')
  return groups.every((group) => /^[\da-f]{1,4}$/i.test(group)) ? groups.map((group) => parseInt(group, 16)) : null
}

const ipv6Bytes = (text: string): Uint8Array | null => {
  // the last two groups may be an IPv4 address
  const tail = /^(.*:)(\d+(?:\.\d+){3})$/.exec(text)
  const last = tail === null ? null : ipv4Bytes(tail[2]!)
  if (tail !== null && last === null) return null
  const hex = last === null ? text
    : `${tail![1]}${[0, 2].map((at) => ((last[at]! << 8) | last[at + 1]!).toString(16)).join(':')}`
  const halves = hex.split('::')
  if (halves.length > 2) return null
  const [before, behind] = [groupsOf(halves[0]!), halves.length === 2 ? groupsOf(halves[1]!) : []]
  if (before === null || behind === null) return null
  const left = 8 - before.length - behind.length
  if (halves.length === 1 ? left !== 0 : left < 1) return null
  const groups = [...before, ...Array.from({ length: left }, () => 0), ...behind]
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}

/** 4 or 16 bytes; null for what is not an address. */
export const addressBytes = (text: string): Uint8Array | null =>
  text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text)
