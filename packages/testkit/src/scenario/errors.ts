/** Errors in a scenario itself; a failed expectation is a difference, not an error. */
import { LsmkitError } from '@lsmkit/core'

export type ScenarioCode = 'no-yaml' | 'bad-field' | 'unknown-field' | 'unknown-name' | 'unknown-lsm' | 'setup'

/** A file that is not a scenario, or a machine that cannot be set up as it says; `place` is a line of it. */
export class ScenarioError extends LsmkitError<ScenarioCode> {}
