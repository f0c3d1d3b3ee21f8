/**
 * Access decisions by the indexes of a loaded policy (context_struct_compute_av); `compute-av-reference.ts` is the
 * plain one.
 */
import { AVD_FLAGS_NEVERAUDIT, AVD_FLAGS_PERMISSIVE, AvDecision } from './decision.ts'
import { SecurityContext } from './context.ts'
import type { LoadedPolicy } from './loaded-policy.ts'

/** Nothing granted, nothing audited but denials. */
export const clearDecision = (out: AvDecision): void => {
  out.allowed = 0
  out.auditallow = 0
  out.auditdeny = -1
  out.flags = 0
  if (out.xperms.len !== 0) {
    out.xperms.len = 0
    out.xperms.base = 0
    out.xperms.drivers.fill(0)
  }
}

/** Called with the mask that the bounds of a source's type take away, in the policy's bits. */
export type OnBounds = (source: SecurityContext, target: SecurityContext, tclass: number, masked: number) => void

/** What a type may do is less than what bounds it may do: the rest is taken away (type_attribute_bounds_av). */
const applyBounds = (
  policy: LoadedPolicy, source: SecurityContext, target: SecurityContext, tclass: number, out: AvDecision,
  onBounds: OnBounds | null,
): void => {
  const { user, role, low, high } = source
  const bound = new SecurityContext(user, role, policy.bounds[source.type]!, low, high)
  const targetBound = policy.bounds[target.type]!
  const object =
    targetBound === 0 ? target : new SecurityContext(target.user, target.role, targetBound, target.low, target.high)
  const limit = new AvDecision()
  clearDecision(limit)
  grant(policy, bound, object, tclass, limit, onBounds)
  const masked = out.allowed & ~limit.allowed
  if (masked === 0) return
  out.allowed &= limit.allowed
  onBounds?.(source, target, tclass, masked)
}

/** Everything but flags and extended permissions, into a cleared decision. */
const grant = (
  policy: LoadedPolicy, source: SecurityContext, target: SecurityContext, tclass: number, out: AvDecision,
  onBounds: OnBounds | null,
): void => {
  const loaded = policy.classOf[tclass]
  if (loaded === undefined) return
  policy.av.collect(source.type, target.type, tclass, out)
  let allowed = out.allowed
  const { masks, entries } = loaded
  const { constraints } = policy
  for (let i = 0; i < masks.length; i++) {
    const refused = masks[i]! & allowed
    if (refused !== 0 && !constraints.holds(entries[i]!, source, target, null)) allowed &= ~refused
  }
  if (
    tclass === policy.process &&
    (allowed & policy.processTransitions) !== 0 &&
    source.role !== target.role &&
    !policy.mayChangeRole(source.role, target.role)
  ) {
    allowed &= ~policy.processTransitions
  }
  out.allowed = allowed
  if (allowed !== 0 && policy.bounds[source.type] !== 0) applyBounds(policy, source, target, tclass, out, onBounds)
}

/** `tclass` is the policy's number; an unknown one grants nothing. The masks are in the policy's bits. */
export const computeAv = (
  policy: LoadedPolicy, source: SecurityContext, target: SecurityContext, tclass: number, out: AvDecision,
  onBounds: OnBounds | null = null,
): void => {
  clearDecision(out)
  const { permissive, neveraudit } = policy.db
  if (permissive.has(source.type)) out.flags |= AVD_FLAGS_PERMISSIVE
  if (neveraudit.has(source.type)) out.flags |= AVD_FLAGS_NEVERAUDIT
  grant(policy, source, target, tclass, out, onBounds)
  if (policy.xperms.has(tclass)) {
    policy.xperms.collectDrivers(source.type, target.type, tclass, policy.states, out.xperms)
  }
}
