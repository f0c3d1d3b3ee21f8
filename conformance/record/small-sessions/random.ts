/** Numbers that follow from a seed (mulberry32), and what generators draw with them. */
export interface Random {
  below(limit: number): number
  pick<T>(from: readonly T[]): T
}

export const randomFrom = (seed: number): Random => {
  let state = seed
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % limit
  }
  return { below, pick: (from) => from[below(from.length)]! }
}

/** Bytes as the player reads them. */
export const hex = (text: string): string =>
  text === '' ? '-' : Array.from(text, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('')

/** A text with one byte changed, added or taken. */
export const spoiled = ({ below }: Random, text: string): string => {
  const at = below(text.length + 1)
  const byte = String.fromCharCode(below(256))
  switch (below(3)) {
    case 0: return text.slice(0, at) + byte + text.slice(at)
    case 1: return text.slice(0, at) + text.slice(at + 1)
    default: return text.slice(0, at) + byte + text.slice(at + 1)
  }
}
