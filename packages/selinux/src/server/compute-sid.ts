/** The context of what a subject makes, is a member of, or relabels (security_compute_sid). */
import { EINVAL } from '@lsmkit/abi'
import {
  AVTAB_MEMBER, AVTAB_TRANSITION, DEFAULT_GLBLUB, DEFAULT_SOURCE, DEFAULT_SOURCE_HIGH,
  DEFAULT_SOURCE_LOW, DEFAULT_SOURCE_LOW_HIGH, DEFAULT_TARGET, DEFAULT_TARGET_HIGH, DEFAULT_TARGET_LOW,
  DEFAULT_TARGET_LOW_HIGH, OBJECT_R_VAL,
} from '../policydb/constants.ts'
import { SecurityContext } from './context.ts'
import type { MlsRange } from './levels.ts'
import type { LoadedPolicy } from './loaded-policy.ts'
import type { TypeRuleKind } from './type-rules.ts'

export interface SidRequest {
  readonly kind: TypeRuleKind
  readonly source: SecurityContext
  readonly target: SecurityContext
  /** The policy's number; an unknown one has no rules. */
  readonly tclass: number
  /** The kernel counts sockets with processes. */
  readonly isSocket: boolean
  /** The last component of the path, of transitions. */
  readonly name: string | null
}

const lowOnly = ({ low }: MlsRange): MlsRange => ({ low, high: low })
const highOnly = ({ high }: MlsRange): MlsRange => ({ low: high, high })

/** As mls_compute_sid; null when the ranges have no sensitivity in common. */
const rangeOf = (policy: LoadedPolicy, request: SidRequest, likeSource: boolean): MlsRange | null => {
  const { kind, source, target, tclass } = request
  if (kind === AVTAB_MEMBER) return lowOnly(source)
  if (kind === AVTAB_TRANSITION) {
    const range = policy.rangeTransition(source.type, target.type, tclass)
    if (range !== null) return range
    switch (policy.classOf[tclass]?.item.defaultRange) {
      case DEFAULT_SOURCE_LOW:
        return lowOnly(source)
      case DEFAULT_SOURCE_HIGH:
        return highOnly(source)
      case DEFAULT_SOURCE_LOW_HIGH:
        return source
      case DEFAULT_TARGET_LOW:
        return lowOnly(target)
      case DEFAULT_TARGET_HIGH:
        return highOnly(target)
      case DEFAULT_TARGET_LOW_HIGH:
        return target
      case DEFAULT_GLBLUB:
        return policy.levels.glblub(source, target)
    }
  }
  return likeSource ? source : lowOnly(source)
}

const typeOf = (policy: LoadedPolicy, request: SidRequest, likeSource: boolean): number => {
  const { kind, source, target, tclass, name } = request
  const named = name === null || kind !== AVTAB_TRANSITION ? 0 : policy.nameTransition(
    source.type, target.type, tclass, name,
  )
  if (named !== 0) return named
  const ruled = policy.typeRules.find(kind, source.type, target.type, tclass, policy.states)
  if (ruled !== 0) return ruled
  const from = policy.classOf[tclass]?.item.defaultType
  if (from === DEFAULT_SOURCE || (from !== DEFAULT_TARGET && likeSource)) return source.type
  return target.type
}

const roleOf = (policy: LoadedPolicy, request: SidRequest, likeSource: boolean): number => {
  const { kind, source, target, tclass } = request
  const changed = kind === AVTAB_TRANSITION ? policy.roleTransition(source.role, target.type, tclass) : 0
  if (changed !== 0) return changed
  const from = policy.classOf[tclass]?.item.defaultRole
  if (from === DEFAULT_SOURCE) return source.role
  if (from === DEFAULT_TARGET) return target.role
  return likeSource ? source.role : OBJECT_R_VAL
}

/** A context that may not be valid, or -EINVAL. */
export const computeContext = (policy: LoadedPolicy, request: SidRequest): SecurityContext | number => {
  const { kind, source, target, tclass, isSocket } = request
  const likeSource = isSocket || (tclass !== 0 && tclass === policy.process)
  const fromTarget = kind === AVTAB_MEMBER || policy.classOf[tclass]?.item.defaultUser === DEFAULT_TARGET
  const user = fromTarget ? target.user : source.user
  const role = roleOf(policy, request, likeSource)
  const type = typeOf(policy, request, likeSource)
  const range =
    policy.mls ? rangeOf(policy, request, likeSource) : { low: policy.levels.none, high: policy.levels.none }
  return range === null ? -EINVAL : new SecurityContext(user, role, type, range.low, range.high)
}
