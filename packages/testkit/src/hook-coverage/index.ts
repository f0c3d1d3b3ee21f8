/** `@lsmkit/testkit/hook-coverage`: a reporter for vitest that says which parts of a module's hooks the tests ran. */
export { hookCoverage } from './reporter.ts'
export type { HookCoverageReporter } from './reporter.ts'
