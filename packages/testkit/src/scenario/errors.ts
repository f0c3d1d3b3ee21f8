/** Errors in a scenario itself; a failed expectation is a difference, not an error. */
import { errnoName } from '@lsmkit/abi'
import { LsmkitError } from '@lsmkit/core'

export type ScenarioCode = 'no-yaml' | 'bad-field' | 'unknown-field' | 'unknown-name' | 'unknown-lsm' | 'setup'

/** A file that is not a scenario, or a machine that cannot be set up as it says; `place` is a line of it. */
export class ScenarioError extends LsmkitError<ScenarioCode> {}

/** A system call of the set-up that failed with `rc`, -errno. */
export class SetupRefused extends ScenarioError {
  readonly rc: number

  constructor(rc: number, summary: string) {
    super('setup', summary, { hint: 'process 1 sets the scenario up' })
    this.rc = rc
  }
}

/** The answer of a call of the set-up. Throws SetupRefused for -errno. */
export const must = (rc: number, what: string): number => {
  if (rc >= 0) return rc
  throw new SetupRefused(rc, `${what}: ${errnoName(rc)}`)
}
