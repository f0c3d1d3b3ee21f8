/** Errors of a fleet: a code for programs, a sentence, a place, and what to do about it. */
import { LsmkitError } from '@lsmkit/core/option-rules'

export type FleetErrorCode =
  /** A key, a value, a prefix or an id that no store takes. */
  | 'bad-key'
  | 'too-large'
  /** Somebody has written the key since it was read. */
  | 'conflict'
  /** The store did not have the revision in time. */
  | 'stale'
  /** A record of the store is damaged, or was written by something else. */
  | 'damaged'
  /** The store is closed, or cannot be reached; what it needs is not installed. */
  | 'closed'
  | 'unreachable'
  | 'no-driver'
  /** The user has no right to do that. */
  | 'not-permitted'
  /** There is no such value, bundle, part or key. */
  | 'not-there'
  /** A bundle that is not built or signed as one has to be. */
  | 'bad-bundle'
  | 'bad-signature'
  | 'too-few-signatures'
  | 'unknown-key'
  | 'bad-key-file'
  /** A bundle whose time, epoch, tenant or needs are not those of this host. */
  | 'expired'
  | 'not-yet'
  | 'old-epoch'
  | 'wrong-tenant'
  | 'needs'
  /** A policy of a bundle cannot be read, or does not answer as the bundle says. */
  | 'bad-policy'
  | 'scenario-failed'
  | 'question-failed'
  | 'not-applied'
  /** A policy allows more than its maximum, or that cannot be proved. */
  | 'wider'
  | 'not-proved'
  /** No policy holds yet, or the one that does is expired. */
  | 'no-policy'
  /** There is no rollout, or another one, or its rings are not right. */
  | 'rollout'
  /** Another agent uses the folder. */
  | 'locked'
  /** There is no room for decisions, and none may be lost. */
  | 'spool-full'
  /** A filter of decisions that cannot be read. */
  | 'bad-filter'
  /** A host could not be brought back to what it has. */
  | 'no-way-back'

/** `code` says what is wrong, `place` where. */
export class FleetError extends LsmkitError<FleetErrorCode> {}

/** The message of anything that was thrown, in one line. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
