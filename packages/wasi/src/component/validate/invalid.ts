/** The error of a component that is not valid. */
import { ProgramError } from '../../errors.ts'

export const invalid = (what: string): ProgramError =>
  new ProgramError('malformed-module', `the component is not valid: ${what}`)
