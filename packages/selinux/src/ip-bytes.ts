/** Addresses as bytes: 4 or 16 of them. */

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/

const ipv4Bytes = (text: string): number[] | null => {
  const parts = IPV4.exec(text)?.slice(1).map(Number)
  return parts === undefined || parts.some((part) => part > 255) ? null : parts
}

/** Groups of one side of `::`; the last may be an IPv4 address. */
const groupBytes = (text: string): number[] | null => {
  if (text === '') return []
  const bytes: number[] = []
  for (const group of text.split(':')) {
    const v4 = ipv4Bytes(group)
    if (v4 !== null) bytes.push(...v4)
    else if (/^[\da-f]{1,4}$/i.test(group)) bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255)
    else return null
  }
  return bytes
}

/** The bytes of an IPv4 or IPv6 address; null of anything else. */
export const ipBytes = (text: string): Uint8Array | null => {
  const v4 = ipv4Bytes(text)
  if (v4 !== null) return Uint8Array.from(v4)
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = groupBytes(halves[0]!)
  const tail = groupBytes(halves[1] ?? '')
  if (head === null || tail === null) return null
  const gap = 16 - head.length - tail.length
  if (halves.length === 1 ? gap !== 0 : gap < 2) return null
  return Uint8Array.from([...head, ...new Uint8Array(gap), ...tail])
}
