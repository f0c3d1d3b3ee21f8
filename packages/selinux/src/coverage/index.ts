/** `@lsmkit/selinux/coverage`: which rules of a policy were used. */
export { PolicyCoverage } from './coverage.ts'
export type { CoveredRule, RuleCoverage, Use } from './coverage.ts'
export { coveredLines } from './lines.ts'
export type { CoveredLine } from './lines.ts'
