/** `@lsmkit/apparmor/policydb`: policy binaries, read and written. Needs no stack. */
export { ApparmorError, errnoOf } from '../errors.ts'
export type { ApparmorErrorCode, ApparmorErrorParts } from '../errors.ts'
export * from '../classes.ts'
export { bytesName, nameBytes } from '../name.ts'
export * from '../perms.ts'
export * from './policy.ts'
