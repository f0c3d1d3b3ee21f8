/** Options as rows of a table, and the readers of their values: commander is not needed for them. */

export interface Row {
  /** As commander writes them: `-q, --quiet`, `--lsm <names>`. */
  readonly flags: string
  readonly help: string
  /** Values that a shell offers. */
  readonly values?: readonly string[]
  /** Reads one; `collect` keeps all. */
  readonly read?: (text: string, before: never) => unknown
  /** The value of an option that is not given. */
  readonly standard?: number
  /** The help of the option over a policy file (`sandbox`), which has no such option without it. */
  readonly box?: string
}

export const row = (flags: string, help: string, more: Omit<Row, 'flags' | 'help'> = {}): Row =>
  ({ flags, help, ...more })

export const JSON_TEXT = 'print one JSON document on stdout'

/** Thrown by the reader of an option. commander makes a usage error of it, as it knows its own kind by the code. */
export class ValueError extends Error {
  readonly code = 'commander.invalidArgument'
  readonly exitCode = 1
}

/** Keeps every value of an option that may be repeated. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** The same of lists: `a,b` is `a` and `b`. */
export const collectList = (value: string, before: readonly string[] = []): readonly string[] =>
  [...before, ...value.split(',')]

export const many = { read: collect as Row['read'] } as Pick<Row, 'read'>

/** Of a user, or of a group with the same number. */
export const userId = (text: string): number => {
  const uid = Number(text)
  if (!/^\d+$/.test(text) || uid > 0xfffffffe) throw new ValueError('it is a number from 0 to 4294967294')
  return uid
}
