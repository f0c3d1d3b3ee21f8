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

/** Where the longest run of zero groups begins and ends; runs of one are not abbreviated. */
const longestGap = (groups: readonly number[]): readonly [start: number, end: number] => {
  let best: readonly [number, number] = [0, 0]
  for (let start = 0; start < groups.length; start++) {
    let end = start
    while (groups[end] === 0) end++
    if (end - start > Math.max(1, best[1] - best[0])) best = [start, end]
    start = end
  }
  return best
}

/** The address of the bytes as it is usually written. */
export const ipText = (bytes: Uint8Array): string => {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0))
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  const [start, end] = longestGap(groups)
  return start === end ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(end))}`
}
