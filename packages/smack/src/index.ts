/** `@lsmkit/smack`: Smack as Linux 6.12 has it. Labels, rules and decisions alone are `@lsmkit/smack/engine`. */
export { SmackError } from './errors.ts'
export type { Diagnostic, Place, RuleErrorCode, RuleWarningCode } from './errors.ts'
export { smack } from './lsm.ts'
export type { SmackOptions } from './lsm.ts'
export * from './deprecated.ts'
