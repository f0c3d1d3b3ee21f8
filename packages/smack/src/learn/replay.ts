/** Accesses of a log asked of other rules. */
import type { Replayed } from '@lsmkit/core/audit-log'
import type { Policy } from '../policy.ts'
import type { LoggedAccess } from '../rule-file/audit-log.ts'
import { explainAccess } from '../rule-file/explain.ts'

/** What each access was answered, and would be by the policy. */
export const replayAccesses = (accesses: readonly LoggedAccess[], policy: Policy): Replayed[] =>
  accesses.map(({ line, action, subject, object, modes, request }) => {
    const { allowed, reason } = explainAccess(policy, { subject, object, request })
    const access = `${subject} ${object} ${modes}`
    return { line, was: action, now: allowed ? 'granted' : 'denied', access, why: reason }
  })
