/** `@lsmkit/testkit/costs`: what each hook of a module costs, beside a hook that does nothing. */
export { costLines } from './cost-lines.ts'
export { hookCosts } from './hook-costs.ts'
export type { Cost, CostOptions, HookCost } from './hook-costs.ts'
