/** Errors of native confinement: on a host that cannot do it, and for a policy that this kernel cannot hold. */
// not from the whole core: a thread that only makes sockets starts with this file
import { LsmkitError } from '@lsmkit/core/option-rules'
import type { LsmkitErrorParts } from '@lsmkit/core'

export type NativeErrorCode =
  /** The system, the processor or the kernel has no such walls. */
  | 'unsupported'
  /** Lines of the policy have no wall on this kernel, and `accept` does not name them. */
  | 'not-held'
  /** A path of the policy cannot be opened, or leads over a link. */
  | 'no-path'
  /** The program is not there, or may not be executed. */
  | 'no-program'
  /** There is no such role in the policy. */
  | 'no-role'
  /** There is no preset of that name. */
  | 'no-preset'
  /** A system call of the start failed. Nothing ran. */
  | 'start-failed'

export interface NativeErrorParts extends LsmkitErrorParts {
  /** Ids of the lines that have no wall. */
  readonly gaps?: readonly string[]
}

/** Throws before a program starts: nothing has run unconfined. */
export class NativeError extends LsmkitError<NativeErrorCode> {
  readonly gaps: readonly string[]

  constructor(
    code: NativeErrorCode, message: string | readonly string[], { gaps = [], ...parts }: NativeErrorParts = {},
  ) {
    super(code, message, parts)
    this.gaps = [...gaps]
  }
}
