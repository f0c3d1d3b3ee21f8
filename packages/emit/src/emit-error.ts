/** Errors of this package: a policy or a file that cannot be used, with its place and a hint. */
import { LsmkitError } from '@lsmkit/core'

/**
 * `no-allow`: the policy has no `allow`, so there is nothing to write. `unknown-format`: no format has that name.
 * `bad-file`: a file is not what its format asks for. `bad-question`: a question that cannot be asked.
 */
export type EmitErrorCode = 'no-allow' | 'unknown-format' | 'bad-file' | 'bad-question'

export class EmitError extends LsmkitError<EmitErrorCode> {}

export const badFile = (place: string, message: string, hint: string | null = null): EmitError =>
  new EmitError('bad-file', message, { place, hint })
