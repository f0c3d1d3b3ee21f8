/** Errors of this package: objects that an LSM would not have, and an LSM that breaks the framework's rules. */
import { LsmkitError } from '@lsmkit/core'

export type TestkitCode =
  /** A hook refused while an object was being made. */
  | 'refused'
  /** A check of the conformance kit failed. */
  | 'nonconforming'
  /** This runtime cannot say whether the LSM conforms. */
  | 'undecided'
  /** A scenario came out otherwise than it says. */
  | 'differs'
  /** Scenarios used less of the rules than they should. */
  | 'uncovered'

/** A builder, a matcher or a check of the kit that cannot go on; `code` says why. */
export class TestkitError extends LsmkitError<TestkitCode> {}
