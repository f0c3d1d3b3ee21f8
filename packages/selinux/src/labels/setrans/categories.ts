/** Levels as mcstrans writes them, `s2:c0.c5,c9`: a sensitivity, and categories as bits of a number. */

export interface PlainLevel {
  readonly sens: number
  readonly cats: bigint
}

const MOST_CATEGORIES = 1024

const bitsOf = (low: number, high: number): bigint =>
  high < low ? 0n : ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low)

export const countOf = (bits: bigint): number => {
  let count = 0
  for (let left = bits; left !== 0n; left &= left - 1n) count++
  return count
}

const PART = /^(~*)c(\d{1,4})(?:\.c(\d{1,4}))?(,|$)/

/** `c0.c5,~c3` on top of `start`; `~` takes a category away where `mayInvert`. Null for another text. */
export const parseCategories = (text: string, start = 0n, mayInvert = false): bigint | null => {
  let bits = start
  let rest = text
  while (rest !== '') {
    const [whole, inverse = '', low = '', high = low] = PART.exec(rest) ?? []
    if (whole === undefined || (inverse !== '' && !mayInvert)) return null
    if (Number(low) > MOST_CATEGORIES || Number(high) > MOST_CATEGORIES) return null
    const part = bitsOf(Number(low), Number(high))
    bits = inverse.length % 2 === 1 ? bits & ~part : bits | part
    rest = rest.slice(whole.length)
  }
  return bits
}

export const parseLevel = (text: string): PlainLevel | null => {
  const found = /^s(\d{1,9})(?::(.*))?$/s.exec(text)
  const cats = found === null ? null : parseCategories(found[2] ?? '')
  return cats === null ? null : { sens: Number(found![1]), cats }
}

export const levelText = ({ sens, cats }: PlainLevel): string => {
  const runs: string[] = []
  for (let bit = 0; cats >> BigInt(bit) !== 0n; bit++) {
    if (((cats >> BigInt(bit)) & 1n) === 0n) continue
    const first = bit
    while (((cats >> BigInt(bit + 1)) & 1n) === 1n) bit++
    runs.push(first === bit ? `c${first}` : `c${first}${bit === first + 1 ? ',' : '.'}c${bit}`)
  }
  return runs.length === 0 ? `s${sens}` : `s${sens}:${runs.join(',')}`
}
