/** Contexts a user can be logged in with, coming from another context (security_get_user_sids). */
import { SecurityContext } from './context.ts'
import { dominates, isBetween } from './levels.ts'
import type { MlsRange } from './levels.ts'
import type { LoadedPolicy } from './loaded-policy.ts'

/** As mls_setup_user_range; null when the levels of user and caller have nothing in common. */
const rangeFor = (policy: LoadedPolicy, from: MlsRange, user: number): MlsRange | null => {
  const clearance = policy.userRange(user)
  const normal = policy.levels.of(policy.user(user)!.defaultLevel)
  const low =
    isBetween(normal, from.low, from.high) ? normal
      : isBetween(from.low, normal, clearance.high) ? from.low
        : isBetween(from.high, clearance.low, normal) ? clearance.low
          : null
  if (low === null) return null
  if (dominates(clearance.high, from.high)) return { low, high: from.high }
  return dominates(from.high, clearance.high) ? { low, high: clearance.high } : null
}

/** Every role of the user with every type of it, whether `from` may change to them or not. */
export const userContexts = (policy: LoadedPolicy, from: SecurityContext, user: number): SecurityContext[] => {
  const range = policy.mls ? rangeFor(policy, from, user) : { low: policy.levels.none, high: policy.levels.none }
  if (range === null) return []
  const contexts: SecurityContext[] = []
  for (const role of policy.user(user)!.roles) {
    for (const type of policy.db.roles.items.find(({ value }) => value === role + 1)?.types ?? []) {
      contexts.push(new SecurityContext(user, role + 1, type + 1, range.low, range.high))
    }
  }
  return contexts
}
