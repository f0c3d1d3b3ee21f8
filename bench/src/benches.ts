/** The benches, one line each: the question it answers and where it is. */
import type { BenchResult } from './harness/result.ts'

export interface BenchOptions {
  /** Ends within a minute. */
  readonly quick: boolean
  /** The product of all factors, and what needs long runs. */
  readonly full: boolean
  progress(line: string): void
}

export type Bench = (options: BenchOptions) => Promise<BenchResult>

export interface BenchEntry {
  readonly question: string
  load(): Promise<Bench>
}

export const benches: Readonly<Record<string, BenchEntry>> = {
  dispatch: {
    question: 'what a hook costs that nobody uses, and one that modules use',
    load: async () => (await import('./dispatch/dispatch.ts')).dispatch,
  },
  smack: {
    question: 'what a Smack decision costs with ten rules and with a hundred thousand, and what having them costs',
    load: async () => (await import('./smack/smack.ts')).smack,
  },
}
