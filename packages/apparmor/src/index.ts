/** AppArmor as Linux 6.12 has it. */
export { ApparmorError } from './errors.ts'
export type { ApparmorErrorCode, ApparmorErrorParts } from './errors.ts'
