/** `@lsmkit/selinux/coverage`: which rules of a policy were used. */
export { PolicyCoverage } from './coverage.ts'
export type { CoveredRule, RuleCoverage } from './coverage.ts'
export { coveredLines } from './lines.ts'
export type { CoveredLine } from './lines.ts'
export type { CoveredTransition, TransitionCoverage } from './transitions.ts'
export type { TransitionUse, Use } from './use.ts'
