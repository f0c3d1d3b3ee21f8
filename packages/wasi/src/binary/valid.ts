/** The engine's verdict on a module. */
import type { BuildTime } from '../build-time.ts'
import { ProgramError } from '../errors.ts'

/** It must have been weighed: engines can take gigabytes to say so. */
export const assertValid = (bytes: Uint8Array<ArrayBuffer>, time: BuildTime): void => {
  time.look()
  if (!WebAssembly.validate(bytes)) throw new ProgramError('malformed-module', 'the module is not valid')
}
