/** A small generator (xorshift), so that a seed of recorded sessions means the same everywhere: numbers below `n`. */
export const xorshift = (seed: number) => {
  let state = seed >>> 0 || 1
  return (n: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % n
  }
}
