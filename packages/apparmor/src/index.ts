/** AppArmor as Linux 6.12 has it: the LSM. Policy without a stack is in the other entries. */
export { ApparmorError } from './errors.ts'
export type { ApparmorErrorCode, ApparmorErrorParts } from './errors.ts'
export { apparmor } from './lsm.ts'
export type { ApparmorOptions } from './lsm.ts'
