/** Records of a log, refusals and grants, asked of another policy. */
import type { Replayed } from '@lsmkit/core/policy/audit-log'
import { explainAccess } from '../query/access.ts'
import type { DenialReason } from '../query/access.ts'
import { QueryError } from '../query/errors.ts'
import type { TeRules } from '../query/te-rules.ts'
import type { SecurityServer } from '../server/security-server.ts'
import type { AvcRecord } from './avc-line.ts'
import { failingParts, settingText } from './reasons.ts'

const REASONS: Readonly<Record<DenialReason, string>> = {
  rule: 'no rule allows it', boolean: 'a boolean is off', constraint: 'a constraint denies it',
  role: 'the role may not change', bounds: 'the bounds of its type deny it',
}

/**
 * `server` holds the policy that `rules` search. Names that the policy does not have are refused, with the reason in
 * `why` and the name in `unknown`.
 */
export function* replayedRecords(
  records: Iterable<AvcRecord>, server: SecurityServer, rules: TeRules,
): Generator<Replayed> {
  const known = new Map<string, Answer>()
  for (const record of records) {
    const { line, action, scontext, tcontext, tclass, permissions, unnamed } = record
    const access = `${scontext} ${tcontext} ${tclass} ${[...permissions, ...unnamed].join(' ')}`
    let answer = known.get(access)
    if (answer === undefined) {
      if (known.size === MOST_KNOWN) known.clear()
      known.set(access, (answer = answerOf(record, server, rules)))
    }
    yield { line, was: action, access, ...answer }
  }
}

/** The same as a list. */
export const replayRecords = (
  records: Iterable<AvcRecord>, server: SecurityServer, rules: TeRules,
): Replayed[] => [...replayedRecords(records, server, rules)]

type Answer = Pick<Replayed, 'now' | 'why' | 'unknown'>

/** The first name of a record that the policy does not have; the whole contexts where each of their types is known. */
const unknownIn = (record: AvcRecord, { view }: TeRules): string => {
  const { source, target, tclass, permissions, scontext, tcontext } = record
  for (const type of [source, target]) if (!view.hasType(type)) return `type ${type}`
  if (!view.hasClass(tclass)) return `class ${tclass}`
  const known = view.names.permissions[view.tclass(tclass)]!
  const odd = permissions.find((name) => !known.includes(name))
  return odd === undefined ? `context ${scontext} or ${tcontext}` : `permission ${odd} of ${tclass}`
}

/** Answers that are remembered: logs ask the same again and again. */
const MOST_KNOWN = 100_000

const answerOf = (
  record: AvcRecord, server: SecurityServer, rules: TeRules,
): Answer => {
  const { scontext, tcontext, tclass, permissions, unnamed: [number] } = record
  if (number !== undefined) {
    const unknown = `permission ${number} of ${tclass}`
    return { now: 'denied', why: `the policy has no ${unknown}`, unknown }
  }
  try {
    const { permissions: told, permissive } = explainAccess(server, rules, scontext, tcontext, tclass, permissions)
    const denied = told.filter(({ allowed }) => !allowed)
    if (denied.length === 0) return { now: 'granted', why: '' }
    const why = denied.map((answer) => {
      const parts = failingParts(server, rules, [scontext, tcontext], tclass, answer)
      const more = answer.reason === 'boolean' ? settingText(answer) : parts.join('; or ')
      return `${answer.permission}: ${REASONS[answer.reason!]}${more === '' ? '' : ` (${more})`}`
    }).join('; ')
    return { now: 'denied', why: permissive ? `${why} (the domain is permissive)` : why }
  } catch (error) {
    if (error instanceof QueryError) {
      return { now: 'denied', why: error.message, unknown: unknownIn(record, rules) }
    }
    throw error
  }
}
