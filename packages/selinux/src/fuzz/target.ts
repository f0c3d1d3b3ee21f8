/** A target of a fuzzer: how an input is made, and what must come of it. */
import type { Random } from './random.ts'

export interface FuzzTarget {
  make(random: Random): string | Uint8Array
  /** True if it was taken, false if it was refused as it should be; anything else throws. */
  attempt(input: Uint8Array): boolean
}

const decoder = new TextDecoder()

export const textOf = (input: Uint8Array): string => decoder.decode(input)
