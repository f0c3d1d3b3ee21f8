/** Records of a log, refusals and grants, asked of another policy. */
import type { Replayed } from '@lsmkit/core/audit-log'
import { explainAccess } from '../query/access.ts'
import type { DenialReason } from '../query/access.ts'
import { QueryError } from '../query/errors.ts'
import type { TeRules } from '../query/te-rules.ts'
import type { SecurityServer } from '../server/security-server.ts'
import type { AvcRecord } from './avc-line.ts'

const REASONS: Readonly<Record<DenialReason, string>> = {
  rule: 'no rule allows it', boolean: 'a boolean is off', constraint: 'a constraint denies it',
  role: 'the role may not change', bounds: 'the bounds of its type deny it',
}

/** `server` holds the policy that `rules` search. What the policy has no names for is refused, and `why` says so. */
export const replayRecords = (
  records: readonly AvcRecord[], server: SecurityServer, rules: TeRules,
): Replayed[] => {
  const known = new Map<string, Pick<Replayed, 'now' | 'why'>>()
  return records.map(({ line, action, scontext, tcontext, tclass, permissions }) => {
    const access = `${scontext} ${tcontext} ${tclass} ${permissions.join(' ')}`
    let answer = known.get(access)
    if (answer === undefined) known.set(access, (answer = ask()))
    return { line, was: action, access, ...answer }

    function ask(): Pick<Replayed, 'now' | 'why'> {
      try {
        const { permissions: told, permissive } = explainAccess(server, rules, scontext, tcontext, tclass, permissions)
        const denied = told.filter(({ allowed }) => !allowed)
        if (denied.length === 0) return { now: 'granted', why: '' }
        const why = denied.map(({ permission, reason }) => `${permission}: ${REASONS[reason!]}`).join('; ')
        return { now: 'denied', why: permissive ? `${why} (the domain is permissive)` : why }
      } catch (error) {
        if (error instanceof QueryError) return { now: 'denied', why: error.message }
        throw error
      }
    }
  })
}
