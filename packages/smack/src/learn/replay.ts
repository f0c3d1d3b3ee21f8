/** Accesses of a log asked of other rules. */
import type { Replayed } from '@lsmkit/core/policy/audit-log'
import type { Policy } from '../policy.ts'
import type { LoggedAccess } from '../rule-file/audit-log.ts'
import { explainAccess } from '../rule-file/explain.ts'

/** The recorded answer to each access, and the policy's answer. */
export function* replayedAccesses(accesses: Iterable<LoggedAccess>, policy: Policy): Generator<Replayed> {
  for (const { line, action, subject, object, modes, request } of accesses) {
    const { allowed, reason } = explainAccess(policy, { subject, object, request })
    const access = `${subject} ${object} ${modes}`
    yield { line, was: action, now: allowed ? 'granted' : 'denied', access, why: reason }
  }
}

/** The same as a list. */
export const replayAccesses = (accesses: Iterable<LoggedAccess>, policy: Policy): Replayed[] =>
  [...replayedAccesses(accesses, policy)]
