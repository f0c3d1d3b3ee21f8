/** The interface of a fuzzer, and its inputs. */
import type { Random } from './random.ts'

/** `wrong-answer`: an answer other than promised, that allows nothing. */
export const kinds = ['crash', 'hang', 'memory', 'wrong-allow', 'wrong-answer'] as const
export type Kind = (typeof kinds)[number]

export type Input = string | Uint8Array

export interface Session {
  /** Seed of this input, and numbers from it: those of `--seed` and its number give the same again, alone too. */
  readonly seed: number
  readonly random: Random
  /** Begins the next input, and counts it; false when there is no more time. */
  more(): boolean
  /** Counts more things done within this input: a call, a question. A step may take as long as an input. */
  step(count?: number): void
  /** Says what is about to be tried, so that `--input` can keep it. */
  trying(input: Input): void
  /** Reports a finding and the input that shows it, which goes into `corpus` once it is mended. */
  found(kind: Kind, input: Input, detail: string): void
}

/** A fuzzer that throws out of `run` or `replay` has found a crash. It is run in a process of its own. */
export interface Fuzzer {
  /** Makes inputs and tries them while there is `more()`. */
  run(session: Session): void | Promise<void>
  /** Tries one file of `corpus`. */
  replay(input: Uint8Array, session: Session): void | Promise<void>
}

export interface FuzzerEntry {
  readonly does: string
  load(): Promise<Fuzzer>
}

export type FuzzerTable = Readonly<Record<string, FuzzerEntry>>
