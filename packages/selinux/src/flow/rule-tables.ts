/** Which rules of a policy count: all of them, or those that its booleans put in force. */
import { evaluateConditional } from '../policydb/conditional-guard.ts'
import type { Avtab } from '../policydb/avtab.ts'
import type { PolicyView } from '../query/view.ts'

/**
 * The values of booleans: `any` counts both branches of every condition, a record counts over the policy's own values.
 */
export type BooleanStates = 'any' | Readonly<Record<string, boolean>>

/** Throws QueryError for a boolean that the policy does not have. */
export const tablesInForce = (view: PolicyView, booleans: BooleanStates): Avtab[] => {
  const { policy } = view
  if (booleans === 'any') {
    return [policy.avtab, ...policy.conditionals.flatMap(({ whenTrue, whenFalse }) => [whenTrue, whenFalse])]
  }
  const states = new Map(policy.booleans.items.map(({ value, state }) => [value, state]))
  for (const [name, state] of Object.entries(booleans)) states.set(view.boolean(name), state)
  return [policy.avtab, ...policy.conditionals.map((conditional) =>
    evaluateConditional(conditional.expression, (value) => states.get(value) ?? false)
      ? conditional.whenTrue : conditional.whenFalse)]
}
