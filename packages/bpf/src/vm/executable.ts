/** A program as the engines take it: instructions, and what the numbers in them stand for on this machine. */
import type { Code } from '../insn/code.ts'
import type { Accessor } from './object-space.ts'

/** The value that a 64-bit load puts into its register. */
export interface Wide {
  readonly low: number
  readonly high: number
  /** The map whose address it is; look-ups in it can be compiled. */
  readonly map?: InlineMap
  /** It is the address of this subprogram (an index into `starts`). */
  readonly subprogram?: number
}

/** A map whose look-up is compiled into programs. Its places never change while it lives. */
export type InlineMap =
  /** Element `i` lies at `values + i * stride`. */
  | { readonly kind: 'array'; readonly values: number; readonly stride: number; readonly entries: number }
  /** Chains of entries, as maps/hash-map.ts lays them out; `marks`: an entry that is found is marked as used. */
  | { readonly kind: 'hash'; readonly header: number; readonly keySize: number; readonly marks: boolean }

/**
 * A function for programs. Arguments by letter: `i` the low 32 bits (an address, a size, an int), `l` all 64 bits as
 * two words, low first. Result: `s` an int, sign-extended; `u` a word or an address, zero-extended; `l` 64 bits, the
 * low word returned and the high one in the machine's cell; `v` none, r0 becomes 0.
 */
export interface Helper {
  readonly name: string
  readonly args: string
  readonly result: 's' | 'u' | 'l' | 'v'
  readonly call: (...words: number[]) => number
  /** It runs functions of the program: it gets the remaining number of instructions, and returns it. */
  readonly callsBack?: true
}

/** The contents of a word of a context: an address, which has 32 bits, or any number. */
export type ContextWord = 'address' | 'number'

export interface Executable {
  readonly name: string
  readonly code: Code
  /** First slot of each subprogram, ascending; the first is 0, the entry. */
  readonly starts: readonly number[]
  readonly wides: ReadonlyMap<number, Wide>
  /** By slot of a helper or kfunc call. */
  readonly calls: ReadonlyMap<number, Helper>
  /** For calls of a helper by number in a register. */
  readonly helper: (id: number) => Helper | undefined
  /** Bytes of the context. */
  readonly contextSize: number
  /** The words of its context that `entry` is given, from the first; those behind read as 0. */
  readonly given: readonly ContextWord[]
  /** Subprogram that `bpf_throw` calls at the end, -1 when there is none. */
  readonly exceptionCallback: number
  /** By slot: 1 where a load reads 0 instead of faulting when there is nothing at its address. */
  readonly probes: Uint8Array | null
  /** By slot: how often it ran, counted by the interpreter; null where nobody wants to know. */
  readonly hits: Float64Array | null
  /** By slot of such a load: how compiled code gets the member of a kernel object that it wants. */
  readonly accessors: ReadonlyMap<number, Accessor>
}
