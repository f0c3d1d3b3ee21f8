/** A suite: recorded rows in, the real engine's answers beside them out. */

/** One file of a run, decompressed, by the path the user gave. */
export interface Input {
  readonly path: string
  readonly bytes: Uint8Array
  /** The bytes as UTF-8. */
  readonly text: string
}

/** One compared row. `got` is worked out before `expected` is looked at; both are printed when they differ. */
export interface Row {
  readonly id: string
  readonly expected: string
  readonly got: string
}

export type Options = Readonly<Record<string, string | undefined>>

export interface Suite {
  /** Named options that take a value, without their dashes. */
  readonly options?: readonly string[]
  /** Those that may come several times; their values come joined by line breaks. */
  readonly many?: readonly string[]
  /** Options that may come several times, by their one letter; their values come joined by colons. */
  readonly lists?: Readonly<Record<string, string>>
  /** The word for equal rows in the last line; `agree` without it. */
  readonly verb?: string
  /** False for suites that open the named folders or objects themselves. */
  readonly readsFiles?: boolean
  run(inputs: readonly Input[], options: Options, paths: readonly string[]): Iterable<Row> | AsyncIterable<Row>
  /** `key value` pairs that follow `N of M agree` on the last line. */
  totals?(): readonly (readonly [key: string, value: string | number])[]
}

/** A mistake of the caller: usage, a missing file, a table of another shape. Exit code 2. */
export class UsageError extends Error {
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/** The outcome of playing a row; a row that cannot be played has an error as its outcome, and differs. */
export const played = (play: () => string): string => {
  try {
    return play()
  } catch (error) {
    return `not played: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** A suite's line in the table of suites; its module is loaded only when it is asked for. */
export interface SuiteEntry {
  /** The files it reads: `golden/caps-exec.tsv`. */
  readonly files: string
  /** The comparison, in a few words. */
  readonly compares: string
  load(): Promise<Suite>
}
