/** SIDs of a new policy: the initial ones, and those handed out under the old one, by name. */
import type { LoadedPolicy } from './loaded-policy.ts'
import { contextText, parseContext } from './context-text.ts'
import { SECINITSID_INIT, SECINITSID_KERNEL, SECINITSID_UNLABELED } from '../initial-sids.ts'
import { initialSidNames, SECINITSID_NUM, SidTable } from './sid-table.ts'

/**
 * As policydb_load_isids. The kernel (`exact`) leaves those out that it does not use any more, and until a policy has
 * the capability userspace_initial_context, the SID of the first program has the kernel's context.
 */
export const initialSidTable = (policy: LoadedPolicy, exact: boolean): SidTable => {
  const sids = new SidTable()
  const ownInit = policy.policycaps.has('userspace_initial_context')
  for (const { sid, context } of policy.db.initialSids) {
    if (sid < 1 || sid > SECINITSID_NUM || (exact && initialSidNames[sid] === null)) continue
    if (exact && sid === SECINITSID_INIT && !ownInit) continue
    sids.setInitial(sid, policy.context(context))
    if (exact && sid === SECINITSID_KERNEL && !ownInit) sids.setInitial(SECINITSID_INIT, policy.context(context))
  }
  return sids
}

/**
 * Gives every SID of the old table the context of the same names in the new policy, or keeps its text where the policy
 * does not know it; a text that the new policy knows becomes a context. Answers the SIDs that lost theirs.
 */
export const convertSids = (before: LoadedPolicy, old: SidTable, policy: LoadedPolicy, sids: SidTable): number[] => {
  const unlabelled = sids.own(SECINITSID_UNLABELED)
  const range = before.mls === policy.mls ? null : unlabelled
  const lost: number[] = []
  for (let sid = SECINITSID_NUM + 1; sid < old.end; sid++) {
    const context = old.own(sid)
    const text = context === null ? old.text(sid)! : contextText(before, context)
    const converted = parseContext(policy, text, context === null ? null : range)
    sids.append(converted, text)
    if (context !== null && converted === null) lost.push(sid)
  }
  return lost
}
