/** SIDs of a new policy: the initial ones, and those handed out under the old one, by name. */
import type { LoadedPolicy } from './loaded-policy.ts'
import { PolicyError } from '../policydb/errors.ts'
import { Ebitmap } from '../policydb/ebitmap.ts'
import { SecurityContext } from './context.ts'
import { contextText, parseContext } from './context-text.ts'
import type { MlsLevel, MlsRange } from './levels.ts'
import { SECINITSID_INIT, SECINITSID_KERNEL, SECINITSID_UNLABELED, SECSID_NULL } from '../initial-sids.ts'
import { initialSidNames, SECINITSID_NUM, SidTable } from './sid-table.ts'

/**
 * As policydb_load_isids. The kernel (`exact`) leaves those out that it does not use any more, and until a policy has
 * the capability userspace_initial_context, the SID of the first program has the kernel's context. Throws PolicyError
 * if SID 0, which stands for no label, has a context.
 */
export const initialSidTable = (policy: LoadedPolicy, exact: boolean): SidTable => {
  const sids = new SidTable()
  const ownInit = policy.policycaps.has('userspace_initial_context')
  for (const { sid, context } of policy.db.initialSids) {
    if (sid === SECSID_NULL) throw new PolicyError('bad-value', 'initial SID 0 has a context')
    if (sid > SECINITSID_NUM || (exact && initialSidNames[sid] === null)) continue
    if (exact && sid === SECINITSID_INIT && !ownInit) continue
    sids.setInitial(sid, policy.context(context))
    if (exact && sid === SECINITSID_KERNEL && !ownInit) sids.setInitial(SECINITSID_INIT, policy.context(context))
  }
  return sids
}

/**
 * The level of the same names, each category by its own: the new policy may have them in another order. Null of what it
 * has not.
 */
const convertLevel = ({ names }: LoadedPolicy, { sens, cats }: MlsLevel, policy: LoadedPolicy): MlsLevel | null => {
  const sensitivity = policy.sensitivities.get(names.sensitivities[sens]!)
  const categories = Array.from(cats, (bit) => policy.categories.get(names.categories[bit + 1]!))
  if (sensitivity === undefined || categories.includes(undefined)) return null
  return policy.levels.of({ sens: sensitivity, cats: Ebitmap.of(categories.map((value) => value! - 1)) })
}

/** As mls_convert_context; a policy that had no ranges before gives those of the unlabelled. Null of none. */
const convertRange = (
  before: LoadedPolicy, { low, high }: MlsRange, policy: LoadedPolicy, unlabelled: MlsRange | null,
): MlsRange | null => {
  if (!policy.mls) return { low: policy.levels.none, high: policy.levels.none }
  if (!before.mls) return unlabelled
  const from = convertLevel(before, low, policy)
  const to = low === high ? from : convertLevel(before, high, policy)
  return from === null || to === null ? null : { low: from, high: to }
}

/** As convert_context: null where the new policy lacks a name, or what they make is not valid. */
const convertContext = (
  before: LoadedPolicy, context: SecurityContext, policy: LoadedPolicy, unlabelled: MlsRange | null,
): SecurityContext | null => {
  const { names } = before
  const user = policy.users.get(names.users[context.user]!)
  const role = policy.roles.get(names.roles[context.role]!)
  const type = policy.types.get(names.types[context.type]!)
  const range = convertRange(before, context, policy, unlabelled)
  if (user === undefined || role === undefined || type === undefined || range === null) return null
  const converted = new SecurityContext(user, role, type, range.low, range.high)
  return policy.isValid(converted) ? converted : null
}

/**
 * Gives every SID of the old table the context of the same names in the new policy, or keeps its text where the policy
 * does not know it; a text that the new policy knows becomes a context. Answers the SIDs that lost theirs.
 */
export const convertSids = (before: LoadedPolicy, old: SidTable, policy: LoadedPolicy, sids: SidTable): number[] => {
  const unlabelled = sids.own(SECINITSID_UNLABELED)
  const lost: number[] = []
  for (let sid = SECINITSID_NUM + 1; sid < old.end; sid++) {
    const context = old.own(sid)
    if (context === null) {
      const text = old.text(sid)!
      sids.append(parseContext(policy, text) ?? text)
      continue
    }
    const converted = convertContext(before, context, policy, unlabelled)
    sids.append(converted ?? contextText(before, context))
    if (converted === null) lost.push(sid)
  }
  return lost
}
