/** `@lsmkit/landlock`: programs that confine themselves, as Linux 6.12 has it and later. */
export { LandlockError, ruleset } from './builder.ts'
export type { RestrictOptions, Restriction, RulesetOptions, RulesetPlan } from './builder.ts'
export { landlock } from './lsm.ts'
export type { LandlockLsm, LandlockOptions } from './lsm.ts'
export type { LandlockAbi } from './rights.ts'
export * from './deprecated.ts'
