/** A learner of one module: it gives proposals, the text they make, and rules that forbid them. */
import type { Proposal } from '@lsmkit/core/policy/audit-log'
import type { RulesetOptions } from '@lsmkit/landlock'
import type { Policy as SandboxPolicy } from '@lsmkit/sandbox'
import type { Io } from '../../io.ts'
import type { LogInput } from './log-input.ts'

export interface LearnChoice {
  readonly smackRules?: readonly string[]
  readonly policy?: string
  /** Local changes of that policy. */
  readonly local?: readonly string[]
  /** The labels that paths should have. */
  readonly fileContexts?: string
  readonly source?: readonly string[]
  readonly generalise?: boolean
  /** A policy of a box that is added to. */
  readonly base?: string
}

/** A rule that forbids a proposal, or makes it useless. */
export interface Objection {
  readonly message: string
  /** Line of the log; null where it is of no one record. */
  readonly line: number | null
}

export interface Learned {
  /** Records that were learned from. */
  readonly records: number
  /** Of these, or of what they ask for: allowed by now. */
  readonly already: number
  readonly proposals: readonly Proposal[]
  /** All of it as policy. */
  readonly text: string
  readonly objections: readonly Objection[]
  /** Of Landlock: the same as options of `ruleset`. */
  readonly options?: RulesetOptions
  /** Of a box. */
  readonly policy?: SandboxPolicy
}

export interface Learner {
  /** The sign that begins a comment in its policy. */
  readonly comment: string
  readonly learn: (io: Io, input: LogInput, choice: LearnChoice) => Learned
}
