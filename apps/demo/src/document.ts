/** The tour as one JSON document: what `--json` prints, and all that the text is made of. */
import type { ServerAttack } from './attacked-server.ts'
import type { DetectorEvent } from './bpf-objects.ts'
import type { Cost } from './cost.ts'
import type { Learning } from './learning.ts'
import type { Outcome } from './outcome.ts'
import type { PolicyReasons } from './policy-reasons.ts'

/** Grows when a reader of the older document would be wrong. */
export const SCHEMA = 2

export interface TourDocument {
  readonly schema: number
  readonly foreignPolicy: boolean
  readonly attempts: readonly { readonly id: string; readonly title: string }[]
  readonly subjects: readonly { readonly id: string; readonly title: string }[]
  readonly columns: readonly ColumnDocument[]
  /** By system call, of a visit to the last column. */
  readonly hooks: Readonly<Record<string, CallDocument>>
  /** Of `--full` and `--json`. */
  readonly learning?: Learning
}

export interface ColumnDocument extends ColumnFindings {
  readonly cost: Cost
}

/** All findings except the measurements. */
export interface ColumnFindings {
  readonly title: string
  readonly cmdline: string
  /** null: security is off. */
  readonly lsms: readonly string[] | null
  readonly boot: readonly string[]
  /** As init reads it in /proc/self/attr/current; null where no LSM has labels for tasks. */
  readonly initLabel: string | null
  /** The outcome of the attack on a web server. */
  readonly server: ServerAttack
  /** In the order of `subjects`. */
  readonly runs: readonly RunDocument[]
  /** Under a policy that is not the tour's: why it let the first subject do what it did. */
  readonly policy?: PolicyReasons
}

export interface RunDocument {
  readonly work: string
  /** As Ruby's script reads it in its own attr/current, or init where it may not; and of the C program. */
  readonly label: string | null
  readonly toolLabel: string | null
  /** By attempt; none for what makes no sense in the column. */
  readonly outcomes: Readonly<Record<string, Outcome>>
  /** As the kernel words them: the first record of each pair of hook and LSM, and of each pair of target and right. */
  readonly denials: readonly string[]
  readonly avcs: readonly string[]
  /** Every record, in the last column alone. */
  readonly audit?: readonly object[]
  /** The detector's events, if it was attached. */
  readonly events?: readonly DetectorEvent[]
}

interface CallDocument {
  readonly calls: number
  readonly hooks: Readonly<Record<string, number>>
}
