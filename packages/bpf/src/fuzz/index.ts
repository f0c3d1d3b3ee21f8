/** The targets of the standing fuzzers of this repository; not published. */
import { vmlinuxBtf } from '../vmlinux/index.ts'
import { objectAttempt } from './fuzz-objects.ts'
import type { ObjectOutcome } from './fuzz-objects.ts'

export { ENGINE_PROGRAMS, engineAttempt } from './fuzz-engines.ts'
export { LOAD_PROGRAMS, loadAttempt } from './fuzz-loads.ts'
export { changedAttempt, programAttempt } from './fuzz-verifier.ts'
export { Random } from '../testing/random.ts'

/** Object files with CO-RE against the BTF of our own kernel. */
export const ownObjectAttempt = (objects: readonly Uint8Array[]): ((seed: number) => ObjectOutcome) =>
  objectAttempt(objects, vmlinuxBtf())
