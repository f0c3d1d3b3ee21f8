/** Mistakes in how `@lsmkit/node/register` is used. */
import { LsmkitError } from '@lsmkit/core'

export class RegisterError extends LsmkitError<'no-policy'> {}
