/** Sets of nodes as words of bits: bit n of word n >>> 5. */

export type Bits = Uint32Array

/** An empty set for the numbers below `size`. */
export const noBits = (size: number): Bits => new Uint32Array((size + 31) >>> 5)

export const bitsOf = (size: number, nodes: Iterable<number>): Bits => {
  const bits = noBits(size)
  for (const node of nodes) addBit(bits, node)
  return bits
}

export const hasBit = (bits: Bits, bit: number): boolean => (bits[bit >>> 5]! & (1 << (bit & 31))) !== 0

export const addBit = (bits: Bits, bit: number): void => {
  bits[bit >>> 5]! |= 1 << (bit & 31)
}

export const dropBit = (bits: Bits, bit: number): void => {
  bits[bit >>> 5]! &= ~(1 << (bit & 31))
}

/** Those that are in `of` and in none of `without`, ascending. */
export const listBits = (of: Bits, ...without: readonly Bits[]): number[] => {
  const found: number[] = []
  for (let i = 0; i < of.length; i++) {
    let word = of[i]!
    for (const other of without) word &= ~other[i]!
    for (; word !== 0; word &= word - 1) found.push(i * 32 + 31 - Math.clz32(word & -word))
  }
  return found
}
