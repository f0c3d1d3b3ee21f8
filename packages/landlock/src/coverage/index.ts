/** `@lsmkit/landlock/coverage`: which rules of which rulesets granted something. */
export { LandlockCoverage } from './coverage.ts'
export type { CoveredLandlockRule, CoveredRuleset, RulesetCoverage } from './coverage.ts'
