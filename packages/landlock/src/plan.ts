/** `@lsmkit/landlock/plan`: what a ruleset handles and grants, as masks, for other holders of the same rules. */
export { planOf } from './builder.ts'
export type { RulesetOptions } from './builder.ts'
export { ACCESS_FILE, abis, maskOf, rightNames } from './rights.ts'
export type { LandlockAbi, RightKind } from './rights.ts'
