/**
 * An operation of a recorded table: C text for each task that takes part. The suites play it on our kernel;
 * `record/operations` compiles the same text for a real one.
 */

/** The output of an operation beside its errno: a kind that the suite knows, and a name or text for it. */
export type OutcomeKind = readonly [kind: string, what?: string]

export interface Operation {
  /** By process 1, which may do everything, before anybody else is there. */
  readonly setup?: string
  /** By the other task, which then waits. */
  readonly other?: string
  /** By the task of the row, before anything is noted. */
  readonly before?: string
  /** By the task of the row: each call must succeed for the next one to run, and the last one answers. */
  readonly act: string
  readonly tells?: OutcomeKind
  /** Why it cannot be played: our kernel lacks what it is about. */
  readonly absent?: string
}

export type Operations = Readonly<Record<string, Operation>>

/** The same setting up for several: a line each. */
export const each = (shared: Omit<Operation, 'act'>, acts: Readonly<Record<string, string>>): Operations =>
  Object.fromEntries(Object.entries(acts).map(([name, act]) => [name, { ...shared, act }]))
