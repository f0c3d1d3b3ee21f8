/**
 * As the kernel's `sscanf`, for the conversions smackfs uses: %d %u %x %hhd %s. Unlike C's it wraps numbers that are
 * too
 * large and takes `0x` under %x.
 */
import { isSpace, skipSpaces } from './bytes.ts'

/** Numbers as 32-bit ints (%hhd: 8-bit), texts as strings; as many as were converted before something did not fit. */
export type Scanned = readonly (number | string)[]

/** `text` is a C string (cString). The result's length is what sscanf returns. */
export const sscanf = (text: string, format: string): Scanned => {
  const found: (number | string)[] = []
  let at = 0
  for (let f = 0; f < format.length;) {
    if (isSpace(format.charCodeAt(f))) {
      f = skipSpaces(format, f)
      at = skipSpaces(text, at)
      continue
    }
    if (format[f] !== '%') {
      if (format[f++] !== text[at++]) return found
      continue
    }
    const [directive, kind = ''] = /^%(?:hh)?([dusx])/.exec(format.slice(f)) ?? ['%']
    f += directive.length
    if (at >= text.length) return found
    at = skipSpaces(text, at)
    if (kind === 's') {
      const end = tokenEnd(text, at)
      found.push(text.slice(at, end))
      at = end
      continue
    }
    const number = scanNumber(text, at, kind)
    if (number === null) return found
    found.push(Number(BigInt.asIntN(directive.startsWith('%hh') ? 8 : 32, number.value)))
    at = number.end
  }
  return found
}

const tokenEnd = (text: string, at: number): number => {
  let end = at
  while (end < text.length && !isSpace(text.charCodeAt(end))) end++
  return end
}

/** As `simple_strntoll`: null when no digit stands there. A minus is read under %d only. */
const scanNumber = (text: string, at: number, kind: string): { value: bigint; end: number } | null => {
  const pattern = kind === 'x' ? /(?:0x)?([0-9a-f]*)/iy : kind === 'd' ? /-?(\d+)/y : /(\d+)/y
  pattern.lastIndex = at
  const match = pattern.exec(text)
  if (match === null || (kind === 'x' && match[0] === '')) return null
  const digits = BigInt(`${kind === 'x' ? '0x' : ''}${match[1] === '' ? '0' : match[1]}`)
  return { value: text[at] === '-' ? -digits : digits, end: at + match[0].length }
}
