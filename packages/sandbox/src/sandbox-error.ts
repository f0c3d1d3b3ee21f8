/** Errors in making boxes and running programs in them. */
import { oneLine } from '@lsmkit/abi'
import { LsmkitError } from '@lsmkit/core/option-rules'
import type { LsmkitErrorParts } from '@lsmkit/core'

export type SandboxErrorCode =
  /** A policy that says what no box can keep: a glob, a path that is not absolute. */
  | 'bad-policy'
  /** The tree of the box cannot be made: a mount, a directory, a device. */
  | 'bad-tree'
  /** A name of the policy leads over a link, which somebody else may have made. */
  | 'link'
  /** Needs `inline: true`, or may not have it. */
  | 'inline-only'
  /** A module, or a shell, cannot be loaded. */
  | 'no-module'
  /** `allow: { hosts }` where the host opens no connections. */
  | 'no-network'
  /** The box is closed. */
  | 'closed'
  /** There is no snapshot, no shell, no such user; what a name of the policy named is gone. */
  | 'not-there'
  /** This host lacks what an option needs. */
  | 'bad-host'
  /** The worker that the kernels live in has ended. */
  | 'worker-ended'
  /** A policy, a permit or a run is more than the managed maximum allows. `places` has each thing. */
  | 'wider'
  /** Programs run in the box, so its layers cannot be changed. */
  | 'busy'
  /** `apply` has written nothing: the host has changed what would be written. `places` says what. */
  | 'host-changed'
  /** `apply` has failed in the middle, and could not take everything back. */
  | 'half-applied'
  /** A component has given the body of its answer up. */
  | 'answer-incomplete'
  /** An earlier `apply` was ended in its middle: `places` says where what it replaced is. */
  | 'unfinished'

/** One of the places that an error is about. */
export interface ErrorPlace {
  /** In the box, exactly. */
  readonly path: string
  readonly reason: string
}

export interface SandboxErrorParts extends LsmkitErrorParts {
  readonly places?: readonly ErrorPlace[]
}

/** A box that cannot be made, or is asked for what it cannot do. `code` says which. */
export class SandboxError extends LsmkitError<SandboxErrorCode> {
  /** All that the error is about, where that is more than one place. */
  readonly places: readonly ErrorPlace[]

  constructor(
    code: SandboxErrorCode, message: string | readonly string[], { places = [], ...parts }: SandboxErrorParts = {},
  ) {
    super(code, message, parts)
    this.places = places.map(({ path, reason }) => ({ path, reason: oneLine(reason) }))
  }
}
