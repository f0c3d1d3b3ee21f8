/** `@lsmkit/sandbox/denials`: refusals as sentences, records and permits, for packages that refuse by other means. */
export { denialOf } from './denials.ts'
export type { DenialContext } from './denials.ts'
export type { CallRefusal, DeniedAct, Denial, Permit } from './denial.ts'
