/** Numbers that follow from a seed, and what generators draw with them. */
import { Random as Words } from '@lsmkit/bpf/random'

export interface Random {
  below(limit: number): number
  pick<T>(from: readonly T[]): T
}

export const randomFrom = (seed: number): Random => {
  const words = new Words(seed)
  return { below: (limit) => words.below(limit), pick: (from) => words.pick(from) }
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
