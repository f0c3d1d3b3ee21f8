/** Dense bit sets of a fixed size: what set expressions are worked out in. */

export type Bits = Uint32Array

export const bitsFor = (size: number): Bits => new Uint32Array((size + 31) >>> 5)

export const hasBit = (bits: Bits, bit: number): boolean => (bits[bit >>> 5]! & (1 << (bit & 31))) !== 0

export const setBit = (bits: Bits, bit: number): void => {
  bits[bit >>> 5]! |= 1 << (bit & 31)
}

/** All of `size` bits. */
export const allBits = (size: number): Bits => {
  const bits = bitsFor(size).fill(0xffffffff)
  if ((size & 31) !== 0) bits[bits.length - 1]! &= (1 << (size & 31)) - 1
  return bits
}

export const union = (into: Bits, other: Bits): Bits => {
  for (let i = 0; i < into.length; i++) into[i]! |= other[i]!
  return into
}

export const intersection = (a: Bits, b: Bits): Bits => a.map((word, i) => word & b[i]!)
export const difference = (a: Bits, b: Bits): Bits => a.map((word, i) => word & ~b[i]!)
export const symmetric = (a: Bits, b: Bits): Bits => a.map((word, i) => word ^ b[i]!)

export const intersects = (a: Bits, b: Bits): boolean => {
  for (let i = 0; i < a.length; i++) if ((a[i]! & b[i]!) !== 0) return true
  return false
}

/** True when every bit of `inner` is in `outer`. */
export const contains = (outer: Bits, inner: Bits): boolean => {
  for (let i = 0; i < inner.length; i++) if ((inner[i]! & ~outer[i]!) !== 0) return false
  return true
}

export const isEqual = (a: Bits, b: Bits): boolean => contains(a, b) && contains(b, a)

export const isNone = (bits: Bits): boolean => {
  for (const word of bits) if (word !== 0) return false
  return true
}

export const count = (bits: Bits): number => {
  let total = 0
  for (let word of bits) {
    for (; word !== 0; word &= word - 1) total++
  }
  return total
}

/** The bits that are set, ascending. */
export const list = (bits: Bits): number[] => {
  const found: number[] = []
  for (let i = 0; i < bits.length; i++) {
    for (let word = bits[i]!; word !== 0; word &= word - 1) found.push(i * 32 + 31 - Math.clz32(word & -word))
  }
  return found
}
