/** A bench: a question, asked with more or less effort. */
import type { BenchResult } from './result.ts'

export interface BenchOptions {
  /** Ends within a minute. */
  readonly quick: boolean
  /** The product of all factors, and what needs long runs. */
  readonly full: boolean
  /** A command that runs the same programs elsewhere, for benches that know how to ask it. */
  readonly rival?: string | undefined
  progress(line: string): void
}

export type Bench = (options: BenchOptions) => Promise<BenchResult>

export interface BenchEntry {
  readonly question: string
  /** Minutes even in its quick form. */
  readonly long?: true
  load(): Promise<Bench>
}
