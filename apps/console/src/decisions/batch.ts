/**
 * Decisions on their way from the worker to the page: columns of numbers, which move without being copied, and the
 * texts that are new since the batch before.
 */

/** In the order of `verdictNames`. */
export const verdictNames = ['allow', 'denial', 'would-deny', 'fault'] as const
export type VerdictName = (typeof verdictNames)[number]

/** The tables that texts are numbered in. */
export const textKinds = ['hook', 'lsm', 'task', 'object', 'call', 'reason'] as const
export type TextKind = (typeof textKinds)[number]

/**
 * One decision a row; the numbers of texts are those of their table. `terminal` is 1 for what the terminal does for
 * itself: it starts a shell, reads keys and shows text.
 */
export const columnNames = [
  'hook',
  'lsm',
  'task',
  'object',
  'call',
  'reason',
  'verdict',
  'rc',
  'serial',
  'callSerial',
  'pid',
  'answer',
  'terminal',
] as const
export type ColumnName = (typeof columnNames)[number]

/** In the column `answer`, beside -errno: the call succeeded, or it has not ended. */
export const SUCCEEDED = 0
export const NOT_ENDED = 1

export interface Batch {
  readonly count: number
  /** Milliseconds since the epoch. */
  readonly times: Float64Array<ArrayBuffer>
  readonly columns: Readonly<Record<ColumnName, Int32Array<ArrayBuffer>>>
  readonly texts: Readonly<Record<TextKind, readonly string[]>>
  /** System calls that ended, by number. Allowed ones are left out while there are too many to show. */
  readonly calls: readonly { readonly serial: number; readonly text: string; readonly isRefused: boolean }[]
  /** Answers of calls whose decisions began in a batch before. */
  readonly answers: readonly { readonly serial: number; readonly answer: number }[]
  /** Decisions that no record could be made of. */
  readonly missed: number
}
