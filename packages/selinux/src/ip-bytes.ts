/** Addresses as bytes, 4 or 16 of them in network order, and as texts. */

const ipv4 = (text: string): number[] | null => {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) return null
  return parts.map(Number)
}

/** Bytes of groups with colons between them; the last of an address may be written as an IPv4 address. */
const groups = (text: string, isEnd: boolean): number[] | null => {
  if (text === '') return []
  const bytes: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    const group = Number.parseInt(part, 16)
    const v4 = isEnd && i === parts.length - 1 ? ipv4(part) : null
    if (v4 !== null) bytes.push(...v4)
    else if (/^[\da-f]{1,4}$/i.test(part)) bytes.push(group >> 8, group & 0xff)
    else return null
  }
  return bytes
}

const ipv6 = (text: string): number[] | null => {
  const [first = '', second, ...more] = text.split('::')
  const [head, tail] = [groups(first, second === undefined), groups(second ?? '', true)]
  if (head === null || tail === null || more.length > 0) return null
  const gap = 16 - head.length - tail.length
  if (second === undefined ? gap !== 0 : gap < 2) return null
  return [...head, ...Array.from({ length: gap }, () => 0), ...tail]
}

/** As inet_pton takes them; null of anything else. */
export const ipBytes = (text: string): Uint8Array | null => {
  const bytes = text.includes(':') ? ipv6(text) : ipv4(text)
  return bytes === null ? null : Uint8Array.from(bytes)
}

/** Where the longest run of zero words begins and ends; runs of one are not abbreviated. */
const longestGap = (words: readonly number[]): readonly [start: number, end: number] => {
  let best: readonly [number, number] = [0, 0]
  for (let start = 0; start < words.length; start++) {
    let end = start
    while (words[end] === 0) end++
    if (end - start > Math.max(1, best[1] - best[0])) best = [start, end]
    start = end
  }
  return best
}

/** The address of the bytes as it is usually written. */
export const ipText = (bytes: Uint8Array): string => {
  if (bytes.length === 4) return bytes.join('.')
  const words = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0))
  const text = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(':')
  const [start, end] = longestGap(words)
  return start === end ? text(words) : `${text(words.slice(0, start))}::${text(words.slice(end))}`
}
